"""Verdicts: what the figures of a comparison say, and when they carry no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pconc_tui.comparison.rows import rows
from pconc_tui.comparison.verdict import Verdict, verdict
from pconc_tui.measurement import Comparison, LockShares, Wait
from pconc_tui.requests import Case
from tests.comparison.comparisons import FREE, INTERPRETERS, PROCESSES, PY311, PY314, THREADS, USUAL, comparison


def verdict_on(found: Comparison) -> Verdict:
    return verdict(rows(found), found.current is None)


def test_the_usual_verdict() -> None:
    assert str(verdict_on(USUAL)) == (
        "Threads under 3.14: speed-up 1.02 with 4 workers; they waited for the GIL 74 % of their time. "
        "Processes: speed-up 1.97 on 2 cores, ideal 2. "
        "Use processes or interpreters, or a free-threaded build (speed-up 1.90 under 3.13t)."
    )


def test_a_model_that_takes_longer_all_the_same_is_not_recommended() -> None:
    found = comparison({THREADS: [4.0, 4.0], PROCESSES: [2.0, 2.0], FREE: [5.0, 5.0]})
    slow = tuple((case, replace(each, one_run_s=2.0) if case == FREE else each) for case, each in found.results)
    assert str(verdict_on(replace(found, results=slow))).endswith(
        "Use processes. A free-threaded build (speed-up 1.60 under 3.13t, 0.80 against the fastest single run) "
        "is slower: 4 runs take 5.00 s, threads 4.00 s."
    )
    without = tuple((case, each) for case, each in slow if case != PROCESSES)
    assert "No model is faster. A free-threaded build" in str(verdict_on(replace(found, results=without)))


def test_models_that_only_other_interpreters_have_are_judged_beside_the_baseline() -> None:
    threads, processes = Case("threads", PY311, 4), Case("processes", PY311, 4)
    found = comparison({threads: [4.0] * 3, processes: [2.0] * 3, FREE: [2.1] * 3, INTERPRETERS: [2.2] * 3})
    assert str(verdict_on(found)) == (
        "Threads under 3.11: speed-up 1.00 with 4 workers; they waited for the GIL 74 % of their time. "
        "Processes: speed-up 2.00 on 2 cores, ideal 2. "
        "Use processes, or a free-threaded build (speed-up 1.90 under 3.13t), "
        "or interpreters (speed-up 1.82 under 3.14)."
    )
    alone = comparison({threads: [4.0] * 3, INTERPRETERS: [2.2] * 3})
    assert str(verdict_on(alone)).endswith("of their time. Use interpreters (speed-up 1.82 under 3.14).")


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (
            {THREADS: [3.9, 4.0, 4.1], PROCESSES: [2.0, 2.0, 2.1], INTERPRETERS: [3.0, 3.0, 3.0]},
            "Threads: speed-up 1.00 with 4 workers; they waited for the GIL 74 % of their time. "
            "Processes: speed-up 2.00 on 2 cores, ideal 2. Use processes.",
        ),
        (
            {THREADS: [3.9, 4.0, 4.1], FREE: [2.0, 2.0, 2.1]},
            "Threads under 3.14: speed-up 1.00 with 4 workers; they waited for the GIL 74 % of their time. "
            "Use a free-threaded build (speed-up 2.00 under 3.13t).",
        ),
        (
            {THREADS: [3.9, 4.0, 4.1], PROCESSES: [3.8, 3.9, 4.1], FREE: [4.0, 4.0, 4.1]},
            "Threads under 3.14: speed-up 1.00 with 4 workers; they waited for the GIL 74 % of their time. "
            "Processes: speed-up 1.03, ideal 2. No model is faster.",
        ),
        (
            {THREADS: [3.9, 4.0, 4.1], FREE: [4.0, 4.0, 4.1]},
            "Threads under 3.14: speed-up 1.00 with 4 workers; they waited for the GIL 74 % of their time. "
            "Free-threaded: speed-up 1.00, ideal 2. No model is faster.",
        ),
        (
            {THREADS: [2.0, 2.0, 2.1], PROCESSES: [2.0, 2.0, 2.1]},
            "Threads: speed-up 2.00 with 4 workers, ideal 2; processes reach about the same. "
            "Use threads: no model is faster.",
        ),
        (
            {THREADS: [2.0, 2.0, 2.1], PROCESSES: [3.0, 3.0, 3.1]},
            "Threads: speed-up 2.00 with 4 workers, ideal 2. Use threads: no model is faster.",
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
    assert verdict_on(comparison(times)) == Verdict(text, True)


def test_where_workers_only_wait_the_ideal_is_their_number() -> None:
    found = verdict_on(comparison({THREADS: [1.0, 1.02], PROCESSES: [1.05, 1.06]}, needs_core=False, gil_wait=0.0))
    assert found.text.startswith("Threads: speed-up 3.96 with 4 workers, ideal 4; processes reach about the same.")


def test_a_deadlock_has_no_verdict() -> None:
    waits = (Wait("Thread-1", "B", "Thread-2"), Wait("Thread-2", "A", "Thread-1"))
    found = verdict_on(comparison({THREADS: [None, None], PROCESSES: [2.0, 2.0]}, deadlock=waits))
    assert str(found) == "No verdict: a deadlock: the 4 runs as threads never ended"


def test_a_free_threaded_build_that_is_slow_alone_says_so() -> None:
    found = comparison({THREADS: [4.0, 4.0], PROCESSES: [2.0, 2.0], FREE: [4.0, 4.0]})
    slow = tuple((case, replace(each, one_run_s=2.0) if case == FREE else each) for case, each in found.results)
    assert (
        "(speed-up 2.00 under 3.13t, 1.00 against the fastest single run)"
        in verdict_on(replace(found, results=slow)).text
    )


@pytest.mark.parametrize(
    ("times", "changes", "why"),
    [
        ({THREADS: [4.0]}, {"finished": False}, "incomplete: not every"),
        ({THREADS: [4.0, None], PROCESSES: [2.0, 2.0]}, {"problem": "killed"}, "incomplete: threads under 3.14: kil"),
        ({THREADS: [4.0], PROCESSES: [2.0]}, {}, "measured once"),
        ({THREADS: [0.1, 0.1], PROCESSES: [0.05, 0.05]}, {"one_run_s": 0.02}, "too short: one run took 20.0 ms"),
        ({THREADS: [4.0, 4.0], PROCESSES: [3.0, 3.0]}, {"launch_s": 2.0}, "too short: starting processes takes 2.00 s"),
        (
            {THREADS: [3.0, 4.0, 5.0], PROCESSES: [2.0, 3.0, 4.0]},
            {},
            "too noisy: the ranges of threads (0.80 to 1.33) and processes (1.00 to 2.00) overlap",
        ),
        (
            {THREADS: [3.0, 4.0, 5.0], FREE: [1.9, 3.1, 4.2]},
            {},
            "ranges of threads (0.80 to 1.33) and free-threaded (0.95 to 2.11) overlap",
        ),
        (
            {THREADS: [3.0, 3.0, 3.0], PROCESSES: [2.9, 3.3, 4.0]},
            {},
            "too noisy: the ranges of threads (1.33 to 1.33) and processes (1.00 to 1.38) overlap",
        ),
        (
            {THREADS: [4.0, 4.0], PROCESSES: [1.5, 1.5]},
            {},
            "too noisy: the speed-up 2.67 of processes is more than the possible 2",
        ),
        ({THREADS: [4.0, 4.0]}, {}, "nothing to compare: one model, one interpreter"),
        ({Case("threads", PY314, 1): [1.0, 1.0], Case("processes", PY314, 1): [1.0, 1.0]}, {}, "one worker runs alone"),
        (
            {THREADS: [3.0, 4.0, 5.0], Case("threads", PY311, 4): [3.1, 4.0, 5.0]},
            {},
            "too noisy: the ranges of 3.14 and 3.11 overlap",
        ),
    ],
)
def test_no_verdict_where_the_figures_carry_none(
    times: dict[Case, list[float | None]], changes: dict[str, object], why: str
) -> None:
    found = verdict_on(comparison(times, **changes))  # type: ignore[arg-type]
    assert not found.found
    assert why in found.text
    assert str(found).startswith("No verdict: ")


def test_many_handoffs_that_use_cores_in_vain_are_the_cause() -> None:
    changes: dict[str, Any] = {
        "cores_busy": 1.66,
        "switches": 90_000,
        "lanes_show_handoffs": False,
        "gil_wait": 0.05,
        "core_wait": 0.5,
    }
    found = comparison({THREADS: [4.1] * 3, PROCESSES: [4.0] * 3}, **changes)
    assert str(verdict_on(found)).startswith(
        "Threads: speed-up 0.98 with 4 workers; they kept 1.66 cores busy, but the GIL was released and taken again "
        "21,951 times a second, for 31 µs of CPU time each."
    )
    few = comparison({THREADS: [4.1] * 3, PROCESSES: [4.0] * 3}, **{**changes, "switches": 900})
    assert "waited for a core 50 %" in str(verdict_on(few))


SLOW: dict[Case, Sequence[float | None]] = {THREADS: [4.0] * 3, PROCESSES: [2.0] * 3, FREE: [4.4] * 3}


@pytest.mark.parametrize(
    ("locks", "cores_busy", "why"),
    [
        (LockShares(0.62, 0.93, 0.0, 0.0), 1.2, "waited for locks 62 % of their time, mostly for one lock"),
        (LockShares(0.62, 0.5, 0.0, 0.0), 1.2, "waited for locks 62 % of their time"),
        (LockShares(0.0, None, 0.31, 140.2), 1.2, "were all stopped 140 times a second, 31 % of their time"),
        (
            LockShares(0.01, None, 0.0, 0.0),
            1.95,
            "kept 1.95 cores busy, 1.04 more than the same work takes alone, and hardly waited for locks",
        ),
    ],
)
def test_what_keeps_threads_without_a_gil_from_more(locks: LockShares, cores_busy: float, why: str) -> None:
    found = comparison(SLOW)
    results = [
        (case, replace(each, locks=locks, cores_busy=cores_busy) if case == FREE else each)
        for case, each in found.results
    ]
    said = str(verdict_on(replace(found, results=tuple(results))))
    assert said.endswith(f"Use processes. Free-threaded under 3.13t, speed-up 0.91: its workers {why}.")


def test_where_threads_without_a_gil_are_as_fast_as_can_be_or_nothing_is_known_nothing_is_said() -> None:
    fast = comparison({THREADS: [4.0] * 3, FREE: [2.1] * 3}, locks=LockShares(0.62, 0.93, 0.0, 0.0))
    assert "its workers" not in str(verdict_on(fast))
    assert "its workers" not in str(verdict_on(comparison(SLOW, cores_busy=1.95)))


def test_a_baseline_without_a_gil_waits_for_locks() -> None:
    processes = Case("processes", FREE.python, 4)
    found = comparison({FREE: [4.4] * 3, processes: [2.0] * 3}, locks=LockShares(0.62, 0.93, 0.0, 0.0))
    assert "they waited for locks 62 % of their time, mostly for one lock. Processes: speed" in str(verdict_on(found))
