"""What a comparison measures, in which order, and how long that takes: arithmetic about models and interpreters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pconc_tui.experiments import Experiment
from pconc_tui.interpreters import Interpreter
from pconc_tui.models import (
    FREE_THREADED,
    STARTING_PROCESSES,
    described,
    unavailable,
    unknown,
    wrong_start_method,
)

REPEAT = 3
MOST_STEPS = 20_000
BUDGET_S = 60
SHORTEST_S = 0.15
"""Shorter runs say more of launching and of noise than of the work."""
LAUNCHING_S = 0.25
"""What a measurement takes besides its work, in the mean over the models."""
_OWN_CORES = ("processes", "process-pool", "interpreters", "interpreter-pool")


@dataclass(frozen=True)
class Case:
    """One model under one interpreter with so many workers."""

    model: str
    python: Interpreter
    workers: int
    start_method: str | None = None
    """How its processes are started; None: as the interpreter does by itself."""

    @property
    def name(self) -> str:
        """The model, and how its processes are started where that was asked for."""
        return described(self.model, self.start_method)


@dataclass(frozen=True)
class Skipped:
    """What was asked for and can't be run."""

    model: str
    python: Interpreter
    reason: str


@dataclass(frozen=True)
class Plan:
    """All cases of a comparison, each measured `repeat` times, in rounds so that drift meets all of them alike."""

    experiment: str
    variant: str
    cases: tuple[Case, ...]
    repeat: int
    scale: float | None
    """None: to be found out, so that it all takes about a minute."""
    cores: int
    needs_core: bool
    skipped: tuple[Skipped, ...] = ()

    @property
    def steps(self) -> tuple[Case, ...]:
        return self.cases * self.repeat

    @property
    def trials(self) -> tuple[Case, ...]:
        """Cases whose single run can tell the scale: each interpreter's first, the newest's (shortest) leading."""
        first_of = {case.python: case for case in reversed(self.cases)}
        return tuple(sorted(first_of.values(), key=lambda case: case.python.release, reverse=True))

    def units(self, case: Case) -> float:
        """How many times as long as a single run the case's pair of runs takes."""
        if not self.needs_core:
            return 2.0
        apart = case.model in _OWN_CORES or (not case.python.gil_enabled and case.model != "asyncio")
        return 1.0 + (max(1.0, case.workers / self.cores) if apart else case.workers)

    def fitting_scale(self, run_s: float) -> float:
        """The scale at which it takes about a minute, where the trial's single run at scale 1 takes this long."""
        units = sum(map(self.units, self.steps))
        room = max(BUDGET_S / 4, BUDGET_S - LAUNCHING_S * len(self.steps))
        fitting = max(room / units, SHORTEST_S) / max(run_s, 1e-6)
        return round(min(1.0, fitting), 4)


def models_of(experiment: Experiment, python: Interpreter) -> list[str]:
    """The models to compare under an interpreter where none were asked for: all that it can run."""
    threads = FREE_THREADED if unavailable(FREE_THREADED, python) is None else "threads"
    models = [threads if model == "threads" else model for model in experiment.models]
    return [model for model in models if unavailable(model, python) is None]


def usual_workers(cores: int) -> tuple[int, ...]:
    """Numbers of workers up to twice the cores."""
    return tuple(sorted({2, min(cores, 128), min(2 * cores, 256)}))


def newest_each(found: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """One interpreter of each minor version and build, the newest."""
    return tuple({each.short: each for each in found}.values())


def planned(
    experiment: Experiment,
    variant: str,
    pythons: Sequence[Interpreter],
    models: Sequence[str] | None,
    workers: Sequence[int],
    repeat: int,
    scale: float | None,
    cores: int,
    start_methods: Sequence[str] = (),
) -> Plan:
    """The cases for what was asked; what can't be run is skipped with the reason. ValueError: nothing is left.

    `start_methods`: each for the models that start processes; none: as the interpreters do by themselves.
    """
    cases: list[Case] = []
    skipped: list[Skipped] = []
    for python in pythons:
        for model in dict.fromkeys(models_of(experiment, python) if models is None else models):
            if problem := unknown(model, experiment.id, experiment.models):
                raise ValueError(problem)
            methods = dict.fromkeys(start_methods) if model in STARTING_PROCESSES else {}
            for method in methods or (None,):
                reason = unavailable(model, python) or (method and wrong_start_method(method, model, python))
                if reason:
                    skipped.append(Skipped(model, python, reason))
                else:
                    cases += [Case(model, python, count, method) for count in sorted(set(workers))]
    if start_methods and not any(case.start_method for case in cases):
        wrong = [each.reason for each in skipped if each.model in STARTING_PROCESSES]
        raise ValueError(wrong[0] if wrong else f"a start method is for {' and '.join(STARTING_PROCESSES)}")
    if not cases:
        raise ValueError(skipped[0].reason if skipped else f"nothing found that can run {experiment.id}")
    if len(cases) * repeat > MOST_STEPS:
        raise ValueError(f"{len(cases) * repeat:,} measurements are too many; {MOST_STEPS:,} are the most")
    return Plan(
        experiment.id, variant, tuple(cases), repeat, scale, cores, experiment.needs_core, tuple(skipped)
    )  # fmt: skip
