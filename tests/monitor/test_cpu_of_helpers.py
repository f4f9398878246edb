"""Cores busy counts helper threads and child processes of workers; the ideal follows from what one run uses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.measurement import Measurement
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.text import sentences
from tests.own_code.helping import BURNED_S
from tests.support import running, until

THREADS, CHILDREN = "helper threads", "child processes"
WORKERS = 2
BURNED_IN = {
    "in_threads": THREADS,
    "in_a_helper_thread": THREADS,
    "in_commands": CHILDREN,
    "in_a_pool": CHILDREN,
    "in_a_grandchild": CHILDREN,
    "in_a_child_left_alive": CHILDREN,
}
"""Functions that use 2 x BURNED_S of CPU time, and where."""


def request(folder: Path, function: str, model: str, workers: int = 1) -> Request:
    id = f"{folder}/helping.py:{function}"
    experiments.add(read(id, sys.executable))
    return Request(id, function, model, workers)


def measured(monitor: Monitor, folder: Path, function: str, model: str) -> tuple[Measurement, Snapshot]:
    monitor.measure(request(folder, function, model, WORKERS))
    snapshot = until(monitor, lambda snapshot: snapshot.measurements)
    measurement = snapshot.measurements[-1]
    assert measurement.problem is None
    return measurement, snapshot


@pytest.mark.parametrize(("function", "where"), BURNED_IN.items())
@pytest.mark.parametrize("model", ["threads", "processes"])
def test_cpu_time_of_helpers_is_counted(
    monitor: Monitor, own_code: Path, function: str, where: str, model: str
) -> None:
    measurement, snapshot = measured(monitor, own_code, function, model)
    used_s = [(process.helpers_s or 0, process.children_s or 0) for process in snapshot.processes]
    in_threads_s, in_children_s = (sum(each) for each in zip(*used_s, strict=True))
    found_s, other_s = (in_threads_s, in_children_s) if where == THREADS else (in_children_s, in_threads_s)
    burned_s = WORKERS * 2 * BURNED_S
    assert burned_s * 0.97 < found_s < burned_s + WORKERS * 0.4  # Interpreters and forks take some, too.
    assert other_s < 0.1 * burned_s + 0.05
    assert (measurement.cores_busy or 0) * (measurement.n_runs_s or 0) > burned_s * 0.97
    names = [row.name for process in snapshot.processes for row in sentences.helpers(process)]
    assert where in names


@pytest.mark.parametrize("model", ["thread-pool", "process-pool"])
def test_cpu_time_of_helpers_is_counted_in_pools(monitor: Monitor, own_code: Path, model: str) -> None:
    _, snapshot = measured(monitor, own_code, "in_threads", model)
    assert sum(process.helpers_s or 0 for process in snapshot.processes) > WORKERS * 2 * BURNED_S * 0.97
    assert len(snapshot.processes) == len({worker.pid for worker in snapshot.workers})


@pytest.mark.parametrize(
    ("function", "share"), [("burn", 1.0), ("burn_half", 0.5), ("burn_and_sleep_long", 0.06), ("in_commands", 1.0)]
)
def test_the_ideal_follows_from_the_cores_that_one_run_uses(
    open_monitor: Callable[..., Monitor], own_code: Path, function: str, share: float
) -> None:
    monitor = open_monitor(python=sys.executable, cores=2)
    measurement, _ = measured(monitor, own_code, function, "threads")
    assert measurement.core_share == pytest.approx(share, abs=0.15)
    assert measurement.ideal_slowdown == pytest.approx(max(1.0, WORKERS * share / 2), abs=0.15)


@pytest.mark.parametrize("model", ["threads", "processes", "process-pool"])
def test_no_cpu_time_is_negative(monitor: Monitor, model: str) -> None:
    monitor.measure(Request("identity", "print", model, 4))
    snapshot = until(monitor, lambda snapshot: snapshot.measurements)
    assert snapshot.processes
    assert all((each.helpers_s or 0) >= 0 and (each.children_s or 0) >= 0 for each in snapshot.processes)


def test_helpers_are_seen_while_they_run(monitor: Monitor, own_code: Path) -> None:
    monitor.launch(request(own_code, "in_threads_for_ever", "threads"))
    until(monitor, running)
    snapshot = until(monitor, lambda snapshot: snapshot.processes and (snapshot.processes[0].helpers or 0) > 0.05)
    (process,) = snapshot.processes
    assert process.workers == (snapshot.workers[0].id,)
    assert snapshot.cores_busy == pytest.approx(process.helpers, abs=0.2)
