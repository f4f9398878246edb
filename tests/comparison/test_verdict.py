"""Plans, rows, medians and verdicts, from figures made by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest

from pconc_tui.comparison.plan import models_of, newest_each, planned, usual_workers
from pconc_tui.comparison.report import COLUMNS, as_text, fitting, write_csv
from pconc_tui.comparison.rows import Row, rows, spread
from pconc_tui.comparison.scale import fitting_scale, single_runs, trials
from pconc_tui.comparison.verdict import Verdict, verdict
from pconc_tui.experiments import load
from pconc_tui.models import FREE_THREADED
from pconc_tui.monitor.comparison_run import ComparisonRun
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Case, Plan
from pconc_tui.snapshot import Comparison, Progress, Wait
from tests.comparison.comparisons import (
    FREE,
    INTERPRETERS,
    PROCESSES,
    PY311,
    PY313T,
    PY313T_GIL_ON,
    PY314,
    THREADS,
    USUAL,
    comparison,
    measured,
)


def judged(found: Comparison) -> Verdict:
    return verdict(rows(found), found.current is None)


def row_of(found: Comparison, case: Case) -> Row:
    return next(row for row in rows(found) if row.case == case)


def plan_of(*pythons: Interpreter, models: list[str] | None = None, scale: float | None = None) -> Plan:
    return planned(load("cpu-bound"), "calls", pythons, models, (4, 2, 4), 2, scale, 2)


# Plans


def test_all_models_that_an_interpreter_can_run_are_compared() -> None:
    experiment = load("cpu-bound")
    assert models_of(experiment, PY311) == ["threads", "processes", "asyncio", "thread-pool", "process-pool"]
    assert {"interpreters", "interpreter-pool"} <= set(models_of(experiment, PY314))
    assert models_of(experiment, PY313T)[0] == FREE_THREADED
    assert models_of(experiment, PY313T_GIL_ON)[0] == "threads"
    assert models_of(load("shared-value"), PY314)[0] == "processes"


def test_what_was_asked_for_and_can_not_be_run_is_skipped_with_the_reason() -> None:
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
        planned(load("cpu-bound"), "calls", [PY314], None, range(1, 257), 100, 1.0, 2)


def test_usual_numbers_of_workers_and_interpreters() -> None:
    assert [usual_workers(cores) for cores in (1, 2, 8, 256)] == [(1, 2), (2, 4), (2, 8, 16), (2, 128, 256)]
    older = replace(PY311, version="3.11.2", path="/older")
    assert newest_each([older, PY311, PY313T]) == (PY311, PY313T)


def test_the_default_scale_makes_it_take_about_a_minute() -> None:
    plan = plan_of(PY314, models=["threads", "processes"])
    assert sum(single_runs(plan, case) for case in plan.steps) == 2 * (3 + 5 + 2 + 3)
    assert fitting_scale(plan, 10.0) == pytest.approx(58 / 26 / 10, abs=1e-3)
    assert fitting_scale(plan, 0.01) == 1.0
    many = replace(plan, cases=plan.cases * 100)
    assert fitting_scale(many, 1.0) == 0.15


# Going through a plan


def test_a_comparison_tries_first_and_then_measures_all_in_rounds() -> None:
    plan = plan_of(PY314, models=["threads", "processes"])
    comparing = ComparisonRun(plan, 0)
    first = comparing.request()
    assert first is not None
    assert (first.workers, first.scale) == (1, 0.05)
    comparing.take(measured(plan.cases[0], 0.5, 0.6), 10**9)
    asked = []
    for second, case in enumerate(plan.steps, 2):
        request = comparing.request()
        assert request is not None
        asked.append((request.model, request.workers, request.python))
        assert request.scale == fitting_scale(plan, 10.0)
        assert comparing.view(second * 10**9, None).current == case
        comparing.take(measured(case, 1.0, 2.0), second * 10**9)
    assert asked == [(case.model, case.workers, "/py/3.14") for case in plan.steps]
    assert comparing.request() is None
    ended = comparing.view(99 * 10**9, None)
    assert (ended.current, ended.fraction, ended.left_s, ended.elapsed_s) == (None, 1.0, 0.0, 8.0)


def test_time_left_follows_from_what_is_done() -> None:
    plan = plan_of(PY314, models=["threads"], scale=1.0)
    comparing = ComparisonRun(plan, 0)
    assert comparing.view(0, None).left_s is None
    going = comparing.view(10**9, Progress("cpu-bound", "threads", "one run", 0.5))
    assert going.fraction == pytest.approx(2 / 20)
    assert going.left_s == pytest.approx(9.0)


def test_the_scale_is_tried_by_the_newest_interpreter_and_where_that_fails_by_the_next() -> None:
    plan = plan_of(PY311, PY314, models=["threads"])
    comparing = ComparisonRun(plan, 0)
    assert trials(plan) == trials(plan_of(PY314, PY311, models=["threads"]))
    for python in (PY314, PY311):
        request = comparing.request()
        assert request is not None
        assert (request.python, request.scale) == (python.path, 0.05)
        comparing.take(measured(plan.cases[0], 1.0, None, problem="Thread-1: gone"), 1)
    first = comparing.request()
    assert first is not None
    assert (first.python, first.workers, first.scale) == (PY311.path, plan.cases[0].workers, 0.05)
    assert comparing.view(1, None).results == ()


# Rows


def test_figures_are_medians_with_ranges() -> None:
    found = spread([3.0, None, 1.0, 2.0])
    assert found is not None
    assert (found.least, found.median, found.most, found.relative) == (1.0, 2.0, 3.0, 1.0)
    assert spread([None]) is None


def test_speed_up_is_against_one_run_of_the_interpreters_first_model() -> None:
    found = comparison({THREADS: [4.0], PROCESSES: [2.0], FREE: [2.0]})
    results = tuple(
        (case, replace(each, one_run_s={"threads": 1.0, "processes": 1.5, "free-threaded": 2.0}[case.model]))
        for case, each in found.results
    )
    found = replace(found, results=results)
    row = row_of(found, PROCESSES)
    assert row.speedup is not None
    assert row.one_run is not None
    assert (row.speedup.median, row.one_run.median) == (2.0, 1.5)
    free = row_of(found, FREE)
    assert free.speedup is not None
    assert (free.speedup.median, free.vs_fastest) == (4.0, 2.0)


def test_an_incomplete_row_has_no_time_and_says_why() -> None:
    found = comparison({THREADS: [4.0, None], PROCESSES: [2.0, 2.0]})
    results = tuple((case, replace(each, problem=None if each.n_runs_s else "killed")) for case, each in found.results)
    row = row_of(replace(found, results=results), THREADS)
    assert (row.time, row.speedup, row.vs_fastest, row.problem) == (None, None, None, "killed")
    assert "incomplete: killed" in "\n".join(as_text(replace(found, results=results)))


def test_runs_that_never_end_are_no_incomplete_measurement() -> None:
    waits = (Wait("Thread-1", "B", "Thread-2"), Wait("Thread-2", "A", "Thread-1"))
    found = comparison({THREADS: [None, None], PROCESSES: [2.0, 2.0]}, deadlock=waits)
    assert " never " in "\n".join(as_text(found))
    assert str(judged(found)) == "No verdict: a deadlock: the 4 runs as threads never ended"


def test_cases_not_measured_yet_have_no_row() -> None:
    assert rows(replace(USUAL, results=())) == ()
    assert "No verdict: incomplete" in "\n".join(as_text(replace(USUAL, results=())))
    file = io.StringIO()
    write_csv(replace(USUAL, results=()), file)
    write_csv(USUAL, file)


def test_unknown_figures_are_dashes() -> None:
    found = comparison({THREADS: [4.0], PROCESSES: [2.0]}, rss=None, pss=None, cores_busy=None, launch_s=None)
    row = rows(found)[0]
    shown = {column.title: column.value(row) for column in COLUMNS}
    assert [shown[title] for title in ("RSS", "PSS", "busy", "launch")] == ["-"] * 4


def test_columns_go_by_rank_where_it_is_narrow() -> None:
    assert len(fitting((), None)) == len(COLUMNS) - 1
    narrow = [column.title for column in fitting((), 78)]
    assert {"python", "model", "N", "N runs", "speed-up"} <= set(narrow)
    assert "ideal" not in narrow


# Verdicts


def test_the_usual_verdict() -> None:
    assert str(judged(USUAL)) == (
        "Threads under 3.14: 1.02 x on 4 workers; 74 % of their time went to waiting for the GIL. "
        "Processes: 1.97 x on 2 cores, ideal 2. "
        "Use processes or interpreters, or a free-threaded build (1.90 x under 3.13t)."
    )


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (
            {THREADS: [3.9, 4.0, 4.1], PROCESSES: [2.0, 2.0, 2.1], INTERPRETERS: [3.0, 3.0, 3.0]},
            "Threads: 1.00 x on 4 workers; 74 % of their time went to waiting for the GIL. "
            "Processes: 2.00 x on 2 cores, ideal 2. Use processes.",
        ),
        (
            {THREADS: [3.9, 4.0, 4.1], FREE: [2.0, 2.0, 2.1]},
            "Threads under 3.14: 1.00 x on 4 workers; 74 % of their time went to waiting for the GIL. "
            "Use a free-threaded build (2.00 x under 3.13t).",
        ),
        (
            {THREADS: [3.9, 4.0, 4.1], PROCESSES: [3.8, 3.9, 4.1], FREE: [4.0, 4.0, 4.1]},
            "Threads under 3.14: 1.00 x on 4 workers; 74 % of their time went to waiting for the GIL. "
            "Processes: 1.03 x, ideal 2. No model gains anything here.",
        ),
        (
            {THREADS: [3.9, 4.0, 4.1], FREE: [4.0, 4.0, 4.1]},
            "Threads under 3.14: 1.00 x on 4 workers; 74 % of their time went to waiting for the GIL. "
            "Free-threaded: 1.00 x, ideal 2. No model gains anything here.",
        ),
        (
            {THREADS: [2.0, 2.0, 2.1], PROCESSES: [2.0, 2.0, 2.1]},
            "Threads: 2.00 x on 4 workers, ideal 2; processes do as well. Use threads: nothing is faster.",
        ),
        (
            {THREADS: [2.0, 2.0, 2.1], PROCESSES: [3.0, 3.0, 3.1]},
            "Threads: 2.00 x on 4 workers, ideal 2. Use threads: nothing is faster.",
        ),
        (
            {THREADS: [4.0, 4.0, 4.1], Case("threads", PY311, 4): [8.0, 8.0, 8.2]},
            "Threads, 4 workers: 3.14 is the fastest, 4.00 s; 3.11 takes 8.00 s.",
        ),
        (
            {THREADS: [4.0, 4.0, 4.1], Case("threads", PY311, 4): [4.0, 4.0, 4.2]},
            "Threads, 4 workers: no interpreter is faster than another.",
        ),
    ],
)
def test_verdicts(times: dict[Case, Sequence[float | None]], text: str) -> None:
    assert judged(comparison(times)) == Verdict(text, True)


def test_where_workers_only_wait_the_ideal_is_their_number() -> None:
    found = judged(comparison({THREADS: [1.0, 1.02], PROCESSES: [1.05, 1.06]}, needs_core=False, gil_wait=0.0))
    assert found.text.startswith("Threads: 3.96 x on 4 workers, ideal 4; processes do as well.")


def test_a_free_threaded_build_that_is_slow_alone_says_so() -> None:
    found = comparison({THREADS: [4.0, 4.0], PROCESSES: [2.0, 2.0], FREE: [4.0, 4.0]})
    slow = tuple((case, replace(each, one_run_s=2.0) if case == FREE else each) for case, each in found.results)
    assert "(2.00 x under 3.13t, 1.00 x of the fastest single run)" in judged(replace(found, results=slow)).text


@pytest.mark.parametrize(
    ("times", "changes", "why"),
    [
        ({THREADS: [4.0]}, {"finished": False}, "incomplete: not all"),
        ({THREADS: [4.0, None], PROCESSES: [2.0, 2.0]}, {"problem": "killed"}, "incomplete: threads under 3.14: kil"),
        ({THREADS: [4.0], PROCESSES: [2.0]}, {}, "measured once"),
        ({THREADS: [0.1, 0.1], PROCESSES: [0.05, 0.05]}, {"one_run_s": 0.02}, "too short: one run took 20.0 ms"),
        ({THREADS: [4.0, 4.0], PROCESSES: [3.0, 3.0]}, {"launch_s": 2.0}, "too short: starting processes takes 2.00 s"),
        ({THREADS: [3.0, 4.0, 5.0], PROCESSES: [2.0, 3.0, 4.0]}, {}, "too noisy: the ranges overlap, threads 0.80"),
        (
            {THREADS: [3.0, 4.0, 5.0], FREE: [1.9, 3.1, 4.2]},
            {},
            "ranges overlap, threads 0.80 to 1.33 x, free-threaded",
        ),
        ({THREADS: [3.0, 3.0, 3.0], PROCESSES: [2.9, 3.3, 4.0]}, {}, "too noisy: the ranges overlap, threads 1.33"),
        ({THREADS: [4.0, 4.0], PROCESSES: [1.5, 1.5]}, {}, "too noisy: processes 2.67 x is more than the 2 x possible"),
        ({THREADS: [4.0, 4.0]}, {}, "nothing to compare: one model, one interpreter"),
        ({Case("threads", PY314, 1): [1.0, 1.0], Case("processes", PY314, 1): [1.0, 1.0]}, {}, "one worker runs alone"),
        ({THREADS: [3.0, 4.0, 5.0], Case("threads", PY311, 4): [3.1, 4.0, 5.0]}, {}, "too noisy: the ranges overlap"),
    ],
)
def test_no_verdict_where_the_figures_carry_none(
    times: dict[Case, list[float | None]], changes: dict[str, object], why: str
) -> None:
    found = judged(comparison(times, **changes))  # type: ignore[arg-type]
    assert not found.found
    assert why in found.text
    assert str(found).startswith("No verdict: ")
