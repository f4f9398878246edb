"""Measures the memory of the processes in which the workers of one run live.

Reading `smaps_rollup` costs about 0.7 ms a process, so it is read twice, late in the run: at 50 % and at 85 % of the
work, and once more at the end if the run was too short for that. Processes that exit with their workers may be gone by
then, so each publishes its resident size when it starts. Example: four processes that work for 5 ms, with a frame every
50 ms. No frame finds them alive, but each has published 20 MB. The result is an RSS of 80 MB and an unknown PSS.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import NamedTuple

import psutil

READ_AT = (0.5, 0.85)
"""Progress of the run, 0 to 1, at which memory is read."""


class Memory(NamedTuple):
    """Memory in bytes."""

    rss: int
    """Resident set size; memory that processes share counts in each."""
    pss: int | None
    """Proportional set size: shared memory is divided among the processes that share it; None: unknown."""


def process_memory(pid: int) -> Memory | None:
    """Memory of one process, by psutil; None if it has ended or may not be read."""
    try:
        process = psutil.Process(pid)
        try:
            full = process.memory_full_info()
            memory = Memory(full.rss, getattr(full, "pss", None))
        except psutil.AccessDenied:
            memory = Memory(process.memory_info().rss, None)
    except psutil.Error:
        return None
    return memory if memory.rss else None  # A zombie has given its memory back.


class RunMemory:
    """The memory of the processes of one run; `update` once a frame."""

    def __init__(self) -> None:
        self._published: Mapping[int, int] = {}
        self._total: Memory | None = None
        self._reads = 0

    def update(self, published: Mapping[int, int], progress: float) -> None:
        """Read what is due.

        `published`: the resident size in bytes that each process with workers has published, 0 if none; by process id,
        0 where one has not started. `progress`: 0 to 1 (ended).
        """
        self._published = published
        pids = published.keys()
        due = READ_AT[self._reads] if self._reads < len(READ_AT) else None
        if due is not None and progress >= due and pids and 0 not in pids:
            self._read(pids)

    @property
    def total(self) -> Memory | None:
        """Sum over the processes: of the latest reading, or of the resident sizes that they published."""
        if self._total is not None or not self._published or not all(self._published.values()):
            return self._total
        return Memory(sum(self._published.values()), None)

    def _read(self, pids: Set[int]) -> None:
        read = [process_memory(pid) for pid in pids]
        known = [memory for memory in read if memory is not None]
        if len(known) == len(pids):
            pss = [memory.pss for memory in known if memory.pss is not None]
            self._total = Memory(sum(memory.rss for memory in known), sum(pss) if len(pss) == len(pids) else None)
            self._reads += 1
