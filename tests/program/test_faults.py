"""What goes wrong in a lab, and that nothing is left of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request, RequestError
from tests.support import ended, eventually, gone, lab_process, running, until

ME = psutil.Process()


def descendants() -> list[psutil.Process]:
    return ME.children(recursive=True)


def test_a_killed_process_says_so_and_the_rest_goes_on(python: str, open_monitor: Callable[..., Monitor]) -> None:
    monitor = open_monitor(python=python)
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    snapshot = until(monitor, running)
    monitor.kill(snapshot.workers[0].id)
    snapshot = until(monitor, lambda snapshot: snapshot.workers[0].ending)
    assert snapshot.workers[0].ending == "killed by signal 9"
    assert snapshot.workers[1].ending is None
    before = snapshot.workers[1].iterations
    until(monitor, lambda snapshot: snapshot.workers[1].iterations > before)


def test_a_thread_can_not_be_killed(fresh_monitor: Monitor) -> None:
    fresh_monitor.launch(Request("cpu-bound", "calls", "threads"))
    snapshot = until(fresh_monitor, running)
    with pytest.raises(RequestError, match="Thread-1 has no process of its own, so it can only be stopped"):
        fresh_monitor.kill(snapshot.workers[0].id)


def test_all_threads_end_with_their_process(fresh_monitor: Monitor) -> None:
    for model in ("threads", "threads", "processes"):
        fresh_monitor.launch(Request("lost-update", "plain", model))
    snapshot = until(fresh_monitor, running)
    os.kill(snapshot.workers[0].pid or 0, signal.SIGKILL)
    snapshot = until(fresh_monitor, lambda snapshot: snapshot.workers[0].ending)
    assert [worker.ending for worker in snapshot.workers] == ["killed by signal 9", "killed by signal 9", None]
    fresh_monitor.launch(Request("lost-update", "plain", "threads"))
    snapshot = until(fresh_monitor, running)
    assert snapshot.workers[3].pid != snapshot.workers[0].pid
    assert snapshot.counters[0].workers == 1


def test_the_lab_is_killed(python: str, open_monitor: Callable[..., Monitor]) -> None:
    monitor = open_monitor(python=python)
    for model in ("threads", "processes", "threads"):
        monitor.launch(Request("cpu-bound", "calls", model))
    until(monitor, running)
    processes = descendants()
    monitor.set_switch_interval(1)
    lab_process().kill()
    snapshot = until(monitor, lambda snapshot: snapshot.labs[0].state == "dead")
    assert snapshot.labs[0].message == "the lab was killed by signal 9"
    assert [worker.ending for worker in snapshot.workers] == ["the lab died"] * 3
    eventually(lambda: gone(processes))
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    snapshot = until(monitor, running)
    assert snapshot.labs[0].state == "ready"
    assert len(snapshot.workers) == 4


def test_what_was_shared_died_with_the_lab(fresh_monitor: Monitor, lab: psutil.Process) -> None:
    fresh_monitor.launch(Request("lost-update", "plain", "threads"))
    until(fresh_monitor, lambda snapshot: snapshot.workers and snapshot.workers[0].iterations)
    lab.kill()
    until(fresh_monitor, ended)
    assert len(fresh_monitor.event_fds) == 0, "a dead lab has nothing to send_line, and would always seem to"
    fresh_monitor.launch(Request("lost-update", "plain", "threads"))
    snapshot = until(fresh_monitor, lambda snapshot: snapshot.workers[1].iterations)
    assert snapshot.counters[0].workers == 1


def test_a_measurement_whose_lab_dies_is_incomplete(fresh_monitor: Monitor, lab: psutil.Process) -> None:
    fresh_monitor.measure(Request("cpu-bound", "calls", "threads", 2, scale=50))
    until(fresh_monitor, lambda snapshot: snapshot.workers and running(snapshot))
    lab.kill()
    result = until(fresh_monitor, lambda snapshot: snapshot.measurements).measurements[0]
    assert result.problem == "Thread-1: the lab died"
    assert result.slowdown is None


def test_an_interpreter_that_does_not_start_is_told() -> None:
    monitor = Monitor(python="/no/such/python")
    with pytest.raises(RequestError, match="can't start /no/such/python: No such file"):
        monitor.launch(Request("cpu-bound", "calls", "threads"))


def test_a_lab_that_dies_at_once_reports_why(open_monitor: Callable[..., Monitor]) -> None:
    monitor = open_monitor(python="/bin/cat")
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    snapshot = until(monitor, lambda snapshot: snapshot.labs[0].state == "dead")
    assert "exited with status 1: " in (snapshot.labs[0].message or "")
    assert ended(snapshot)
