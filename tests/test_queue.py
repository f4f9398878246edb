"""Producers and consumers: nothing gets lost, and who waits is seen to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from pconc_tui.monitor.monitor import Monitor
from tests.support import by_name, ended, running, until

Shared = Callable[[str], Monitor]
MODELS = pytest.mark.parametrize("model", ["threads", "processes"])


@MODELS
@pytest.mark.parametrize("workers", [1, 2, 3, 4])
def test_all_that_is_put_is_got(model: str, workers: int, monitor: Monitor) -> None:
    monitor.measure("queue", "bare", model, workers, 0.1)
    snapshot = until(monitor, lambda snapshot: snapshot.measurements)
    assert snapshot.measurements[0].problem is None
    counters = snapshot.counters[0]
    producers = (workers + 1) // 2
    assert counters.put == counters.got == (250 if workers == 1 else producers * 500)
    assert counters.depth == 0


@MODELS
def test_it_runs_under_every_interpreter(python: str, shared_monitor: Shared, model: str) -> None:
    monitor = shared_monitor(python)
    monitor.measure("queue", "work", model, 2, 0.05)
    assert until(monitor, lambda snapshot: snapshot.measurements).measurements[0].problem is None


@MODELS
def test_a_producer_alone_fills_it_and_waits(model: str, monitor: Monitor) -> None:
    monitor.launch("queue", "bare", model)
    snapshot = until(monitor, lambda snapshot: snapshot.workers[0].total.io > 0.1)
    assert snapshot.counters[0].depth == 100
    monitor.launch("queue", "bare", model)
    until(monitor, lambda snapshot: (snapshot.counters[0].got_per_s or 0) > 100)
    monitor.stop(snapshot.workers[0].id)
    until(monitor, lambda snapshot: snapshot.counters[0].depth == 0 and snapshot.workers[1].total.io > 0.1)
    monitor.stop_all()
    until(monitor, ended, timeout_s=3)


def test_a_killed_consumer_does_not_keep_the_measurement_waiting(monitor: Monitor) -> None:
    monitor.measure("queue", "work", "processes", 2, 1)
    snapshot = until(monitor, lambda snapshot: len(snapshot.workers) == 2 and running(snapshot))
    os.kill(by_name(snapshot)["Process-2"].pid or 0, signal.SIGKILL)
    result = until(monitor, lambda snapshot: snapshot.measurements).measurements[0]
    assert result.problem == "Process-2: killed by signal 9"
