"""Plans: which cases a comparison measures, and what it skips."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.comparison.plan import default_models, default_worker_counts, make_plan, newest_of_each
from pconc_tui.experiments import load
from pconc_tui.models import FREE_THREADED
from tests.comparison.comparisons import PY311, PY313T, PY313T_GIL_ON, PY314, plan_of


def test_all_models_that_an_interpreter_can_run_are_compared() -> None:
    experiment = load("cpu-bound")
    assert default_models(experiment, PY311) == ["threads", "processes", "asyncio", "thread-pool", "process-pool"]
    assert {"interpreters", "interpreter-pool"} <= set(default_models(experiment, PY314))
    assert default_models(experiment, PY313T)[0] == FREE_THREADED
    assert default_models(experiment, PY313T_GIL_ON)[0] == "threads"
    assert default_models(load("shared-value"), PY314)[0] == "processes"


def test_a_requested_model_that_can_not_run_is_skipped_with_the_reason() -> None:
    plan = plan_of(PY311, PY314, models=["threads", "interpreters"])
    assert [(case.model, case.python.short, case.workers) for case in plan.cases] == [
        ("threads", "3.11", 2),
        ("threads", "3.11", 4),
        ("threads", "3.14", 2),
        ("threads", "3.14", 4),
        ("interpreters", "3.14", 2),
        ("interpreters", "3.14", 4),
    ]
    (skipped,) = plan.skipped
    assert "needs CPython 3.14" in skipped.reason
    assert len(plan.steps) == 12


@pytest.mark.parametrize(
    ("models", "message"),
    [(["interpreters"], "needs CPython 3.14"), (["free-threaded"], "uv python install"), (["fibers"], "does not run")],
)
def test_a_plan_without_cases_says_why(models: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_of(PY311, models=models)


def test_too_many_measurements_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        make_plan(load("cpu-bound"), "calls", [PY314], None, range(1, 257), 100, 1.0, 2)


def test_default_worker_counts_and_interpreters() -> None:
    assert [default_worker_counts(cores) for cores in (1, 2, 8, 256)] == [(1, 2), (2, 4), (2, 8, 16), (2, 128, 256)]
    older = replace(PY311, version="3.11.2", path="/older")
    assert newest_of_each([older, PY311, PY313T]) == (PY311, PY313T)
