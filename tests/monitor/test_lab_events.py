"""Handling the events of labs."""

from __future__ import annotations

import select
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from pconc_tui.monitor.lab_events import LabEvents
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.monitor.log import Log
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.worker_registry import WorkerRegistry
from pconc_tui.requests import Request
from tests.support import LONG_S, ended, running, until

SPEC = LabSpec("python")


class Lab:
    """A lab that has sent these events, and died if there is a reason."""

    def __init__(self, *events: dict[str, Any], died: str | None = None) -> None:
        self.spec = SPEC
        self.exit_reason: str | None = None
        self.process = SimpleNamespace(facts={}, exit_reason=lambda: died)
        self.process.messages = SimpleNamespace(read=lambda: list(events))
        self.events: deque[dict[str, Any]] = deque()
        self.known_ns = 1 << 62

    def knows(self, time_ns: int) -> bool:
        """Whether all that its workers did up to this time can be read."""
        return time_ns <= self.known_ns

    def end_left_processes(self) -> None:
        """It runs no user's function, so none is left."""


def handle(events: LabEvents) -> None:
    """Receive and handle what the labs have sent."""
    events.receive()
    events.handle(10)


def received(lab: Lab) -> tuple[WorkerRegistry, Log]:
    """The registry and the log after the lab's events were handled."""
    registry, log = WorkerRegistry("python", lambda: 0, None, None), Log(0)
    registry.labs[SPEC] = lab  # type: ignore[assignment]
    handle(LabEvents(registry, log))
    return registry, log


def test_a_ready_lab_reports_facts_about_its_interpreter() -> None:
    lab = Lab({"event": "ready", "t_ns": 5, "version": "3.14.0", "gil_enabled": True})
    received(lab)
    assert lab.process.facts == {"version": "3.14.0", "gil_enabled": True}


def test_a_line_that_no_known_worker_printed_is_the_parents() -> None:
    _, log = received(Lab({"event": "log", "t_ns": 2 * 10**9, "worker": 0, "text": "hello"}))
    (line,) = log.lines
    assert (line.t_s, line.worker, line.text) == (2, "parent", "hello")


def test_the_report_of_a_run_belongs_to_its_group() -> None:
    registry, log = WorkerRegistry("python", lambda: 0, None, None), Log(0)
    group = registry.new_group(("cpu-bound", "threads", SPEC))
    event = {"event": "finished", "t_ns": 9, "group": group.id, "started_ns": 1, "ended_ns": 2 * 10**9 + 1}
    registry.labs[SPEC] = Lab(event)  # type: ignore[assignment]
    handle(LabEvents(registry, log))
    assert group.seconds == 2


def test_the_last_events_of_a_lab_are_handled_before_its_death() -> None:
    lab = Lab({"event": "log", "t_ns": 5, "worker": 0, "text": "last words"}, died="the lab exited")
    _, log = received(lab)
    assert [line.text for line in log.lines] == ["last words"]
    assert lab.exit_reason == "the lab exited"


def test_the_groups_of_a_dead_lab_are_forgotten() -> None:
    registry, log = WorkerRegistry("python", lambda: 0, None, None), Log(0)
    registry.new_group(("cpu-bound", "threads", SPEC))
    kept = registry.new_group(("cpu-bound", "threads", LabSpec("other")))
    registry.labs[SPEC] = Lab(died="the lab exited")  # type: ignore[assignment]
    handle(LabEvents(registry, log))
    assert list(registry.groups.values()) == [kept]


def test_an_unknown_event_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown event of a lab"):
        received(Lab({"event": "gossip", "t_ns": 5}))


def test_what_ends_after_slots_were_read_ends_in_the_next_frame_when_all_slots_were_read_again(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor.launch(Request("cpu-bound", "calls", "threads", 2))
    until(monitor, running)
    read = monitor._registry.read

    def read_and_wait_for_an_end() -> None:
        read()
        monitor.stop_all()
        assert select.select(monitor.event_fds, [], [], LONG_S)[0]

    with monkeypatch.context() as patched:
        patched.setattr(monitor._registry, "read", read_and_wait_for_an_end)
        assert not any(worker.ending for worker in monitor.poll().workers)
    snapshot = until(monitor, ended)
    assert all(worker.ended_ns and worker.ended_ns <= snapshot.now_ns for worker in snapshot.workers)
