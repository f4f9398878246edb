"""Rows: medians, ranges and speed-ups of a comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.comparison.rows import Row, rows, skipped, spread
from pconc_tui.comparison.verdict import verdict
from pconc_tui.measurement import Comparison, Wait
from pconc_tui.requests import Case
from tests.comparison.comparisons import FREE, PROCESSES, PY311, THREADS, USUAL, comparison


def row_of(found: Comparison, case: Case) -> Row:
    return next(row for row in rows(found) if row.case == case)


def test_figures_are_medians_with_ranges() -> None:
    found = spread([3.0, None, 1.0, 2.0])
    assert found is not None
    assert (found.least, found.median, found.most, found.relative_range) == (1.0, 2.0, 3.0, 1.0)
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


def test_an_incomplete_row_has_no_time_and_the_reason() -> None:
    found = comparison({THREADS: [4.0, None], PROCESSES: [2.0, 2.0]})
    results = tuple((case, replace(each, problem=None if each.n_runs_s else "killed")) for case, each in found.results)
    row = row_of(replace(found, results=results), THREADS)
    assert (row.n_runs, row.speedup, row.vs_fastest, row.problem) == (None, None, None, "killed")


def test_a_case_that_has_not_been_measured_has_no_row() -> None:
    assert rows(replace(USUAL, results=())) == ()


def test_a_row_whose_runs_never_end_is_not_incomplete() -> None:
    waits = (Wait("Thread-1", "B", "Thread-2"), Wait("Thread-2", "A", "Thread-1"))
    row = row_of(comparison({THREADS: [None, None]}, deadlock=waits), THREADS)
    assert (row.deadlock, row.problem, row.n_runs) == (True, None, None)


@pytest.mark.parametrize(
    "problem",
    [
        "Thread-1: ModuleNotFoundError: No module named 'numpy'",
        "Task-12: ImportError: cannot import name 'batched' from 'itertools' (unknown location)",
        "Process-1: AttributeError: module 'itertools' has no attribute 'batched'",
        "Thread-1: SyntaxError: invalid syntax",
        "Thread-1: can't be run: work.py has no 'it'",
        "can't start /py/3.11: No such file or directory",
    ],
)
def test_what_an_interpreter_can_not_run_is_skipped_and_counts_in_nothing(problem: str) -> None:
    missing = Case("threads", PY311, 4)
    found = comparison({THREADS: [3.9, 4.0], PROCESSES: [2.0, 2.0]})
    failed = replace(found.results[0][1], one_run_s=0.001, n_runs_s=None, problem=problem, core_share=0.0)
    both = replace(
        found,
        plan=replace(found.plan, cases=(missing, *found.plan.cases)),
        results=((missing, failed), *found.results, (missing, failed)),
    )
    assert rows(both) == rows(found)
    assert [(each.model, each.python, each.reason) for each in skipped(both)] == [("threads", PY311, problem)]
    assert verdict(rows(both), True) == verdict(rows(found), True)
    assert verdict(rows(both), True).found


@pytest.mark.parametrize("problem", ["Process-1: killed by signal 9", "Thread-1: ValueError: module is odd"])
def test_a_row_that_failed_for_another_reason_is_incomplete(problem: str) -> None:
    found = comparison({THREADS: [4.0, 4.0], PROCESSES: [2.0, 2.0]}, problem=problem)
    assert [row.problem for row in rows(found)] == [problem, problem]
    assert skipped(found) == ()
