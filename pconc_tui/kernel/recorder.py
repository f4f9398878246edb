"""Records what the threads of a process tree do, and all threads and processes that these start from then on.

A thread's events are opened core by core, and it may start others meanwhile, which inherit those of some cores only. So
threads are listed and attached to until none is left that may lack events; `repeats` drops what then comes twice.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from time import perf_counter_ns
from typing import NamedTuple

from pconc_tui.kernel.perf_event import KERNEL, KERNEL_SAMPLED, NotAllowedError, access, open_event
from pconc_tui.kernel.records import Decoded, Decoder, Fork, Lost, Merge
from pconc_tui.kernel.repeats import Repeats
from pconc_tui.kernel.rings import Ring, equal_rings, online_cpus
from pconc_tui.protocol.process_stat import descendants, started_since

MOST_RING_BYTES, MOST_BYTES = 4 << 20, 64 << 20
"""Of each core's ring, and of all: 55,000 switches in each, or half a second of what can be kept up with. Without
registers a record is half as long. The kernel allows every user an eighth of the former, and what may be locked."""
DELAY_NS = 1_000_000
"""Records that are younger than this wait for the next reading: an older one of another core may not be there yet."""
FORK_NS = 10_000_000
"""A new thread has been listed and recorded this long after it has inherited its events."""


class Living(NamedTuple):
    """A thread that was there when it was listed."""

    pid: int
    tid: int
    parent: int
    """The parent of its process; 0 of the first process."""
    since_ns: int
    """From when on it is recorded; 0: not yet."""


class Recorder:
    """Scheduling records of a process tree. Nothing in it is stopped, changed or written to."""

    def __init__(self, root: int) -> None:
        """Attach to all threads of a process and of all below it; what they start is recorded from its first moment on.

        Those below it that the kernel refuses are left out. Raises NotAllowedError (`perf_event.access` says how to get
        the permission), ProcessLookupError.
        """
        self._rings: dict[int, Ring] = {}
        self._decoders: dict[int, Decoder] = {}
        self._merge = Merge()
        self._fds: list[int] = []
        self._attached: dict[int, Living] = {}
        """By thread id."""
        self._repeats = Repeats()
        self._own: dict[tuple[int, int], int] = {}
        """By core and thread: descriptors of events that may repeat inherited ones."""
        self._early: list[Decoded] = []
        """Records of the time in which threads were still being attached to."""
        allowed = access()
        if allowed.source is None:
            raise NotAllowedError(allowed.reason)
        self._registers = allowed.registers
        self.watermark_ns = 0
        """All records until then have been read."""
        self.source: str = KERNEL if allowed.registers else KERNEL_SAMPLED
        """`perf_event.KERNEL`, or `perf_event.KERNEL_SAMPLED` where records have no registers."""
        try:
            self._attach_to_tree(root)
        except BaseException:
            self.close()
            raise
        started = {each.tid for each in self._early if isinstance(each, Fork)}
        self.living = tuple(each for each in self._attached.values() if each.tid not in started)
        """Threads of which no record says that they start; those of a process after those of its parent."""

    def read(self) -> list[Decoded]:
        """All records since the last call, of all cores, ordered by time; those of the last moment come next time."""
        self.watermark_ns = perf_counter_ns() - DELAY_NS
        found: list[Decoded] = []
        for cpu, ring in self._rings.items():
            if data := ring.take():
                decoder = self._decoders[cpu]
                found += decoder.decode(data)
                if ring.overflows:
                    found.append(Lost(decoder.last_ns, perf_counter_ns(), cpu, 0))
        records, repeated = self._repeats.without(self._merge.add(found, self.watermark_ns))
        for key in repeated:
            if (fd := self._own.pop(key, None)) is not None:
                self._fds.remove(fd)
                os.close(fd)
        early, self._early = self._early, []
        return [*early, *records]

    @property
    def is_quiet(self) -> bool:
        """Whether no record has been written that `read` has not returned."""
        return not self._merge.has_later and not any(ring.fullness for ring in self._rings.values())

    @property
    def fullness(self) -> float:
        """The part of the fullest ring that is full now, 0 to 1."""
        return max(ring.fullness for ring in self._rings.values())

    def close(self) -> None:
        """End recording."""
        for fd in self._fds:
            os.close(fd)
        for ring in self._rings.values():
            ring.close()
        self._fds.clear()
        self._rings.clear()

    def _attach_to_tree(self, root: int) -> None:
        """Attach until nothing is left that may lack events."""
        began_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        ended: set[int] = set()  # Those that no process has waited for are still listed.
        attached_ns = 0
        while True:
            listed_ns = perf_counter_ns()
            listed = [each for each in living_threads(root) if each.tid not in self._attached and each.tid not in ended]
            if self._attached:
                # The records of what was listed come with the next reading.
                time.sleep(2 * DELAY_NS / 1e9)
                self._early = self.read()
                inherited = self._inheritors()
                listed = [each for each in listed if each.tid not in inherited]
                if not listed and listed_ns > attached_ns + FORK_NS:
                    return
            may_inherit = bool(self._attached)
            for each in listed:
                try:
                    self._attach(each, may_inherit and started_since(each.pid, each.tid, began_ns))
                except ProcessLookupError:
                    ended.add(each.tid)
                except NotAllowedError:
                    if each.pid == root:
                        raise
                    ended.add(each.tid)
                attached_ns = perf_counter_ns()
            if not self._attached:
                raise ProcessLookupError(f"process {root} has ended")

    def _inheritors(self) -> set[int]:
        """Threads that have inherited all events: they were started when their parents had had theirs for a while."""
        found: set[int] = set()
        for record in self._early:
            if isinstance(record, Fork):
                parent = self._attached.get(record.parent_tid)
                had_all = parent is not None and record.time_ns > parent.since_ns + FORK_NS
                if had_all or record.parent_tid in found:
                    found.add(record.tid)
        return found

    def _attach(self, thread: Living, may_repeat: bool) -> None:
        if not self._rings:
            self._make_rings(thread.tid)
        else:
            for cpu, ring in self._rings.items():
                fd = open_event(thread.tid, cpu, self._registers, ring.fd)
                self._fds.append(fd)
                if may_repeat:
                    self._own[cpu, thread.tid] = fd
                    self._repeats.expect(thread.tid, [cpu], perf_counter_ns())
        self._attached[thread.tid] = thread._replace(since_ns=perf_counter_ns())

    def _make_rings(self, tid: int) -> None:
        """Attach to the first thread: its events have the rings."""
        cpus = online_cpus()
        fds: list[int] = []
        try:
            for cpu in cpus:
                fds.append(open_event(tid, cpu, self._registers))
            rings = equal_rings(fds, ring_bytes(len(cpus), self._registers))
        except BaseException:
            for fd in fds:
                os.close(fd)
            raise
        self._rings = dict(zip(cpus, rings, strict=True))
        self._decoders = {cpu: Decoder(os.uname().machine) for cpu in cpus}


def ring_bytes(cores: int, registers: bool) -> int:
    """The size of each ring with so many cores: a power of two. Pure."""
    most_bytes = MOST_RING_BYTES if registers else MOST_RING_BYTES // 2
    return 1 << (min(most_bytes, MOST_BYTES // cores).bit_length() - 1)


def living_threads(root: int) -> Iterator[Living]:
    """All threads of a process and of those below it, parents first."""
    yield from (Living(root, tid, 0, 0) for tid in thread_ids(root))
    for pid, stat in descendants(root).items():
        if stat.running:
            yield from (Living(pid, tid, stat.parent, 0) for tid in thread_ids(pid))


def thread_ids(pid: int) -> list[int]:
    """The threads of a process, the oldest first in most cases; none if it has ended."""
    with suppress(FileNotFoundError):
        return sorted(map(int, os.listdir(f"/proc/{pid}/task")))
    return []
