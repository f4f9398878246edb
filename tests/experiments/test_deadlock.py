"""Two locks in opposite orders: which worker waits for which is named, and a stop or a time limit resolves it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.measurement import Wait
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import by_name, ended, running, until

Shared = Callable[[str], Monitor]


def stuck(snapshot: Snapshot) -> bool:
    return any(set(each.deadlock) & set(each.waits) for each in snapshot.counters)


def launched(monitor: Monitor, model: str, workers: int = 2) -> Snapshot:
    for _ in range(workers):
        monitor.launch(Request("deadlock", "opposite", model))
    return until(monitor, lambda snapshot: running(snapshot) and stuck(snapshot))


@pytest.mark.parametrize("model", experiments.load("deadlock").models)
def test_it_is_found_and_named_in_every_model(model: str, newest: Monitor) -> None:
    snapshot = launched(newest, model)
    one, other = (worker.name for worker in snapshot.workers)
    circle = {Wait(one, "B", other), Wait(other, "A", one)}
    assert set(snapshot.counters[0].deadlock) == circle
    assert {worker.state for worker in snapshot.workers} == {State.LOCK}
    reported = [line.text for line in snapshot.log if line.worker == "monitor"]
    assert len(reported) == 1
    assert f"{one} waits for lock B, held by {other}" in reported[0]
    newest.stop_all()
    until(newest, ended)


def test_stopping_one_lets_the_other_go_on(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    snapshot = launched(monitor, "threads")
    monitor.stop(by_name(snapshot)["Thread-1"].id)
    until(monitor, lambda snapshot: by_name(snapshot)["Thread-2"].state is State.IO)
    snapshot = monitor.poll()
    assert not stuck(snapshot)
    assert snapshot.counters[0].deadlock
    monitor.stop_all()
    until(monitor, ended)


def test_those_behind_them_are_no_part_of_the_circle(monitor: Monitor) -> None:
    launched(monitor, "threads", 2)
    monitor.launch(Request("deadlock", "opposite", "threads"))
    waiting = until(monitor, lambda snapshot: len(snapshot.counters[0].waits) == 3).counters[0]
    assert Wait("Thread-3", "A", "Thread-1") in waiting.waits
    assert len(waiting.deadlock) == 2
    monitor.stop_all()
    until(monitor, ended)


@pytest.mark.parametrize("model", ["threads", "asyncio"])
def test_in_one_order_there_is_none(model: str, monitor: Monitor) -> None:
    monitor.measure(Request("deadlock", "same", model, 3, 0.5))
    snapshot = until(monitor, lambda snapshot: snapshot.measurements)
    result = snapshot.measurements[0]
    assert (result.deadlock, result.problem) == ((), None)
    assert result.slowdown is not None
    assert sum(worker.total.lock_wait for worker in snapshot.workers) > 0.1


def test_who_was_killed_with_a_lock_still_holds_it(monitor: Monitor) -> None:
    snapshot = launched(monitor, "processes")
    os.kill(by_name(snapshot)["Process-1"].pid or 0, signal.SIGKILL)
    until(monitor, lambda snapshot: by_name(snapshot)["Process-1"].ending)
    until(monitor, lambda snapshot: snapshot.counters[0].waits == (Wait("Process-2", "A", "Process-1"),))
    monitor.stop_all()
    until(monitor, ended)
