"""What is known of one thread of a watched program, from transitions made by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from os import getpid

from pconc_tui.monitor.lock_shares import NO_LOCK_WAITS, LockWaits
from pconc_tui.monitor.watched_thread import ThreadLane
from pconc_tui.protocol.block import State, pack
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.gil_queue import GilQueue
from pconc_tui.timeline.gil_waits import Gil

MS = 1_000_000


@dataclass
class Observed:
    """A thread that has done this, in ms."""

    did: tuple[tuple[int, State], ...]
    known_gil: int | None
    pid: int = getpid()
    tid: int = 1
    id: int = 1
    name: str = "python"
    started_ns: int = 0
    ended_ns: int | None = None
    has_python_state: bool = True
    lock_waits: LockWaits = NO_LOCK_WAITS
    lost: int = 0
    last_ns: int = 0

    def reader(self) -> Observed:
        return self

    def read(self) -> list[int]:
        words, self.did = [pack(time_ms * MS, state) for time_ms, state in self.did], ()
        return words


def shown(thread: Observed, has_gil: bool = True) -> Worker:
    lane = ThreadLane(1, thread, None)
    lane.has_gil = has_gil
    lane.read(defaultdict(Gil), defaultdict(GilQueue), 100 * MS)
    lane.finalize(100 * MS, False)
    return lane.snapshot(100 * MS, "3.14", "", "", State.RUNNING, "kernel")


def test_a_thread_whose_gil_is_not_known_yet_is_not_said_to_need_none() -> None:
    runs = ((0, State.RUNNING),)
    assert shown(Observed(runs, known_gil=None)).gil == getpid()
    assert shown(Observed(runs, known_gil=7)).gil == 7
    assert shown(Observed(runs, known_gil=0)).gil is None
    assert shown(Observed(runs, known_gil=None), has_gil=False).gil is None


def test_a_thread_that_is_known_to_run_python_by_its_waiting_for_the_gil_has_held_it() -> None:
    did = ((0, State.GIL_WAIT), (5, State.RUNNING), (25, State.ENDED))
    worker = shown(Observed(did, known_gil=7, has_python_state=False))
    assert worker.thread is not None
    assert worker.thread.python
    assert (worker.gil, worker.thread.held_s) == (7, 0.02)
