"""What later records say of each switch: how the episode will end that it begins or continues, or the wait. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from pconc_tui.kernel.outside import BlockedSample, Outside, ReadySample
from pconc_tui.kernel.records import BLOCKED, IN, PREEMPTED, UNKNOWN, Record, Switch
from pconc_tui.kernel.thread import BLIP_NS


class End(NamedTuple):
    """The end of an episode."""

    blocked: bool
    """Whether it is known; if not, the CPU time so far is."""
    futex: int
    """What the thread blocks in, as in `Switch`."""
    cpu_ns: int
    """From this switch on."""
    slice_ns: int
    """Of that, until it loses this core."""
    passes: bool
    """Whether it loses this core soon to wait for a moment, and goes on after that."""


class Wait(NamedTuple):
    """What is known of a wait when the thread blocks, where the records don't say what it waits for."""

    woke_ns: int
    """When it ends, or a sample finds that it has ended; 0: not known."""
    end: End
    """Of the episode after it."""
    futex: int
    """What a sample found, as in `Switch`; `UNKNOWN`: none did."""


def ends(records: Sequence[Record | Outside], passing: Container[int], until_ns: int) -> list[End | Wait | None]:
    """For each record that is a switch onto a core, the end of its episode; for one off it that says not what the
    thread waits for, what is known of that wait; None for others.

    `passing`: futexes at which a thread waits for a moment, which doesn't end an episode; `until_ns`: what the records
    cover.
    """
    found: list[End | Wait | None] = [None] * len(records)
    following: dict[int, End] = {}
    woke_ns: dict[int, int] = {}
    sampled: dict[int, int] = {}
    ready_ns: dict[int, int] = {}
    off_ns: dict[int, int] = {}
    """When each thread loses the core that it then gets."""
    passes: set[int] = set()
    """Threads that wait for a moment when they lose it."""
    for number in range(len(records) - 1, -1, -1):
        record = records[number]
        if type(record) is not Switch:
            if type(record) is BlockedSample:
                sampled[record.tid] = record.futex
            elif type(record) is ReadySample:
                ready_ns[record.tid] = record.time_ns
            continue
        time_ns, _, tid, _, way, futex = record
        if way == IN:
            blocked, where, cpu_ns, _, _ = following.get(tid, _UNKNOWN)
            slice_ns = off_ns.get(tid, until_ns) - time_ns
            end = _new(End, (blocked, where, cpu_ns + slice_ns, slice_ns, slice_ns < BLIP_NS and tid in passes))
            found[number] = following[tid] = end
            woke_ns[tid] = time_ns
            sampled.pop(tid, None)
            ready_ns.pop(tid, None)
        else:
            if futex == UNKNOWN and way == BLOCKED:
                ended_ns = woke_ns.get(tid) or ready_ns.get(tid, 0)
                found[number] = _new(Wait, (ended_ns, following.get(tid, _UNKNOWN), sampled.pop(tid, UNKNOWN)))
            off_ns[tid] = time_ns
            passes.discard(tid)
            if way == BLOCKED and futex not in passing:
                following[tid] = _new(End, (True, futex, 0, 0, False))
            elif way == BLOCKED:
                passes.add(tid)
    return found


def meanwhile(
    records: Sequence[Record | Outside], found: Sequence[End | Wait | None], number: int
) -> Iterator[tuple[Switch, End]]:
    """Switches onto a core while the thread that gets one at `number` has lost it, though it could go on.

    Each with the end of its episode. `found`: what `ends` returned.
    """
    tid = records[number].tid  # type: ignore[union-attr]
    is_off = False
    for index in range(number + 1, len(records)):
        record, end = records[index], found[index]
        if type(record) is Switch:
            if record.tid == tid:
                if record.way != PREEMPTED:
                    return
                is_off = True
            elif is_off and type(end) is End:
                yield record, end


_UNKNOWN = End(False, UNKNOWN, 0, 0, False)
_new = tuple.__new__
