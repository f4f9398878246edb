"""The plan of a comparison: its cases, and the combinations that can't run. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from pconc_tui.experiments import Experiment
from pconc_tui.models import (
    FREE_THREADED,
    STARTING_PROCESSES,
    interpreter_problem,
    model_problem,
    start_method_problem,
)
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Case, Plan, Skipped

REPEAT = 3
"""How often each case is measured where no number is requested."""
MAX_MEASUREMENTS = 20_000


def default_models(experiment: Experiment, python: Interpreter) -> list[str]:
    """The models to compare where none were requested: all that the interpreter can run."""
    threads = FREE_THREADED if interpreter_problem(FREE_THREADED, python) is None else "threads"
    models = [threads if model == "threads" else model for model in experiment.models]
    return [model for model in models if interpreter_problem(model, python) is None]


def default_worker_counts(cores: float) -> tuple[int, ...]:
    """The numbers of workers to compare where none were requested: 2, the cores, twice the cores; at most 256."""
    cores = math.ceil(cores)
    return tuple(sorted({2, min(cores, 128), min(2 * cores, 256)}))


def newest_of_each(found: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """The newest interpreter of each minor version and build, of interpreters that are sorted by version."""
    return tuple({each.short: each for each in found}.values())


def make_plan(
    experiment: Experiment,
    variant: str,
    pythons: Sequence[Interpreter],
    models: Sequence[str] | None,
    workers: Sequence[int],
    repeat: int,
    scale: float | None,
    cores: float,
    start_methods: Sequence[str] = (),
) -> Plan:
    """A case for each combination; those that can't run are skipped with the reason. ValueError: no case is left.

    `start_methods` apply to the models that start processes; none: each interpreter's default start method.
    """
    cases: list[Case] = []
    skipped: list[Skipped] = []
    for python in pythons:
        for model in dict.fromkeys(default_models(experiment, python) if models is None else models):
            if problem := model_problem(model, experiment.id, experiment.models):
                raise ValueError(problem)
            methods = dict.fromkeys(start_methods) if model in STARTING_PROCESSES else {}
            for method in methods or (None,):
                reason = interpreter_problem(model, python) or (method and start_method_problem(method, model, python))
                if reason:
                    skipped.append(Skipped(model, python, reason))
                else:
                    cases += [Case(model, python, count, method) for count in sorted(set(workers))]
    if start_methods and not any(case.start_method for case in cases):
        reasons = [each.reason for each in skipped if each.model in STARTING_PROCESSES]
        raise ValueError(reasons[0] if reasons else f"a start method is for {' and '.join(STARTING_PROCESSES)}")
    if not cases:
        raise ValueError(skipped[0].reason if skipped else f"no interpreter found that can run {experiment.id}")
    if len(cases) * repeat > MAX_MEASUREMENTS:
        raise ValueError(f"{len(cases) * repeat:,} measurements are too many; at most {MAX_MEASUREMENTS:,} are allowed")
    return Plan(experiment.id, variant, tuple(cases), repeat, scale, cores, experiment.needs_core, tuple(skipped))
