"""The recorder, with clocks that the test sets: when it writes transitions, and at which times."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count, pairwise

import pytest

from pconc_tui.protocol.block import CHUNK, CPU, HEAD, LAST_RAN, Block, State, transitions, unpack
from pconc_tui.worker import locks, recorder, run_delay, waiter, worker
from pconc_tui.worker.run_delay import RunDelay, RunDelayWithGil, Switches, run_delay_with_gil
from pconc_tui.worker.worker import Worker

MS = 1_000_000
US = 1_000


class Clocks:
    """The time, the thread's CPU time, and how long it waited for a core, in ns."""

    def __init__(self) -> None:
        self.now = 10 * MS
        self.cpu = 3 * MS
        self.queued = self.blocks = self.preemptions = 0

    def run(self, ns: int) -> None:
        """Let the thread run."""
        self.now += ns
        self.cpu += ns

    def run_and_wait(self, run_ns: int, wait_ns: int) -> None:
        """Let the thread run, then wait."""
        self.run(run_ns)
        self.wait(wait_ns)

    def wait(self, ns: int) -> None:
        """Let time pass without the thread."""
        self.now += ns

    def run_and_wait_for_core(self, run_ns: int, core_ns: int, more_ns: int) -> None:
        """Let the thread run, wait for a core, and wait for something else."""
        self.run_and_wait(run_ns, core_ns + more_ns)
        self.blocks += more_ns > 0
        self.queued += core_ns

    def growth_ns(self) -> int:
        """Of `RunDelay`."""
        queued, self.queued = self.queued, 0
        return queued

    def switches(self) -> Switches:
        """Of `RunDelay`."""
        switches = Switches(self.blocks, self.preemptions)
        self.blocks = self.preemptions = 0
        return switches


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    for module in (recorder, waiter, worker, locks):
        monkeypatch.setattr(module, "perf_counter_ns", lambda: made.now)
    monkeypatch.setattr(recorder, "thread_time_ns", lambda: made.cpu)
    for name in ("run_delay", "run_delay_with_gil"):
        monkeypatch.setattr(run_delay, name, lambda: made)
    monkeypatch.setattr(worker, "TIMER_SLACK_NS", 0)
    return made


@pytest.fixture
def slot() -> memoryview:
    block = Block.create()
    block.clear(0)
    return block.slot(0)


@pytest.fixture
def started(slot: memoryview, clocks: Clocks) -> Worker:
    made = Worker(slot, "Thread-1", 0, "threads", scale=1)
    made.begin()
    return made


def recorded(slot: memoryview) -> list[tuple[float, State]]:
    """The transitions after the first, with their times in ms."""
    return [(time_ns / MS, state) for time_ns, state in map(unpack, transitions(slot, 1)[0])]


def chunks(worker: Worker, *chunks: Callable[[], None], released: bool = False) -> None:
    """Run one chunk after another."""
    made = worker.chunks(1 << 40, released)
    next(made)
    for chunk in chunks:
        chunk()
        next(made)


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


@pytest.fixture
def alone(slot: memoryview, clocks: Clocks) -> Worker:
    """A worker that shares its GIL with no other."""
    made = Worker(slot, "Process-1", 0, "processes", scale=1)
    made.begin()
    return made


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


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_thread_that_sleeps_has_blocked() -> None:
    clock = RunDelay()
    clock.switches()
    time.sleep(0.001)
    assert clock.switches().blocked


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


def queued_ns() -> int:
    """What the system says."""
    with open("/proc/thread-self/schedstat") as file:
        return int(file.read().split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("kind", [RunDelay, RunDelayWithGil])
def test_the_queue_clock_grows_as_the_system_says(kind: type[RunDelay]) -> None:
    first_ns = queued_ns()
    clock = kind()
    assert clock.growth_ns() == 0
    while (growth_ns := clock.growth_ns()) == 0:
        time.sleep(0.001)  # After each the thread waits for a core, if only for a moment.
    assert 0 < growth_ns <= queued_ns() - first_ns


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


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_thread_that_loses_its_core_was_preempted() -> None:
    clock = RunDelay()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as rival:
            clock.switches()
            while not clock.switches().preempted:
                pass
            rival.kill()
    finally:
        os.sched_setaffinity(0, cores)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_thread_has_one_clock_that_is_closed_where_it_ends() -> None:
    found: list[int] = []

    def run() -> None:
        clock = run_delay_with_gil()
        assert clock is not None
        assert clock is run_delay_with_gil()
        found.append(clock._fd)
        assert os.readlink(f"/proc/self/fd/{clock._fd}").endswith(f"task/{threading.get_native_id()}/schedstat")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    with suppress(OSError):  # Another file may have got its number.
        assert "schedstat" not in os.readlink(f"/proc/self/fd/{found[0]}")
    assert run_delay_with_gil() is not None


def test_times_never_decrease(started: Worker, slot: memoryview, clocks: Clocks) -> None:
    steps = [lambda: clocks.run(90 * US), lambda: clocks.run(400 * US), lambda: clocks.wait(700 * US)]
    chunks(started, *steps * 20, *reversed(steps))
    started.end()
    times = [time_ms for time_ms, _ in recorded(slot)]
    assert times == sorted(times)
    assert len(times) > 20
