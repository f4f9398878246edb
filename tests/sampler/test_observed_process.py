"""One process of an observed tree, by records made by hand."""

from __future__ import annotations

import os
from contextlib import closing
from threading import Event, Thread
from typing import Any

import pytest

from pconc_tui.kernel.outside import BlockedSample, HolderSample
from pconc_tui.kernel.records import BLOCKED, IN, NO_FUTEX, PREEMPTED, Comm, Decoded, Exit, Switch
from pconc_tui.protocol.block import RING_AT, Block, State, unpack
from pconc_tui.protocol.observer_slots import OBSERVER_SLOTS
from pconc_tui.sampler.observed_process import ObservedProcess
from pconc_tui.sampler.thread_samples import ThreadSamples
from pconc_tui.sampler.thread_slots import ThreadSlots
from tests.kernel.streams import GIL
from tests.support import eventually

PID, OTHER = 1 << 30, (1 << 30) + 1
"""There is no process with such an id."""
MS = 1_000_000


@pytest.mark.parametrize("before", [True, False])
def test_a_thread_that_calls_execve_gets_a_lane_with_the_id_of_the_first(before: bool) -> None:
    """`before`: it loses its core between its getting that id and the record of its new program."""
    events: list[tuple[str, int]] = []

    def report(event: str, **fields: Any) -> None:
        if event in ("thread", "ended"):
            events.append((event, fields["id"]))

    executes = Comm(5 * MS, PID, PID, 1, "other", True)
    preempted: list[Decoded] = [Switch(4 * MS, PID, PID, 1, PREEMPTED), Switch(4 * MS + 1, PID, PID, 1, IN)]
    records: list[Decoded] = [
        Switch(1 * MS, PID, PID, 0, BLOCKED, NO_FUTEX),
        Switch(2 * MS, PID, OTHER, 1, IN),
        Exit(3 * MS, PID, PID, 0),
        *(preempted if before else ()),
        executes,
        Switch(6 * MS, PID, PID, 1, BLOCKED, NO_FUTEX),
    ]
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        process = ObservedProcess(PID, None, ThreadSlots(block, report), report, 0)
        for tid in (PID, OTHER):
            process.add_living_thread(tid, 0)
        process.named(executes)
        process.add(records, 100 * MS, 100 * MS)
        assert list(process.threads) == [PID]
        process.close()
        assert sorted(events) == [("ended", 1), ("ended", 2), ("thread", 1), ("thread", 2), ("thread", 3)]
        del process


def test_a_first_thread_for_which_there_is_no_slot_is_left_out() -> None:
    events: list[str] = []
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        slots = ThreadSlots(block, lambda event, **_: events.append(event))
        for tid in range(OBSERVER_SLOTS):
            slots.start(OTHER, tid, "", 0, 0)
        process = ObservedProcess(PID, None, slots, lambda *_, **__: None, 0)
        process.add_living_thread(PID, 0)
        process.add([Switch(1 * MS, PID, PID, 0, IN), Switch(2 * MS, PID, PID, 0, PREEMPTED)], 100 * MS, 100 * MS)
        process.close()
        assert not process.threads
        assert events.count("not_shown") == 1
        del slots, process


def states_by_a_sample_in_a_pause(block: Block) -> list[State]:
    """A thread is blocked from 9 to 20 ms, and sampled at 15, while the records of before are judged."""
    process = ObservedProcess(PID, None, ThreadSlots(block, lambda *_, **__: None), lambda *_, **__: None, 0)
    process.add_living_thread(PID, 0)

    def pause() -> None:
        if not process._outside:
            process._outside.append(BlockedSample(15 * MS, PID, 0x9000))

    process.add([Switch(1 * MS, PID, PID, 0, IN), Switch(9 * MS, PID, PID, 0, BLOCKED)], 12 * MS, 12 * MS, pause)
    process.add([Switch(20 * MS, PID, PID, 0, IN)], 40 * MS, 40 * MS)
    process.close()
    words = block.slot(process.threads[PID].slot)[RING_AT : RING_AT + 8].tolist()
    return [unpack(word)[1] for word in words if word]


def test_what_is_sampled_while_records_are_judged_counts_for_the_next_ones() -> None:
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        assert State.LOCK in states_by_a_sample_in_a_pause(block)


def test_threads_of_whose_start_no_record_has_been_read_are_sampled() -> None:
    stop = Event()
    threads = [Thread(target=stop.wait) for _ in range(2)]
    known = {int(tid) for tid in os.listdir("/proc/self/task")}
    samples = ThreadSamples(os.getpid())
    try:
        assert not list(samples.blocked_new(known, len(known)))
        for thread in threads:
            thread.start()
        new = {thread.native_id or 0 for thread in threads}
        eventually(lambda: {each.tid for each in samples.blocked_new(known, len(known))} == new)
        (sample, *_) = samples.blocked_new(known, len(known))
        assert isinstance(sample, BlockedSample)
        assert sample.futex > 0
        assert not list(samples.blocked_new(known | new, len(known | new)))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        samples.close()


@pytest.mark.parametrize("is_free", [True, False])
def test_which_threads_are_ready_is_sampled_with_the_holder_where_the_gil_is_often_free(is_free: bool) -> None:
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        process = ObservedProcess(PID, None, ThreadSlots(block, lambda *_, **__: None), lambda *_, **__: None, 0)
        for tid in (PID, OTHER):
            process.add_living_thread(tid, 0)
        process._episodes.know((GIL,))
        for _ in range(20):
            process._episodes._holders[0].use.sampled(not is_free)
        process._interpreter.holders = lambda: iter([HolderSample(MS, 0)])  # type: ignore[method-assign]
        process._samples.is_ready = lambda tid: tid == OTHER  # type: ignore[method-assign]
        process.sample_holders()
        assert process._outside == [HolderSample(MS, 0, ready=(OTHER,) if is_free else ())]
        process.close()
        del process


@pytest.mark.parametrize(
    ("waits", "is_python"), [(Switch(20 * MS, PID, OTHER, 0, BLOCKED, GIL.cond), True), (None, False)]
)
def test_a_thread_that_is_blocked_at_the_gil_runs_python(waits: Switch | None, is_python: bool) -> None:
    """One that only may wait for it, as it has no core, may be without Python code."""
    events: list[str] = []
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        process = ObservedProcess(PID, None, ThreadSlots(block, lambda *_, **__: None), lambda *_, **__: None, 0)
        process._report = lambda event, **_: events.append(event)
        for tid in (PID, OTHER):
            process.add_living_thread(tid, 0)
        process._episodes.know((GIL,))
        takes_it = [Switch(1 * MS, PID, OTHER, 0, IN), Switch(2 * MS, PID, PID, 1, IN)]
        loses_core = [Switch(4 * MS, PID, OTHER, 0, PREEMPTED), Switch(15 * MS, PID, OTHER, 0, IN)]
        process.add([*takes_it, *loses_core, *([waits] if waits else [])], 100 * MS, 100 * MS)
        assert ("python" in events) is is_python
        process.close()
        del process
