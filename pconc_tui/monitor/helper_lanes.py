"""Lanes of the threads that users' functions start, and of the threads of their child processes.

A thread belongs to a worker if that, or another thread that belongs to it, started it while the worker lived. All other
threads of a lab are its own.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from pconc_tui.monitor.observed_thread import ObservedThread
from pconc_tui.monitor.thread_tracker import ThreadTracker
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.gil_waits import Gil

MOST_LANES = 64
"""Of a lab; the oldest that have ended are forgotten first."""
NAME_CHARS = 24


class HelperLanes:
    """Those of one lab. Each frame: `read`, `Gil.update`, `finalize`, then `snapshot`."""

    def __init__(self, tree: TreeObserver, new_id: Callable[[], int], max_history_pieces: int | None) -> None:
        self._tree = tree
        self._new_id = new_id
        self._pieces = max_history_pieces
        self._seen = 0
        """Id of the newest thread."""
        self._unassigned: list[ObservedThread] = []
        self._owners: dict[int, int] = {}
        """The worker to which each thread belongs, by the threads' ids."""
        self._lanes: dict[int, ThreadTracker] = {}

    def read(self, workers: Iterable[WorkerTracker], gils: defaultdict[int, Gil]) -> None:
        """Find threads that belong to these workers, and read all."""
        new = [thread for thread in self._tree.threads.values() if thread.id > self._seen]
        self._seen = max([self._seen, *(thread.id for thread in new)])
        self._unassigned += new
        # Which worker started it is known once all up to then is.
        known = [thread for thread in self._unassigned if thread.started_ns <= self._tree.until_ns]
        if known:
            self._unassigned = [thread for thread in self._unassigned if thread not in known]
            by_thread = {worker.thread: worker for worker in workers if worker.lane.started_ns is not None}
            for thread in known:
                self._assign(thread, by_thread)
        for lane in self._lanes.values():
            lane.read(gils)

    def finalize(self, now_ns: int) -> None:
        """Make final spans of what is known."""
        for lane in self._lanes.values():
            lane.finalize(now_ns)

    def sample(self, now_ns: int, read_ns: int) -> None:
        """Read the threads' CPU use, at `read_ns`, and their times up to `now_ns`."""
        for lane in self._lanes.values():
            lane.sample(now_ns, read_ns)

    def keep(self, workers: Mapping[int, object]) -> None:
        """Forget the threads of all other workers."""
        for id in [id for id in self._lanes if self._owners[id] not in workers]:
            del self._lanes[id]

    def snapshot(self, now_ns: int, python: str) -> Iterator[Worker]:
        """Their part of a Snapshot. `python`: version of the lab's interpreter."""
        for id, lane in self._lanes.items():
            owner = self._owners[id]
            yield lane.snapshot(now_ns, self._name(lane.thread), python if lane.thread.has_python_state else "", owner)

    def _assign(self, thread: ObservedThread, workers: Mapping[tuple[int, int], WorkerTracker]) -> None:
        starter = self._tree.threads.get(thread.started_by)
        owner = self._owners.get(thread.started_by)
        if owner is None and starter is not None:
            worker = workers.get((starter.pid, starter.tid))
            started_ns = None if worker is None else worker.lane.started_ns
            if worker is not None and started_ns is not None and started_ns <= thread.started_ns:
                owner = worker.id
        if owner is None:
            return
        self._owners[thread.id] = owner
        if len(self._lanes) >= MOST_LANES:
            oldest = next((id for id, lane in self._lanes.items() if not lane.alive), next(iter(self._lanes)))
            del self._lanes[oldest]
        self._lanes[thread.id] = ThreadTracker(self._new_id(), thread, self._tree, self._pieces)

    def _name(self, thread: ObservedThread) -> str:
        """Its name; of the main thread of a child process, the program and its first arguments."""
        process = self._tree.processes.get(thread.pid)
        if thread.tid == thread.pid and process is not None and process.command:
            program, *arguments = process.command.split(" ")
            return " ".join([os.path.basename(program), *arguments])[:NAME_CHARS]
        return thread.name
