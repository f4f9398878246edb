"""A worker's CPU time and its times in each state are of the same stretch of time, while it lives and afterwards."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from pconc_tui.monitor import monitor as monitor_module
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.ui.panels.worker_columns import COLUMNS
from tests.support import ended, needed, until

LONG_ENOUGH_S = 0.3
"""After this time of running, what the start of a process costs no longer matters."""


def launched(monitor: Monitor, model: str, start_method: str | None = None, python: str = sys.executable) -> Worker:
    """A worker that computes until it is stopped, once it has run for a while."""
    monitor.launch(Request("cpu-bound", "calls", model, 1, python=python, start_method=start_method))
    return until(monitor, lambda snapshot: snapshot.workers[-1].total.running > LONG_ENOUGH_S).workers[-1]


def shown(worker: Worker, column: str) -> str:
    return next(each.value(worker) for each in COLUMNS if each.title == column)


def assert_consistent(worker: Worker) -> None:
    """Its thread computed all the time that its lane shows as running."""
    assert worker.cpu_s == pytest.approx(worker.total.running, rel=0.15)
    assert int(shown(worker, "CPU%")) == pytest.approx(int(shown(worker, "run%")), abs=15)


@pytest.fixture
def no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's CPU times are never sampled."""
    monkeypatch.setattr(monitor_module, "SAMPLE_INTERVAL_NS", 1 << 62)


@pytest.mark.usefixtures("no_samples")
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_the_cpu_time_of_a_killed_process_is_known_up_to_its_end(fresh_monitor: Monitor, method: str) -> None:
    worker = launched(fresh_monitor, "processes", method)
    fresh_monitor.kill(worker.id)
    assert_consistent(until(fresh_monitor, ended).workers[-1])


@pytest.mark.usefixtures("no_samples")
def test_the_same_is_known_where_another_program_killed_it(fresh_monitor: Monitor) -> None:
    os.kill(launched(fresh_monitor, "processes", "fork").pid or 0, signal.SIGKILL)
    assert_consistent(until(fresh_monitor, ended).workers[-1])


@pytest.mark.usefixtures("no_samples")
@pytest.mark.parametrize("model", ["threads", "processes", "interpreters", "asyncio"])
def test_the_cpu_time_of_a_stopped_worker_is_its_own(fresh_monitor: Monitor, model: str) -> None:
    python = needed("3.14") if model == "interpreters" else sys.executable
    worker = launched(fresh_monitor, model, python=python)
    fresh_monitor.stop(worker.id)
    assert_consistent(until(fresh_monitor, ended).workers[-1])


@pytest.mark.parametrize("model", ["threads", "thread-pool", "process-pool"])
def test_what_is_shown_of_threads_of_a_killed_process_ends_with_their_last_sample(
    fresh_monitor: Monitor, model: str
) -> None:
    launched(fresh_monitor, model)
    worker = until(fresh_monitor, lambda snapshot: snapshot.workers[-1].last_cpu).workers[-1]
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker = until(fresh_monitor, ended).workers[-1]
    assert worker.cpu_s is None
    assert worker.last_cpu is not None
    cpu_s, times = worker.last_cpu
    assert times.wall < worker.total.wall
    assert shown(worker, "CPU%") == f"{cpu_s / times.wall * 100:.0f}"
    assert shown(worker, "run%") == f"{times.running / times.wall * 100:.0f}"


@pytest.mark.usefixtures("no_samples")
def test_what_was_never_read_of_a_killed_process_is_unknown(fresh_monitor: Monitor) -> None:
    os.kill(launched(fresh_monitor, "threads").pid or 0, signal.SIGKILL)
    worker = until(fresh_monitor, ended).workers[-1]
    assert shown(worker, "CPU%") == "-"
    assert shown(worker, "run%") != "-"


def test_figures_of_the_last_second_are_of_the_same_second(fresh_monitor: Monitor) -> None:
    launched(fresh_monitor, "processes", "fork")
    figures: dict[object, set[object]] = {}

    def seen(snapshot: Snapshot) -> bool:
        worker = snapshot.workers[-1]
        if worker.recent is not None:
            figures.setdefault(worker.recent, set()).add((worker.cpu, worker.rate))
            assert worker.cpu == pytest.approx(worker.recent.running / worker.recent.wall, abs=0.15)
        return len(figures) == 4

    until(fresh_monitor, seen)
    assert all(len(each) == 1 for each in figures.values())
