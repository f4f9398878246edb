"""Sleeps and waits for locks, with clocks that the test sets: when they begin and end, and where a core was missing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from pconc_tui.protocol.block import CPU, State
from pconc_tui.worker import locks, recorder, worker
from pconc_tui.worker.worker import Worker
from tests.worker.clocks import MS, US, Clocks, chunks, recorded


def test_a_wait_of_a_worker_that_is_alone_ends_when_it_is_woken_up(
    alone: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        clocks.run_and_wait_for_core(100 * US, 2 * MS, round(seconds * 1e9) + 50 * US)

    monkeypatch.setattr(alone._sleeper, "sleep", sleep)
    alone.sleep(0.002)
    assert recorded(slot) == [(10.0, State.IO), (12.05, State.CORE_WAIT), (14.05, State.RUNNING)]
    assert slot[CPU] == 100 * US


def test_a_sleep_of_a_worker_that_is_alone_does_not_end_before_its_planned_end(
    alone: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        clocks.run_and_wait_for_core(100 * US, 2 * MS, round(seconds * 1e9) - 100 * US)

    monkeypatch.setattr(alone._sleeper, "sleep", sleep)
    alone.sleep(0.002)
    assert recorded(slot) == [(10.0, State.IO), (12.0, State.CORE_WAIT), (13.9, State.RUNNING)]


def loses_core_in_a_system_call(clocks: Clocks, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """The thread loses its core for 3 ms at the end of this reading of its CPU clock, counted from now on."""
    calls = count(1)

    def thread_time_ns() -> int:
        if next(calls) == call:
            clocks.run_and_wait_for_core(0, 3 * MS, 0)
        return clocks.cpu

    monkeypatch.setattr(recorder, "thread_time_ns", thread_time_ns)


def test_a_worker_that_loses_its_core_as_it_begins_to_wait_has_waited_for_it(
    alone: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    loses_core_in_a_system_call(clocks, monkeypatch, 1)
    monkeypatch.setattr(alone._sleeper, "sleep", lambda _: clocks.run_and_wait_for_core(0, 0, 2 * MS))
    alone.sleep(0.002)
    assert recorded(slot) == [(10.0, State.IO), (12.0, State.CORE_WAIT), (15.0, State.RUNNING)]


def test_a_worker_that_loses_its_core_as_it_goes_on_has_waited_for_it(
    alone: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    loses_core_in_a_system_call(clocks, monkeypatch, 2)
    monkeypatch.setattr(alone._sleeper, "sleep", lambda _: clocks.run_and_wait_for_core(0, 0, 2 * MS))
    alone.sleep(0.002)
    chunks(alone, lambda: clocks.run_and_wait_for_core(0, 0, 1 * MS))
    assert recorded(slot)[1:] == [
        (12.0, State.RUNNING),
        (12.0, State.IO),
        (13.0, State.CORE_WAIT),
        (16.0, State.RUNNING),
    ]


def test_cpu_time_of_reading_clocks_is_not_that_of_the_wait(
    alone: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    growth_ns = clocks.growth_ns

    def read_slowly() -> int:
        clocks.run(20 * US)
        return growth_ns()

    monkeypatch.setattr(clocks, "growth_ns", read_slowly)
    monkeypatch.setattr(alone._sleeper, "sleep", lambda _: clocks.wait(2 * MS))
    alone.sleep(0.002)
    assert recorded(slot) == [(10.02, State.IO), (12.02, State.RUNNING)]
    alone.end()
    assert slot[CPU] == clocks.cpu - 3 * MS


def test_a_sleep_that_ends_late_is_followed_by_a_wait(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started._sleeper, "sleep", lambda seconds: clocks.wait(round(seconds * 1e9) + 3 * MS))
    started.sleep(0.002)
    assert recorded(slot) == [(10.0, State.IO), (12.0, State.WAITING), (15.0, State.RUNNING)]


@pytest.mark.parametrize(("late_us", "ready_us"), [(3000, 50), (30, 30)])
def test_the_kernel_ends_a_sleep_a_little_late(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch, late_us: int, ready_us: int
) -> None:
    monkeypatch.setattr(worker, "TIMER_SLACK_NS", 50 * US)
    monkeypatch.setattr(started._sleeper, "sleep", lambda seconds: clocks.wait(round(seconds * 1e9) + late_us * US))
    started.sleep(0.002)
    assert (12 + ready_us / 1000, State.WAITING if late_us > ready_us else State.RUNNING) in recorded(slot)


def uses_cpu_time(clocks: Clocks, seconds: float) -> None:
    """The thread runs for 40 us until it has blocked, sleeps, and runs for 40 us until it has the GIL."""
    clocks.run_and_wait(40 * US, round(seconds * 1e9))
    clocks.run(40 * US)


def test_a_thread_that_enters_a_wait_runs_until_it_has_blocked(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started._sleeper, "sleep", lambda seconds: uses_cpu_time(clocks, seconds))
    for _ in range(100):
        started.sleep(0.002)
        chunks(started, lambda: clocks.run(100 * US))
    entered_ms = clocks.now / MS
    started.sleep(0.002)
    last = recorded(slot)[-3:]
    assert [state for _, state in last] == [State.IO, State.WAITING, State.RUNNING]
    assert [time_ms - entered_ms for time_ms, _ in last] == pytest.approx([0.04, 2.04, 2.08], abs=0.001)


def test_a_wait_that_is_over_sooner_than_it_begins_has_no_length(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started._sleeper, "sleep", lambda seconds: uses_cpu_time(clocks, seconds))
    for _ in range(100):
        started.sleep(0.002)

    def attempt() -> bool:
        clocks.run(10 * US)
        return True

    started.wait(State.LOCK, attempt, ready=lambda _: None)
    (entered_ms, state), (runs_ms, runs) = recorded(slot)[-2:]
    assert (state, runs, runs_ms) == (State.LOCK, State.RUNNING, entered_ms)


def loses_core_first(clocks: Clocks, core_ns: int, more_ns: int) -> None:
    """The thread releases the GIL, which another takes together with its core, then blocks."""
    clocks.run_and_wait_for_core(0, core_ns, more_ns)
    clocks.preemptions += 1


def test_a_thread_that_loses_its_core_to_the_one_that_gets_its_gil_waits_for_a_core_first(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started._sleeper, "sleep", lambda _: loses_core_first(clocks, 3 * MS, 2 * MS))
    started.sleep(0.004)
    assert recorded(slot) == [
        (10.0, State.IO),
        (10.000001, State.CORE_WAIT),
        (12.0, State.IO),
        (14.0, State.WAITING),
        (15.0, State.RUNNING),
    ]


def test_what_a_thread_waited_for_a_core_before_its_wait_is_not_in_it(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks(started, lambda: loses_core_first(clocks, 3 * MS, 0))
    monkeypatch.setattr(started._sleeper, "sleep", lambda _: clocks.run_and_wait_for_core(0, 0, 5 * MS))
    started.sleep(0.005)
    assert State.CORE_WAIT not in [state for _, state in recorded(slot)]


class Lock:
    """A lock that another thread holds; to acquire it takes this step."""

    def __init__(self, step: Callable[[], None]) -> None:
        self._step = step

    def acquire(self, blocking: bool, timeout: float = -1) -> bool:
        if blocking:
            self._step()
        return blocking

    def release(self) -> None: ...


def test_a_thread_that_is_woken_up_for_a_lock_and_has_no_core_waits_no_longer_for_the_lock(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Lock(lambda: clocks.run_and_wait_for_core(0, 3 * MS, 2 * MS))
    monkeypatch.setattr(locks, "released_ns", lambda _: clocks.now)
    with started.holding(lock):
        assert recorded(slot) == [(10.0, State.LOCK), (12.0, State.WAITING), (15.0, State.RUNNING)]
