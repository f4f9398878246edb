"""After a reset everything is forgotten, the workers that lived once they have ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from tests.support import measured, running, until

MEASUREMENT = Request("identity", "print", "threads", workers=2)
ENDLESS = Request("cpu-bound", "calls", "threads")


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    made = Monitor()
    yield made
    made.close()


def test_everything_that_ran_is_forgotten(monitor: Monitor) -> None:
    assert measured(monitor, MEASUREMENT).has_run
    monitor.launch(ENDLESS)
    until(monitor, lambda snapshot: any(worker.alive for worker in snapshot.workers))
    monitor.reset()
    assert not monitor.poll().measurements
    empty = until(monitor, lambda snapshot: not snapshot.workers)
    assert (empty.has_run, empty.counters, empty.log, empty.comparison) == (False, (), (), None)


def test_only_the_default_lab_stays(monitor: Monitor) -> None:
    monitor.open_lab()
    monitor.launch(ENDLESS)
    monitor.launch(Request("cpu-bound", "calls", "processes", start_method="spawn"))
    until(monitor, lambda snapshot: len(snapshot.labs) == 2 and running(snapshot))
    monitor.reset()
    until(monitor, lambda snapshot: len(snapshot.labs) == 1 and not snapshot.workers)
    monitor.launch(ENDLESS)
    until(monitor, running)


def test_a_measurement_in_progress_is_forgotten_and_a_worker_launched_at_once_stays(monitor: Monitor) -> None:
    monitor.measure(MEASUREMENT)
    until(monitor, lambda snapshot: snapshot.workers)
    monitor.reset()
    monitor.launch(ENDLESS)
    only = until(monitor, lambda snapshot: len(snapshot.workers) == 1 and running(snapshot))
    assert [worker.experiment for worker in only.workers] == ["cpu-bound"]
    assert only.has_run
    assert not only.measurements
