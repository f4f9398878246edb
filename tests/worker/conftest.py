"""Workers whose clocks the test sets."""

from __future__ import annotations

import pytest

from pconc_tui.protocol.block import Block
from pconc_tui.worker import locks, recorder, run_delay, waiter, worker
from pconc_tui.worker.worker import Worker
from tests.worker.clocks import Clocks


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


@pytest.fixture
def alone(slot: memoryview, clocks: Clocks) -> Worker:
    """A worker that shares its GIL with no other."""
    made = Worker(slot, "Process-1", 0, "processes", scale=1)
    made.begin()
    return made
