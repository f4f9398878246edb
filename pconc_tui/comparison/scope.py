"""The scope of a comparison: which interpreters, models and numbers of workers it covers, and what can be chosen. Pure.

Example: 3.11 is chosen, 3.13t and 3.14 were found too. Beside 3.11 with threads and processes, the usual scope has
3.13t with free-threaded threads and 3.14 with interpreters, which 3.11 can't run.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace
from enum import Enum

from pconc_tui.comparison.plan import REPEAT, default_worker_counts, make_plan, newest_of_each
from pconc_tui.comparison.scale import estimate_s, single_runs
from pconc_tui.experiments import load
from pconc_tui.models import FREE_THREADED, STARTING_PROCESSES, all_models, interpreter_problem
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Plan
from pconc_tui.snapshot import Snapshot

USUAL_MODELS = ("threads", FREE_THREADED, "processes", "interpreters")
LEAST_TOP, MOST_WORKERS = 8, 256
"""The curve has at least 2, 4 and 8 workers."""


class Breadth(Enum):
    """Which interpreters a comparison covers."""

    THIS = "this"
    """The chosen one."""
    BESIDE = "beside"
    """The chosen one, and for each model that it can't run the newest that can."""
    ALL = "all"
    """The newest of each version and build."""


@dataclass(frozen=True)
class Scope:
    """What a comparison covers."""

    breadth: Breadth
    models: frozenset[str]
    workers: tuple[int, ...]

    def with_model_toggled(self, model: str) -> Scope:
        """With this model, or without it."""
        return replace(self, models=self.models ^ {model})


@dataclass(frozen=True)
class Offer:
    """What there is to compare."""

    experiment: str
    variant: str
    interpreter: Interpreter
    """The chosen one."""
    interpreters: tuple[Interpreter, ...]
    """All that were found, oldest first."""
    workers: int
    """The chosen number."""
    cores: float
    """The number of cores that the workers may use."""
    start_method: str | None = None
    """As in `Request`."""

    @property
    def models(self) -> tuple[str, ...]:
        """The experiment's models."""
        return all_models(load(self.experiment).models)

    @property
    def worker_counts(self) -> tuple[tuple[int, ...], ...]:
        """The chosen number; up to twice the cores; enough of them for a curve."""
        top = min(MOST_WORKERS, max(LEAST_TOP, int(2 * self.cores)))
        curve = tuple(2**power for power in range(1, top.bit_length()))
        return tuple(dict.fromkeys(((self.workers,), default_worker_counts(self.cores), curve)))

    @property
    def usual(self) -> Scope:
        """The scope that is offered first."""
        usual = [model for model in self.models if model in USUAL_MODELS]
        counts = self.worker_counts[1 if self.workers == 1 else 0]
        return Scope(Breadth.BESIDE, frozenset(usual or self.models), counts)

    def coverage(self, scope: Scope) -> dict[Interpreter, tuple[str, ...]]:
        """The models that run under each interpreter."""
        models = [model for model in self.models if model in scope.models]
        if scope.breadth is Breadth.ALL:
            pythons = newest_of_each(self.interpreters or (self.interpreter,))
            covered = {python: [model for model in models if runs(model, python)] for python in pythons}
        else:
            covered = {self.interpreter: [model for model in models if runs(model, self.interpreter)]}
            for model in models if scope.breadth is Breadth.BESIDE else ():
                able = [python for python in self.interpreters if runs(model, python)]
                if able and model not in covered[self.interpreter]:
                    covered.setdefault(max(able, key=lambda python: python.release), []).append(model)
        return {python: tuple(own) for python, own in covered.items() if own}

    def plan(self, scope: Scope) -> Plan:
        """The plan of this scope. ValueError: there is nothing to compare."""
        parts = [
            make_plan(
                load(self.experiment),
                self.variant,
                [python],
                models,
                scope.workers,
                REPEAT,
                1.0 if names_function(self.experiment) else None,
                self.cores,
                self._start_methods(python, models),
            )
            for python, models in self.coverage(scope).items()
        ]
        if not parts:
            raise ValueError("Nothing to compare: choose a model that runs under one of these interpreters.")
        return replace(parts[0], cases=tuple(case for part in parts for case in part.cases))

    def estimate_s(self, scope: Scope, run_s: float | None) -> float | None:
        """About how many seconds the comparison takes; None: unknown, or there is nothing to compare."""
        return estimate_s(self.plan(scope), run_s) if self.coverage(scope) else None

    def model_s(self, scope: Scope, model: str, run_s: float | None) -> float | None:
        """About how many seconds of a comparison that has this model are the model's; None: unknown."""
        plan = self.plan(replace(scope, models=scope.models | {model}))
        whole_s = estimate_s(plan, run_s)
        own = sum(single_runs(plan, case) for case in plan.steps if case.model == model)
        return None if whole_s is None else whole_s * own / sum(single_runs(plan, case) for case in plan.steps)

    def _start_methods(self, python: Interpreter, models: tuple[str, ...]) -> tuple[str, ...]:
        usable = self.start_method in python.start_methods and not set(models).isdisjoint(STARTING_PROCESSES)
        return (self.start_method,) if self.start_method and usable else ()


def runs(model: str, python: Interpreter) -> bool:
    """Whether a comparison has this model under this interpreter: threads without a GIL are free-threaded there."""
    if model == "threads" and interpreter_problem(FREE_THREADED, python) is None:
        return False
    return interpreter_problem(model, python) is None


def known_run_s(snapshot: Snapshot, experiment: str, variant: str) -> float | None:
    """About how many seconds a single run takes at scale 1, as measured, or else usually; None: unknown."""
    found = [
        each.one_run_s for each in snapshot.measurements if (each.experiment, each.variant) == (experiment, variant)
    ]
    last = snapshot.comparison
    if last and last.scale and (last.plan.experiment, last.plan.variant) == (experiment, variant):
        found += [each.one_run_s / last.scale for _, each in last.results if each.one_run_s]
    known = [each for each in found if each]
    return statistics.median(known) if known else load(experiment).one_run_s
