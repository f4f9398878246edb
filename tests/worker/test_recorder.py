"""The recorder, with clocks that the test sets: when it writes transitions, and at which times."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pconc_tui.protocol.block import CHUNK, CPU, HEAD, LAST_RAN, State
from pconc_tui.worker import run_delay
from pconc_tui.worker.worker import Worker
from tests.worker.clocks import MS, US, Clocks, chunks, recorded


def test_a_worker_that_runs_writes_no_transition(started: Worker, slot: memoryview, clocks: Clocks) -> None:
    chunks(started, *[lambda: clocks.run(100 * US)] * 50)
    assert (slot[HEAD], slot[LAST_RAN]) == (1, 15 * MS)


def test_a_long_chunk_without_cpu_time_holds_a_wait(started: Worker, slot: memoryview, clocks: Clocks) -> None:
    # The example of the module's docstring.
    chunks(started, *[lambda: clocks.run(100 * US)] * 40, lambda: clocks.run_and_wait(100 * US, 5 * MS))
    assert recorded(slot) == [(14.05, State.WAITING), (19.05, State.RUNNING)]
    assert slot[CPU] == 4100 * US


def test_a_long_chunk_of_cpu_time_is_no_wait(started: Worker, slot: memoryview, clocks: Clocks) -> None:
    chunks(started, *[lambda: clocks.run(100 * US)] * 40, lambda: clocks.run(5100 * US))
    assert recorded(slot) == []
    assert slot[CHUNK] == 5100 * US


def test_code_that_released_the_gil_waits_at_the_end_for_a_core_then_for_the_gil(
    started: Worker, slot: memoryview, clocks: Clocks
) -> None:
    chunks(started, lambda: clocks.run_and_wait_for_core(100 * US, 2 * MS, 3 * MS), released=True)
    assert recorded(slot) == [
        (10.0, State.RELEASED),
        (10.1, State.CORE_WAIT),
        (12.1, State.GIL_WAIT),
        (15.1, State.RELEASED),
    ]


def test_it_may_wait_for_one_of_them_only(started: Worker, slot: memoryview, clocks: Clocks) -> None:
    chunks(
        started,
        lambda: clocks.run_and_wait_for_core(100 * US, 2 * MS, 0),
        lambda: clocks.run_and_wait_for_core(100 * US, 0, 3 * MS),
        released=True,
    )
    assert [state for _, state in recorded(slot)] == [
        State.RELEASED,
        State.CORE_WAIT,
        State.RELEASED,
        State.GIL_WAIT,
        State.RELEASED,
    ]


def test_without_that_clock_it_is_unknown_what_it_waited_for(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_delay, "run_delay_with_gil", lambda: None)
    chunks(started, lambda: clocks.run_and_wait(100 * US, 5 * MS), released=True)
    assert recorded(slot) == [(10.0, State.RELEASED), (10.1, State.WAITING), (15.1, State.RELEASED)]


def test_a_worker_that_is_alone_was_blocked_then_waited_for_a_core(
    alone: Worker, slot: memoryview, clocks: Clocks
) -> None:
    chunks(
        alone,
        lambda: clocks.run_and_wait_for_core(100 * US, 2 * MS, 3 * MS),
        lambda: clocks.run_and_wait_for_core(100 * US, 2 * MS, 0),
    )
    assert recorded(slot) == [
        (10.05, State.IO),
        (13.05, State.CORE_WAIT),
        (15.05, State.RUNNING),
        (15.15, State.CORE_WAIT),
        (17.15, State.RUNNING),
    ]


def test_what_was_not_blocked_had_no_core(alone: Worker, slot: memoryview, clocks: Clocks) -> None:
    chunks(alone, lambda: clocks.run_and_wait(100 * US, 5 * MS))
    assert recorded(slot) == [(10.05, State.CORE_WAIT), (15.05, State.RUNNING)]


def test_short_waits_that_were_shown_as_running_are_part_of_the_next_wait(
    alone: Worker, slot: memoryview, clocks: Clocks
) -> None:
    short, long = (lambda: clocks.run_and_wait(120 * US, 20 * US)), (lambda: clocks.run_and_wait(80 * US, 120 * US))
    chunks(alone, *[short] * 20, *[long] * 4)
    transitions = recorded(slot)
    waits = [end - start for (start, state), (end, _) in pairwise(transitions) if state is not State.RUNNING]
    assert sum(waits) > 0.7  # Of 0.88 ms; the last long chunk alone has 0.12.


def test_without_that_clock_it_waits_for_a_core(
    slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_delay, "run_delay", lambda: None)
    alone = Worker(slot, "Process-1", 0, "processes", scale=1)
    alone.begin()
    chunks(alone, lambda: clocks.run_and_wait(100 * US, 5 * MS))
    assert recorded(slot) == [(10.05, State.WAITING), (15.05, State.RUNNING)]


def test_times_never_decrease(started: Worker, slot: memoryview, clocks: Clocks) -> None:
    steps = [lambda: clocks.run(90 * US), lambda: clocks.run(400 * US), lambda: clocks.wait(700 * US)]
    chunks(started, *steps * 20, *reversed(steps))
    started.end()
    times = [time_ms for time_ms, _ in recorded(slot)]
    assert times == sorted(times)
    assert len(times) > 20
