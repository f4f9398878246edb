"""The convoy: how late a heartbeat is alone, beside threads that compute, and beside what has a GIL of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from pconc_tui.experiments import ALL_MODELS
from pconc_tui.measurement import Counters, Measurement
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker
from tests import support
from tests.support import by_name, ended, running, until

Shared = Callable[[str], Monitor]


def measured(monitor: Monitor, model: str, scale: float = 0.2) -> tuple[Measurement, Worker]:
    """A measurement of a heartbeat and three that compute, and the heartbeat as it was with the others."""
    snapshot = support.measured(monitor, Request("convoy", "heartbeat", model, 4, scale))
    result = snapshot.measurements[-1]
    assert result.delays is not None
    assert result.delays_alone is not None
    assert result.rss is not None
    assert result.delays.count == result.delays_alone.count == round(300 * scale)
    return result, snapshot.workers[0]


def medians_ms(result: Measurement) -> tuple[float, float]:
    """Alone, and with the others."""
    assert result.delays is not None
    assert result.delays_alone is not None
    return (result.delays_alone.median_ns or 0) / 1e6, (result.delays.median_ns or 0) / 1e6


def test_a_thread_waits_for_the_gil_each_time(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    result, heartbeat = measured(monitor, "threads", 0.05)
    if monitor.poll().labs[0].gil_enabled:
        alone, beside = medians_ms(result)
        assert beside > max(4, alone), "it waits for about a switch interval, 5 ms, and for a core as it does alone"
        assert heartbeat.total.gil_wait > heartbeat.total.running
    else:
        assert heartbeat.total.gil_wait == 0


@pytest.mark.parametrize("model", ALL_MODELS)
def test_every_model_has_a_heartbeat(model: str, newest: Monitor) -> None:
    _, heartbeat = measured(newest, model)
    if model in ("processes", "interpreters"):
        assert heartbeat.total.gil_wait == 0


@pytest.mark.parametrize("model", ["threads", "processes", "interpreters", "asyncio"])
def test_delays_count_only_while_all_workers_run(model: str, newest: Monitor) -> None:
    newest.measure(Request("convoy", "heartbeat", model, 4, 0.05))
    snapshot = until(newest, lambda snapshot: snapshot.measurements)
    heartbeat, *others = snapshot.workers
    started_ns = max(worker.started_ns or 0 for worker in others)
    wakes_before = [
        span for piece in heartbeat.history for span in piece if span.state is State.IO and span.end_ns < started_ns
    ]
    all_wakes = [span for piece in heartbeat.history for span in piece if span.state is State.IO]
    delays = snapshot.measurements[-1].delays
    assert delays is not None
    assert delays.count == 15
    assert delays.count + len(wakes_before) <= len(all_wakes)


def delays(snapshot: Snapshot) -> Counters | None:
    return next((each for each in snapshot.counters if each.recent_delays), None)


def late_by(monitor: Monitor, condition: Callable[[float], bool]) -> None:
    """Wait until this is true of the heartbeat's median delay in the last second, in ms."""

    def so(snapshot: Snapshot) -> bool:
        found = delays(snapshot)
        median_ns = found and found.recent_delays and found.recent_delays.median_ns
        return isinstance(median_ns, float) and condition(median_ns / 1e6)

    until(monitor, so)


def test_the_switch_interval_changes_the_delay_while_they_run(monitor: Monitor) -> None:
    for _ in range(2):
        monitor.launch(Request("convoy", "heartbeat", "threads"))
    late_by(monitor, lambda median_ms: median_ms > 4)
    monitor.set_switch_interval(0.1)
    late_by(monitor, lambda median_ms: median_ms > 80)
    monitor.set_switch_interval(0.0005)
    late_by(monitor, lambda median_ms: median_ms < 40)
    monitor.stop_all()
    until(monitor, ended)


def test_who_is_launched_after_the_heartbeat_was_stopped_takes_its_place(monitor: Monitor) -> None:
    for _ in range(2):
        monitor.launch(Request("convoy", "heartbeat", "threads"))
    snapshot = until(monitor, lambda snapshot: running(snapshot) and delays(snapshot))
    monitor.stop(by_name(snapshot)["Thread-1"].id)
    until(monitor, lambda snapshot: by_name(snapshot)["Thread-1"].ending and not delays(snapshot))
    monitor.launch(Request("convoy", "heartbeat", "threads"))
    until(monitor, delays)
    monitor.stop_all()
    until(monitor, ended)


@pytest.mark.parametrize("model", ["threads", "asyncio"])
def test_who_is_launched_after_a_measurement_has_a_heartbeat_to_wait_for(model: str, monitor: Monitor) -> None:
    monitor.measure(Request("convoy", "heartbeat", model, 2, 0.02))
    until(monitor, lambda snapshot: snapshot.measurements)
    for _ in range(2):
        monitor.launch(Request("convoy", "heartbeat", model))
    until(monitor, lambda snapshot: delays(snapshot) and snapshot.workers[-1].iterations)
    monitor.stop_all()
    until(monitor, ended)


def test_without_its_heartbeat_a_measurement_ends(monitor: Monitor) -> None:
    monitor.measure(Request("convoy", "heartbeat", "processes", 3, 10))
    one = until(monitor, lambda snapshot: snapshot.workers and snapshot.workers[0].started_ns)
    os.kill(one.workers[0].pid or 0, signal.SIGKILL)
    until(monitor, lambda snapshot: snapshot.measurements)
    monitor.measure(Request("convoy", "heartbeat", "processes", 3, 3))
    many = until(monitor, lambda snapshot: len(snapshot.workers) == 3 and running(snapshot))
    os.kill(by_name(many)["Process-1"].pid or 0, signal.SIGKILL)
    snapshot = until(monitor, lambda snapshot: len(snapshot.measurements) == 2)
    assert snapshot.measurements[-1].problem == "Process-1: killed by signal 9"
    assert ended(snapshot)
