"""A lab in use: its process, its slots and its sampler, and the settings that its workers run with."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from pconc_tui.monitor.helper_lanes import HelperLanes
from pconc_tui.monitor.lab_observer import LabObserver
from pconc_tui.monitor.lab_process import LabProcess, LabSpec
from pconc_tui.monitor.slot_assignment import SlotAllocator
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import CONTROL, GIL, HEAD, REQUESTED_INTERVAL, STOP, SWITCH_INTERVAL
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import RequestError
from pconc_tui.snapshot import Lab

SETTING_COUNT = 2
"""Added to the control word whenever a setting changes."""


class LabHandle:
    """Owns one lab and what observes it."""

    def __init__(self, spec: LabSpec, switch_interval_s: float | None, source: Source | None = None) -> None:
        """Start the lab; `switch_interval_s`: None: the default; `source`: of the lanes of users' functions, None: the
        best that the system permits. Raises RequestError if the interpreter can't be started.
        """
        try:
            self.process = LabProcess(spec)
        except OSError as error:
            raise RequestError(f"can't start {spec.python}: {error.strerror}") from error
        self.exit_reason: str | None = None
        """How the lab ended; None while it lives."""
        self.function: str | None = None
        """The user's function that was last started, until what it left has been ended; None: there is none."""
        self.ending_left_processes = False
        """Whether the lab has been asked to end what functions left, and has not reported that it has."""
        self.events: deque[dict[str, Any]] = deque()
        """The lab's events that have not been handled yet."""
        self.observer: LabObserver | None = None
        """Observes workers that run a user's function; None: there were none."""
        self._source = source
        self._slots = SlotAllocator(self.process.block)
        self._requested_interval_s = switch_interval_s
        self._reported_interval_s: float | None = None
        self._gil_enabled: bool | None = None

    @property
    def spec(self) -> LabSpec:
        return self.process.spec

    def observe(self, new_id: Callable[[], int], max_history_pieces: int | None) -> LabObserver:
        """Begin to observe the lab, if that has not started. The arguments: as in `LabObserver`."""
        if self.observer is None:
            self.observer = LabObserver(self.process, self._source, new_id, max_history_pieces)
        return self.observer

    @property
    def helpers(self) -> HelperLanes | None:
        """The lanes of threads that functions start; None: there are none, or they can't be observed."""
        return None if self.observer is None else self.observer.helpers

    def receive_from_observer(self) -> None:
        """Receive the observer's messages, if there is one."""
        if self.observer is not None:
            self.observer.receive()

    def knows(self, time_ns: int) -> bool:
        """Whether all that its workers did up to this time can be read, or never will be."""
        return self.observer is None or self.observer.knows(time_ns)

    @property
    def has_unread(self) -> bool:
        """Whether there are events to handle, or its observer knows more than was read."""
        return bool(self.events) or (self.observer is not None and self.observer.has_unread)

    @property
    def event_fds(self) -> list[int]:
        """Descriptors that are readable when the lab or its observer has sent events."""
        if self.exit_reason:
            return []
        return [self.process.messages.fd, *(self.observer.event_fds if self.observer else ())]

    def close(self) -> None:
        """End the lab and its observer."""
        if self.observer is not None:
            self.observer.close()
        self.process.close()

    def allocate_slots(self, count: int) -> list[int]:
        """Take this many slots for new workers. Raises RequestError if there are not enough."""
        slots = self._slots.allocate(count)
        if self._requested_interval_s is not None:
            for slot in slots:
                self._write_interval(slot, self._requested_interval_s)
        return slots

    def release_slot(self, slot: int) -> None:
        """Free the slot of a worker that has ended."""
        self._slots.release(slot)

    def stop(self, workers: Iterable[WorkerTracker]) -> None:
        """Ask workers to stop: by the control word, which they poll while they run, and by waking those that sleep."""
        workers = list(workers)
        for worker in workers:
            self.process.block.slot(worker.slot)[CONTROL] |= STOP
        self.process.send(do="stop", workers=[worker.id for worker in workers])

    def end_left_processes(self) -> None:
        """End the processes that functions left; called when no worker of this lab runs any more."""
        if self.function is not None and not self.ending_left_processes:
            self.ending_left_processes = True
            self.process.send(do="end_left_processes")

    def set_switch_interval(self, seconds: float, workers: Iterable[WorkerTracker]) -> None:
        """Change the switch interval. Running workers set it themselves, so no other thread has to wait for the GIL."""
        self._requested_interval_s = seconds
        self._reported_interval_s = None
        for worker in workers:
            self._write_interval(worker.slot, seconds)

    def update(self, workers: Iterable[WorkerTracker]) -> None:
        """Read from the workers' slots whether the GIL is enabled and which switch interval is in force."""
        started = [worker.header for worker in workers if worker.header[HEAD]]
        if started:
            # A sleeping worker has not noticed yet that the GIL was enabled, so one that needs it is enough.
            self._gil_enabled = any(header[GIL] for header in started)
            self._reported_interval_s = started[-1][SWITCH_INTERVAL] / 1e9

    def snapshot(self) -> Lab:
        """The lab's part of a Snapshot."""
        facts = self.process.facts
        return Lab(
            state="dead" if self.exit_reason else "ready" if facts else "starting",
            executable=facts.get("executable", self.spec.python),
            version=facts.get("version"),
            gil_enabled=facts.get("gil_enabled") if self._gil_enabled is None else self._gil_enabled,
            free_threaded_build=facts.get("free_threaded_build"),
            switch_interval_s=(
                self._reported_interval_s or self._requested_interval_s or facts.get("switch_interval_s")
            ),
            start_method=facts.get("start_method", self.spec.start_method),
            message=self.exit_reason,
            source=self.observer.source if self.observer is not None else None,
            source_problem=self.observer.problem if self.observer is not None else None,
        )

    def _write_interval(self, slot: int, seconds: float) -> None:
        words = self.process.block.slot(slot)
        words[REQUESTED_INTERVAL] = round(seconds * 1e9)
        words[CONTROL] += SETTING_COUNT
