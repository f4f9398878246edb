"""Receives the events of the labs: ready, printed lines, tracebacks, ended workers and runs, and a lab's death.

Events are received before the frame's time is taken and the slots are read, and handled after that. So when an event
ends a worker, the slots of all workers have been read up to that end: what the others did shows what it waited for,
and which hand-offs there were.
"""

from __future__ import annotations

from typing import Any

from pconc_tui.models import lab_model
from pconc_tui.monitor.lab_handle import LabHandle
from pconc_tui.monitor.log import Log
from pconc_tui.monitor.wait_description import Call, Stack
from pconc_tui.monitor.worker_registry import WorkerRegistry
from pconc_tui.text import sentences


class LabEvents:
    """Applies events to the registry and the log. Each frame: `receive`, read the slots, `handle`."""

    def __init__(self, registry: WorkerRegistry, log: Log) -> None:
        self._registry = registry
        self._log = log
        self._received: list[tuple[LabHandle, str | None]] = []
        """The labs that lived in the last frame, and how they have ended since; None: they live."""

    def receive(self) -> None:
        """Receive the events of all labs that were sent since the last frame."""
        self._received.clear()
        for lab in self._registry.labs.values():
            if not lab.exit_reason:
                # Before the events, so that those which a dying lab sent last are received.
                self._received.append((lab, lab.process.exit_reason()))
                lab.events.extend(lab.process.messages.read() or ())

    def handle(self, now_ns: int) -> None:
        """Handle what was received."""
        for lab, exit_reason in self._received:
            # What an event ends is known completely only once the records up to then have been read.
            while lab.events and (exit_reason or lab.knows(lab.events[0]["t_ns"])):
                self._handle(lab, lab.events.popleft())
            if exit_reason:
                self._lab_died(lab, exit_reason, now_ns)

    def _handle(self, lab: LabHandle, event: dict[str, Any]) -> None:
        workers = self._registry.workers
        match event:
            case {"event": "ready", "t_ns": _, **facts}:
                lab.process.facts = facts
            case {"event": "log", "t_ns": t_ns, "worker": id, "text": text}:
                tracker = workers.get(id)
                self._log.add(t_ns, "parent" if tracker is None else tracker.name, text)
            case {"event": "dropped", "t_ns": _, "lines": lines}:
                self._log.dropped += lines
            case {"event": "trace", "t_ns": t_ns, "worker": id, "text": text}:
                if tracker := workers.get(id):
                    self._log.add(t_ns, tracker.name, text, error=True)
                    tracker.traceback.append(text)
            case {"event": "ended", "t_ns": t_ns, "worker": id, "ending": ending, **figures}:
                # Its parent reports that once more, in case that the worker could not.
                if (tracker := workers.get(id)) and tracker.alive:
                    tracker.sent_bytes = figures["sent_bytes"]
                    self._registry.end_worker(tracker, ending, t_ns, figures["cpu_ns"])
            case {"event": "host_died", "t_ns": t_ns, "model": model, "newest": newest, "ending": ending}:
                self._host_died(lab, model, newest, ending, t_ns)
            case {"event": "stack", "t_ns": _, "worker": id, "calls": calls, "loop_blocked": loop_blocked}:
                if id in self._registry.workers:
                    self._registry.workers[id].stack = Stack(tuple(Call(*call) for call in calls), loop_blocked)
            case {"event": "finished", "t_ns": _, "group": id, **report}:
                # The last worker of the group was joined, unless another has joined the group meanwhile.
                group = self._registry.groups.get(id)
                if group is not None and not group.alive:
                    group.finished = report
                self._end_left_processes(lab)
            case {"event": "left_processes", "t_ns": t_ns, "count": count, "ended": ended}:
                if count:
                    function = lab.function or "a function"
                    self._log.add(t_ns, "monitor", sentences.left_processes(function, count, ended))
                lab.ending_left_processes = False
                lab.function = None
            case _:
                raise ValueError(f"unknown event of a lab: {event}")

    def _host_died(self, lab: LabHandle, model: str, newest: int, ending: str, t_ns: int) -> None:
        """The process that hosts all workers of a model died; `newest` is the last worker that it received."""
        for worker in self._registry.alive():
            if worker.lab is lab.process and lab_model(worker.info.model) == model and worker.id <= newest:
                self._registry.end_worker(worker, ending, t_ns)
        self._registry.forget_groups(lambda group: (group.lab, lab_model(group.model)) == (lab.spec, model))
        self._end_left_processes(lab)

    def _end_left_processes(self, lab: LabHandle) -> None:
        """End what functions left, unless a worker runs that could use it."""
        if not any(worker.lab is lab.process for worker in self._registry.alive()):
            lab.end_left_processes()

    def _lab_died(self, lab: LabHandle, exit_reason: str, now_ns: int) -> None:
        lab.exit_reason = exit_reason
        lab.ending_left_processes = False
        for worker in self._registry.alive():
            if worker.lab is lab.process:
                self._registry.end_worker(worker, "the lab died", now_ns)
        self._registry.forget_groups(lambda group: group.lab == lab.spec)
