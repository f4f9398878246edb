"""The recorder, with clocks that the test sets: when it writes transitions, and at which times."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pconc_tui.protocol.block import CHUNK, CPU, HEAD, LAST_RAN, Block, State, transitions, unpack
from pconc_tui.worker import recorder, waiter, worker
from pconc_tui.worker.worker import Worker

MS = 1_000_000
US = 1_000


class Clocks:
    """The time and the thread's CPU time, in ns."""

    def __init__(self) -> None:
        self.now = 10 * MS
        self.cpu = 3 * MS

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


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    for module in (recorder, waiter, worker):
        monkeypatch.setattr(module, "perf_counter_ns", lambda: made.now)
    monkeypatch.setattr(recorder, "thread_time_ns", lambda: made.cpu)
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


def test_code_that_released_the_gil_waits_at_the_end(started: Worker, slot: memoryview, clocks: Clocks) -> None:
    chunks(started, lambda: clocks.run_and_wait(100 * US, 5 * MS), released=True)
    assert recorded(slot) == [(10.0, State.RELEASED), (10.1, State.WAITING), (15.1, State.RELEASED)]


def test_a_sleep_that_ends_late_is_followed_by_a_wait(
    started: Worker, slot: memoryview, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started._sleeper, "sleep", lambda seconds: clocks.wait(round(seconds * 1e9) + 3 * MS))
    started.sleep(0.002)
    assert recorded(slot) == [(10.0, State.IO), (12.0, State.WAITING), (15.0, State.RUNNING)]


def test_times_never_decrease(started: Worker, slot: memoryview, clocks: Clocks) -> None:
    steps = [lambda: clocks.run(90 * US), lambda: clocks.run(400 * US), lambda: clocks.wait(700 * US)]
    chunks(started, *steps * 20, *reversed(steps))
    started.end()
    times = [time_ms for time_ms, _ in recorded(slot)]
    assert times == sorted(times)
    assert len(times) > 20
