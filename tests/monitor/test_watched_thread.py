"""What is known of one thread of a watched program, from transitions made by hand."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from os import getpid
from types import SimpleNamespace
from typing import cast

import pytest

from pconc_tui.monitor.lock_names import lock_wait
from pconc_tui.monitor.lock_shares import NO_LOCK_WAITS, LockWaits
from pconc_tui.monitor.thread_waits import ThreadWaits
from pconc_tui.monitor.tree_client import ObservedProcess, TreeObserver
from pconc_tui.monitor.watched_thread import ThreadLane
from pconc_tui.protocol.block import State, pack
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.watched_program import LockKind, LockWait

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
    started_by: int = 0
    ended_ns: int | None = None
    has_python_state: bool = True
    lock_waits: LockWaits = NO_LOCK_WAITS
    gil_held: float = 1.0
    lost: int = 0
    last_ns: int = 0

    def reader(self) -> Observed:
        return self

    def read(self) -> list[int]:
        words, self.did = [pack(time_ms * MS, state) for time_ms, state in self.did], ()
        return words


def settle(lanes: list[ThreadLane], gils: defaultdict[int, Gil], now_ms: int) -> None:
    for gil in gils.values():
        gil.update(now_ms * MS)
    for lane in lanes:
        lane.holds.settle(MS, lane.lane.gil, lane.thread.gil_held)
        lane.finalize(now_ms * MS, False)


def shown(thread: Observed, has_gil: bool = True) -> Worker:
    lane = ThreadLane(1, thread, None)
    lane.has_gil = has_gil
    gils: defaultdict[int, Gil] = defaultdict(Gil)
    lane.read(gils, 100 * MS, 100 * MS)
    settle([lane], gils, 100)
    return lane.snapshot(100 * MS, "3.14", "", "", State.RUNNING, "kernel")


def test_a_thread_whose_gil_is_not_known_yet_is_not_said_to_need_none() -> None:
    runs = ((0, State.RUNNING),)
    assert shown(Observed(runs, known_gil=None)).gil == getpid()
    assert shown(Observed(runs, known_gil=7)).gil == 7
    assert shown(Observed(runs, known_gil=0)).gil is None
    assert shown(Observed(runs, known_gil=None), has_gil=False).gil is None


@pytest.mark.parametrize(("is_python", "gil", "held_s"), [(True, 7, 0.02), (False, None, 0.0)])
def test_a_thread_runs_python_if_its_observer_says_so(is_python: bool, gil: int | None, held_s: float) -> None:
    """One that needs a core, and is not known yet, may be shown to wait for the GIL without that."""
    did = ((0, State.GIL_WAIT), (5, State.RUNNING), (25, State.ENDED))
    worker = shown(Observed(did, known_gil=7, has_python_state=is_python))
    assert worker.thread is not None
    assert bool(worker.thread.python) is is_python
    assert (worker.gil, worker.thread.held_s) == (gil, held_s)


@pytest.mark.parametrize(("is_python", "held_ns"), [(True, 20 * MS), (False, 0)])
def test_what_a_thread_did_before_it_was_known_to_need_a_gil_counts_as_holding_it(
    is_python: bool, held_ns: int
) -> None:
    thread = Observed(((5, State.RUNNING), (25, State.IO)), known_gil=None, has_python_state=False)
    lane = ThreadLane(1, thread, None)
    gils: defaultdict[int, Gil] = defaultdict(Gil)
    process = ObservedProcess(thread.pid, 0, "python", 0)
    reads: list[tuple[int, tuple[int, ...]]] = [(40, ()), (50, (thread.tid,) if is_python else ())]
    for now_ms, threads in reads:
        lane.identify(threads, now_ms * MS if now_ms > 40 else 0, process)
        lane.read(gils, now_ms * MS, now_ms * MS)
        settle([lane], gils, now_ms)
    assert lane.holds.held_ns(50 * MS, True) == held_ns


def test_of_a_gil_that_is_released_and_taken_again_unseen_a_thread_holds_the_part_that_samples_find() -> None:
    did = ((0, State.RUNNING), (40, State.GIL_WAIT), (60, State.RUNNING))
    worker = shown(Observed(did, known_gil=7, gil_held=0.25))
    assert worker.thread is not None
    assert worker.thread.held_s == 0.02, "of 40 ms and, so far, 40 ms"
    assert worker.thread.longest is not None
    assert worker.thread.longest.end_ns - worker.thread.longest.start_ns == 40 * MS, "longest: at most"


def test_a_thread_that_lost_its_core_holds_the_gil_no_longer_than_until_another_runs() -> None:
    """As where threads are sampled: it is not seen that the first has released it."""
    first = Observed(((0, State.RUNNING), (20, State.CORE_WAIT), (60, State.RUNNING)), known_gil=7)
    second = Observed(((0, State.GIL_WAIT), (30, State.RUNNING), (50, State.GIL_WAIT)), known_gil=7)
    lanes = [ThreadLane(1, first, None), ThreadLane(2, second, None)]
    gils: defaultdict[int, Gil] = defaultdict(Gil)
    for lane in lanes:
        lane.read(gils, 100 * MS, 100 * MS)
    settle(lanes, gils, 100)
    assert [lane.holds.held_ns(100 * MS, True) for lane in lanes] == [70 * MS, 20 * MS]
    longest = [lane.holds.longest(100 * MS, True) for lane in lanes]
    assert [(hold.start_ns // MS, hold.end_ns // MS) for hold in longest if hold] == [(60, 100), (30, 50)]
    assert [lane.holds.began_ns for lane in lanes] == [60 * MS, None]


def test_a_thread_never_waits_for_itself_where_more_is_known_of_it_than_of_others() -> None:
    first = Observed(((0, State.RUNNING), (50, State.GIL_WAIT), (110, State.RUNNING)), known_gil=7, name="first")
    second = Observed(((0, State.GIL_WAIT), (50, State.RUNNING), (110, State.GIL_WAIT)), known_gil=7, name="second")
    lanes = [ThreadLane(1, first, None), ThreadLane(2, second, None)]
    gils: defaultdict[int, Gil] = defaultdict(Gil)

    def waits_at(time_ms: int) -> list[str]:
        for lane in lanes:
            lane.read(gils, time_ms * MS, time_ms * MS)
        settle(lanes, gils, time_ms)
        waits = ThreadWaits(lanes, cast("TreeObserver", None))
        return [waits.words(lane, lane.lane.state(time_ms * MS)) for lane in lanes]

    assert waits_at(100) == ["the GIL: second", ""]
    assert waits_at(120) == ["", "the GIL: first"]


def test_a_thread_that_waits_for_a_lock_does_not_hold_it() -> None:
    process = ObservedProcess(1, 0, "python", 0)
    process.holders = {5: 10}
    tree = cast(
        "TreeObserver", SimpleNamespace(processes={1: process}, thread=lambda pid, tid: SimpleNamespace(lock=5))
    )
    assert lock_wait(tree, 1, 10) == (LockWait(LockKind.LOCK, "A"), None)
    assert lock_wait(tree, 1, 11) == (LockWait(LockKind.LOCK, "A"), 10)


def test_cpu_use_is_of_a_second_between_readings_however_far_what_is_shown_lies_back() -> None:
    thread = Observed(((0, State.RUNNING),), 7, tid=threading.get_native_id())
    lane, gils = ThreadLane(1, thread, None), defaultdict[int, Gil](Gil)
    lane.read(gils, 5000 * MS, 5000 * MS)
    settle([lane], gils, 5000)
    began_ns = time.thread_time_ns()
    lane.sample(4000 * MS, 4700 * MS)
    while (used_ns := time.thread_time_ns() - began_ns) < 100 * MS:
        pass
    lane.sample(4900 * MS, 5000 * MS)
    cpu = lane.snapshot(4900 * MS, "", "", "", State.RUNNING, "kernel").cpu
    assert cpu == pytest.approx(used_ns / (300 * MS), abs=0.1), "read 0.3 s apart, though 0.9 s are shown"


def test_threads_that_end_between_two_readings_count_until_the_next_like_those_that_live() -> None:
    """Else the headline of threads that live for a moment, one for each request, changed from frame to frame."""
    thread = Observed(((0, State.RUNNING), (300, State.ENDED)), 7, ended_ns=300 * MS)
    lane, gils = ThreadLane(1, thread, None), defaultdict[int, Gil](Gil)
    lane.read(gils, 3000 * MS, 3000 * MS)
    settle([lane], gils, 3000)

    def running_s(now_ms: int) -> float | None:
        recent = lane.snapshot(now_ms * MS, "", "", "", State.ENDED, "kernel").recent
        return None if recent is None else recent.running

    lane.sample(1000 * MS, 1000 * MS)
    assert [running_s(now_ms) for now_ms in (1000, 1290, 1310, 1990)] == pytest.approx([0.3] * 4)
    lane.sample(2000 * MS, 2000 * MS)
    assert running_s(2000) is None, "it ended before that second"
