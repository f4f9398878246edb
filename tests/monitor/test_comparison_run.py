"""Going through the plan of a comparison, without a lab."""

from __future__ import annotations

import pytest

from pconc_tui.comparison.scale import fitting_scale
from pconc_tui.measurement import Progress
from pconc_tui.monitor.comparison_run import ComparisonRun
from tests.comparison.comparisons import PY311, PY314, measured, plan_of


def test_a_trial_comes_first_and_then_every_case_in_rounds() -> None:
    plan = plan_of(PY314, models=["threads", "processes"])
    run = ComparisonRun(plan, 0)
    first = run.next_request()
    assert first is not None
    assert (first.workers, first.scale) == (1, 0.05)
    run.add_result(measured(plan.cases[0], 0.5, 0.6), 10**9)
    requested = []
    for second, case in enumerate(plan.steps, 2):
        request = run.next_request()
        assert request is not None
        requested.append((request.model, request.workers, request.python))
        assert request.scale == fitting_scale(plan, 10.0)
        assert run.snapshot(second * 10**9, None).current == case
        run.add_result(measured(case, 1.0, 2.0), second * 10**9)
    assert requested == [(case.model, case.workers, "/py/3.14") for case in plan.steps]
    assert run.next_request() is None
    ended = run.snapshot(99 * 10**9, None)
    assert (ended.current, ended.fraction, ended.left_s, ended.elapsed_s) == (None, 1.0, 0.0, 8.0)


def test_the_time_left_follows_from_the_part_that_is_done() -> None:
    plan = plan_of(PY314, models=["threads"], scale=1.0)
    run = ComparisonRun(plan, 0)
    assert run.snapshot(0, None).left_s is None
    going = run.snapshot(10**9, Progress("cpu-bound", "threads", "one run", 0.5))
    assert going.fraction == pytest.approx(2 / 20)
    assert going.left_s == pytest.approx(9.0)


def test_where_a_trial_fails_the_next_interpreter_is_tried() -> None:
    plan = plan_of(PY311, PY314, models=["threads"])
    run = ComparisonRun(plan, 0)
    for python in (PY314, PY311):
        request = run.next_request()
        assert request is not None
        assert (request.python, request.scale) == (python.path, 0.05)
        run.add_result(measured(plan.cases[0], 1.0, None, problem="Thread-1: gone"), 1)
    first = run.next_request()
    assert first is not None
    assert (first.python, first.workers, first.scale) == (PY311.path, plan.cases[0].workers, 0.05)
    assert run.snapshot(1, None).results == ()


def test_one_that_is_ended_early_keeps_its_results() -> None:
    plan = plan_of(PY314, models=["threads"], scale=1.0)
    run = ComparisonRun(plan, 0)
    run.add_result(measured(plan.cases[0], 1.0, 2.0), 10**9)
    run.end("interrupted", 3 * 10**9)
    assert run.next_request() is None
    ended = run.snapshot(9 * 10**9, None)
    assert (ended.current, ended.problem, ended.finished, ended.elapsed_s) == (None, "interrupted", False, 3.0)
    assert len(ended.results) == 1
