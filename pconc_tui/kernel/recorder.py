"""Records what the threads of a process do, and all threads and processes that these start from then on."""

from __future__ import annotations

import os
from contextlib import suppress
from time import perf_counter_ns

from pconc_tui.kernel.perf_event import KERNEL, KERNEL_SAMPLED, NotAllowedError, access, open_event
from pconc_tui.kernel.records import Decoder, Lost, Merge, Record
from pconc_tui.kernel.rings import Ring, online_cpus

MOST_RING_BYTES, MOST_BYTES = 2 << 20, 64 << 20
"""Of each core's ring, and of all: 40,000 records in each. The kernel allows every user a fourth of the former."""
DELAY_NS = 1_000_000
"""Records that are younger than this wait for the next reading: an older one of another core may not be there yet."""


class Recorder:
    """Scheduling records of processes. Nothing in them is stopped, changed or written to."""

    def __init__(self, pid: int) -> None:
        """Attach to all threads of a process. A process that has started nothing yet becomes a tree: whatever it
        starts is recorded from its first moment on.

        Raises NotAllowedError (`perf_event.access` says how to get the permission), ProcessLookupError.
        """
        self._rings: dict[int, Ring] = {}
        self._decoders: dict[int, Decoder] = {}
        self._merge = Merge()
        self._fds: list[int] = []
        self._attached: set[int] = set()
        allowed = access()
        if allowed.source is None:
            raise NotAllowedError(allowed.reason)
        self._registers = allowed.registers
        self.watermark_ns = 0
        """All records until then have been read."""
        self.source: str = KERNEL if allowed.registers else KERNEL_SAMPLED
        """`perf_event.KERNEL`, or `perf_event.KERNEL_SAMPLED` where records have no registers."""
        try:
            self.attach(pid)
        except BaseException:
            self.close()
            raise

    def attach(self, pid: int) -> None:
        """Record another process too, with all its threads. Raises NotAllowedError, ProcessLookupError."""
        found = False
        ended: set[int] = set()  # Those that no process has waited for are still listed.
        while new := _threads(pid) - self._attached - ended:
            for tid in sorted(new):
                self._attached.add(tid)
                try:
                    self._attach(tid)
                    found = True
                except ProcessLookupError:
                    self._attached.discard(tid)
                    ended.add(tid)
        if not found and not self._attached & _threads(pid):
            raise ProcessLookupError(f"process {pid} has ended")

    def read(self) -> list[Record]:
        """All records since the last call, of all cores, ordered by time; those of the last moment come next time."""
        self.watermark_ns = perf_counter_ns() - DELAY_NS
        found: list[Record] = []
        for cpu, ring in self._rings.items():
            if data := ring.take():
                decoder = self._decoders[cpu]
                found += decoder.decode(data)
                if ring.overflows:
                    found.append(Lost(decoder.last_ns, perf_counter_ns(), cpu, 0))
        return self._merge.add(found, self.watermark_ns)

    def close(self) -> None:
        """End recording."""
        for fd in self._fds:
            os.close(fd)
        for ring in self._rings.values():
            ring.close()
        self._fds.clear()
        self._rings.clear()

    def _attach(self, tid: int) -> None:
        cpus = online_cpus()
        for cpu in cpus:
            ring = self._rings.get(cpu)
            fd = open_event(tid, cpu, self._registers, ring.fd if ring else -1)
            if ring:
                self._fds.append(fd)
            else:
                try:
                    self._rings[cpu] = Ring(fd, ring_bytes(len(cpus)))
                except BaseException:
                    os.close(fd)
                    raise
                self._decoders[cpu] = Decoder(os.uname().machine)


def ring_bytes(cores: int) -> int:
    """The size of each ring with so many cores: a power of two. Pure."""
    return 1 << (min(MOST_RING_BYTES, MOST_BYTES // cores).bit_length() - 1)


def _threads(pid: int) -> set[int]:
    with suppress(FileNotFoundError):
        return set(map(int, os.listdir(f"/proc/{pid}/task")))
    return set()
