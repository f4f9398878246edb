"""What is recorded of real workers comes back as it was: every Snapshot, every span, to the ns."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pconc_tui.experiments import add, load
from pconc_tui.experiments.user_function import read
from pconc_tui.kernel.perf_event import KERNEL, access
from pconc_tui.models import all_models, interpreter_problem
from pconc_tui.python_discovery import find
from pconc_tui.requests import Request
from tests.recording.exact import assert_exact, keeping
from tests.support import ended, running, until


def test_a_measurement_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "run.json.gz"
    with keeping(path) as monitor:
        monitor.measure(Request("cpu-bound", "calls", "threads", 3, 0.5))
        until(monitor, lambda snapshot: snapshot.measurements)
    assert assert_exact(monitor.kept, path) > 20


def test_every_model_comes_back_as_it_was_under_every_interpreter(python: str, tmp_path: Path) -> None:
    path = tmp_path / "models.json.gz"
    (interpreter,) = (each for each in find() if each.path == python)
    models = [
        model for model in all_models(load("cpu-bound").models) if interpreter_problem(model, interpreter) is None
    ]
    with keeping(path, python) as monitor:
        for model in models:
            for experiment in ("cpu-bound", "io-bound"):
                monitor.launch(Request(experiment, load(experiment).variant, model))
        began_ns = until(monitor, lambda snapshot: any(worker.started_ns for worker in snapshot.workers)).now_ns
        until(monitor, lambda snapshot: snapshot.now_ns - began_ns > 1_000_000_000)
        monitor.stop_all()
        until(monitor, ended)
    assert assert_exact(monitor.kept, path) > len(models)


@pytest.mark.usefixtures("own_code")
def test_lanes_that_are_corrected_backwards_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "sampled.json.gz"
    for id in ("work.py:crunch", "work.py:awaits", "work.py:nap"):
        add(read(id, sys.executable))
    with keeping(path) as monitor:
        for _ in range(3):
            monitor.launch(Request("work.py:crunch", "crunch", "threads"))
            monitor.launch(Request("work.py:awaits", "awaits", "asyncio"))
        monitor.launch(Request("work.py:nap", "nap", "processes"))
        until(monitor, running)
        until(monitor, ended)
    assert assert_exact(monitor.kept, path) > 10
    assert any(worker.sampling for worker in monitor.kept[-1].workers)


@pytest.mark.usefixtures("own_code")
@pytest.mark.skipif(access().source != KERNEL, reason=f"needs kernel records: {access().reason}")
def test_locks_that_threads_wait_for_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "locks.json.gz"
    add(read("locking.py:contend", sys.executable))
    with keeping(path) as monitor:
        monitor.measure(Request("locking.py:contend", "contend", "threads", 4, single_run=False))
        until(monitor, lambda snapshot: snapshot.measurements)
    assert_exact(monitor.kept, path)
    waits = {worker.lock for snapshot in monitor.kept for worker in snapshot.workers if worker.lock}
    assert {wait.name for wait in waits} == {"A"}
    assert {wait.holder for wait in waits} & {f"Thread-{number}" for number in range(1, 5)}
    assert monitor.kept[-1].measurements[-1].locks is not None


def test_lanes_whose_old_spans_are_dropped_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "dropped.json.gz"
    with keeping(path, history_pieces=1) as monitor:
        monitor.set_switch_interval(0.0001)
        for _ in range(3):
            monitor.launch(Request("cpu-bound", "calls", "threads"))
        until(monitor, lambda snapshot: snapshot.workers and all(len(each.history) > 2 for each in snapshot.workers))
        monitor.stop_all()
        until(monitor, ended)
    assert assert_exact(monitor.kept, path) > 3 * 256
