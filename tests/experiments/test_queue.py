"""Producers and consumers: no item gets lost, and which worker waits is recorded."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from pconc_tui.experiments import ALL_MODELS
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import by_name, ended, measured, running, until

Shared = Callable[[str], Monitor]


@pytest.fixture(params=ALL_MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def iterations(snapshot: Snapshot) -> int:
    return sum(worker.iterations for worker in snapshot.workers)


def test_all_that_is_put_is_got(model: str, newest: Monitor) -> None:
    for workers, items in ((1, 250), (2, 500), (3, 800), (4, 1000)):
        counters = measured(newest, Request("queue", "bare", model, workers, 0.1)).counters[0]
        assert counters.put == counters.got == items
        assert counters.depth == 0


@pytest.mark.parametrize("model", ["threads", "processes"])
def test_it_runs_under_every_interpreter(python: str, shared_monitor: Shared, model: str) -> None:
    measured(shared_monitor(python), Request("queue", "work", model, 2, 0.05))


def test_a_producer_alone_fills_it_and_waits(model: str, newest: Monitor) -> None:
    monitor = newest
    monitor.launch(Request("queue", "bare", model))
    snapshot = until(monitor, lambda snapshot: snapshot.workers[0].total.io > 0.1)
    assert snapshot.counters[0].depth == 100
    monitor.launch(Request("queue", "bare", model))
    until(monitor, lambda snapshot: (snapshot.counters[0].got_per_s or 0) > 100)
    monitor.stop(snapshot.workers[0].id)
    until(monitor, lambda snapshot: snapshot.counters[0].depth == 0 and snapshot.workers[1].total.io > 0.1)
    monitor.stop_all()
    until(monitor, ended)


@pytest.mark.parametrize("number", range(4))
def test_a_measurement_ends_whichever_worker_is_killed(monitor: Monitor, number: int) -> None:
    experiment, variant, scale = (("queue", "work", 2.0), ("lost-update", "plain", 1.0))[number % 2]
    monitor.measure(Request(experiment, variant, "processes", 4, scale))
    snapshot = until(monitor, lambda snapshot: len(snapshot.workers) == 4 and running(snapshot))
    until(monitor, lambda later: iterations(later) > iterations(snapshot))
    os.kill(snapshot.workers[number].pid or 0, signal.SIGKILL)
    result = until(monitor, lambda snapshot: snapshot.measurements).measurements[-1]
    assert result.problem == f"{snapshot.workers[number].name}: killed by signal 9"


def test_a_killed_consumer_does_not_keep_the_measurement_waiting(monitor: Monitor) -> None:
    monitor.measure(Request("queue", "work", "processes", 2, 1))
    snapshot = until(monitor, lambda snapshot: len(snapshot.workers) == 2 and running(snapshot))
    os.kill(by_name(snapshot)["Process-2"].pid or 0, signal.SIGKILL)
    result = until(monitor, lambda snapshot: snapshot.measurements).measurements[0]
    assert result.problem == "Process-2: killed by signal 9"
