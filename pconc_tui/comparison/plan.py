"""What a comparison measures, in which order, and how long that takes: arithmetic about models and interpreters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pconc_tui.experiments import Experiment
from pconc_tui.models import FREE_THREADED, STARTING_PROCESSES, interpreter_problem, model_problem, start_method_problem
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Case, Plan, Skipped

REPEAT = 3
MOST_STEPS = 20_000


def default_models(experiment: Experiment, python: Interpreter) -> list[str]:
    """The models to compare under an interpreter where none were asked for: all that it can run."""
    threads = FREE_THREADED if interpreter_problem(FREE_THREADED, python) is None else "threads"
    models = [threads if model == "threads" else model for model in experiment.models]
    return [model for model in models if interpreter_problem(model, python) is None]


def default_worker_counts(cores: int) -> tuple[int, ...]:
    """Numbers of workers up to twice the cores."""
    return tuple(sorted({2, min(cores, 128), min(2 * cores, 256)}))


def newest_of_each(found: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """One interpreter of each minor version and build, the newest."""
    return tuple({each.short: each for each in found}.values())


def make_plan(
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
        wrong = [each.reason for each in skipped if each.model in STARTING_PROCESSES]
        raise ValueError(wrong[0] if wrong else f"a start method is for {' and '.join(STARTING_PROCESSES)}")
    if not cases:
        raise ValueError(skipped[0].reason if skipped else f"nothing found that can run {experiment.id}")
    if len(cases) * repeat > MOST_STEPS:
        raise ValueError(f"{len(cases) * repeat:,} measurements are too many; {MOST_STEPS:,} are the most")
    return Plan(
        experiment.id, variant, tuple(cases), repeat, scale, cores, experiment.needs_core, tuple(skipped)
    )  # fmt: skip
