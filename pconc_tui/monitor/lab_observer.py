"""How the workers of one lab are observed from outside: by the kernel's records, or where it refuses them by sampling.

Where there are more records than can be read at a bounded cost, or the observing process has been killed, the lab's
workers are sampled from then on.

The lab's commands wait until observing has started, so that it covers a worker from its first instruction on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

from pconc_tui.monitor.continued_lane import ContinuedLane
from pconc_tui.monitor.helper_lanes import HelperLanes
from pconc_tui.monitor.lab_process import LabProcess
from pconc_tui.monitor.recorded_lane import RecordedLane
from pconc_tui.monitor.sampler_client import SampledTransitions, SamplerClient
from pconc_tui.monitor.tree_client import REPLACED, TreeObserver
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import SAMPLER
from pconc_tui.protocol.lane_source import Source


class LabObserver:
    """Owns the lab's observer, or its sampler. `receive` once a frame."""

    def __init__(
        self, lab: LabProcess, source: Source | None, new_id: Callable[[], int], max_history_pieces: int | None
    ) -> None:
        """`source`: the one to use; None: the best that the system permits; `new_id`: makes ids of helpers."""
        self._lab = lab
        self._waiting: list[WorkerTracker] = []
        """Workers that are not launched yet."""
        self.tree: TreeObserver | None = None
        """Observes the lab's processes, or has until it was overloaded; None: it was refused."""
        self._sampler: SamplerClient | None = None
        self._refused: str | None = None
        """Why workers are sampled, where records were meant to be read."""
        self._recorded: list[WorkerTracker] = []
        """Workers whose lanes come from the records."""
        self.helpers: HelperLanes | None = None
        """The lanes of threads that functions start; None: they can't be observed."""
        lab.hold()
        if source is Source.SAMPLED:
            self._sampler = SamplerClient(lab.block)
        else:
            self.tree = TreeObserver(lab.pid)
            self.helpers = HelperLanes(self.tree, new_id, max_history_pieces)

    @property
    def ready(self) -> bool:
        """Whether it observes, or never will."""
        return self._sampler.ready if self._sampler is not None else self.tree is not None and self.tree.ready

    @property
    def pid(self) -> int:
        """Process id of the observing process."""
        return self._sampler.pid if self._sampler is not None else self.tree.pid if self.tree is not None else 0

    @property
    def source(self) -> str | None:
        """Where lanes come from, a value of `Source`; None: not known yet."""
        if self._sampler is not None:
            return Source.SAMPLED.value
        return self.tree.source.value if self.tree is not None and self.tree.source is not None else None

    @property
    def problem(self) -> str | None:
        """Why there is no better source, and how to get it; None: there is none."""
        return self._refused or (None if self.tree is None else self.tree.problem)

    @property
    def event_fds(self) -> list[int]:
        """Descriptors that are readable when there is something to receive."""
        return [self.tree.events_fd] if self.tree is not None and not self.tree.died else []

    def observe(self, workers: Iterable[WorkerTracker]) -> None:
        """Observe workers that are about to be launched."""
        self._waiting += workers
        if self.ready:
            self._start()

    @property
    def has_unread(self) -> bool:
        """Whether more is known than was received; where workers are sampled, always."""
        return self._sampler is not None or self.tree is None or self.tree.has_unread

    def knows(self, time_ns: int) -> bool:
        """Whether all that workers did up to this time is known, or never will be."""
        return self.tree is None or not self.tree.ready or self.tree.knows(time_ns)

    def receive(self) -> None:
        """Receive the events of the observing process; start what waits for it."""
        if self._sampler is not None:
            self._sampler.receive()
        if self.tree is not None:
            self.tree.receive()
            if self.tree.ready and self.tree.source is None:
                self._refused = self.tree.problem
                self.tree.close()
                self.tree = self.helpers = None
                self._sampler = SamplerClient(self._lab.block)
            elif self.tree.overload is not None:
                self._sample_from_now_on(self.tree, self.tree.overload)
            elif self.tree.died:
                self._sample_from_now_on(self.tree, REPLACED)
        if self.ready:
            self._start()

    def _sample_from_now_on(self, tree: TreeObserver, problem: str) -> None:
        """Start a sampler; once it is ready, sample the workers that live, and stop recording. `problem` says why."""
        if self._sampler is None:
            self._sampler = SamplerClient(self._lab.block)
        if self._sampler is None or not self._sampler.ready or self._refused is not None:
            return
        self._refused = problem
        now_ns = time.perf_counter_ns()
        for worker in self._recorded:
            if worker.alive and isinstance(worker.observed, RecordedLane):
                sampled = SampledTransitions(self._sampler, worker.slot, worker.id, now_ns)
                worker.observed = ContinuedLane(worker.observed, sampled)
        self._recorded.clear()
        tree.stop()

    def close(self) -> None:
        """End the observing process."""
        if self._sampler is not None:
            self._sampler.close()
        if self.tree is not None:
            self.tree.close()

    def _start(self) -> None:
        """Launch the workers that wait."""
        for worker in self._waiting:
            if self._sampler is not None:
                worker.observed = SampledTransitions(self._sampler, worker.slot, worker.id)
            elif self.tree is not None:
                worker.observed = RecordedLane(self.tree)
                self._recorded = [each for each in self._recorded if each.alive] + [worker]
            # The worker permits this process and its children to sample it, where the kernel asks for that.
            self._lab.block.slot(worker.slot)[SAMPLER] = os.getpid()
        if self._waiting:
            self.knows(time.perf_counter_ns())  # So that a worker is known soon where others have run for long.
        self._waiting.clear()
        self._lab.resume()
