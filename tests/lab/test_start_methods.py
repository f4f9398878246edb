"""Processes by fork, forkserver and spawn: workers share what they should, and no process is left behind."""

from __future__ import annotations

import json
import multiprocessing
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pconc_tui import experiments
from pconc_tui.comparison.plan import make_plan
from pconc_tui.measurement import Measurement
from pconc_tui.models import START_METHODS
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.scratch_folder import PREFIX
from pconc_tui.python_discovery import query
from pconc_tui.pythons import current_interpreter
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests import support
from tests.commands.test_run import pconc
from tests.support import by_name, ended, eventually, gone, model_under, nothing_outlives, running, until

Open = Callable[..., Monitor]
ME = psutil.Process()


@pytest.fixture(params=START_METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# What multiprocessing does differs most between these.
TRIED = [("processes", "3.9"), ("processes", "3.14"), ("process-pool", "3.14")]


model = model_under(TRIED)


def measured(
    monitor: Monitor, experiment: str, variant: str, model: str, method: str, scale: float
) -> tuple[Measurement, Snapshot]:
    snapshot = support.measured(monitor, Request(experiment, variant, model, 4, scale, start_method=method))
    return snapshot.measurements[-1], snapshot


def test_what_processes_share_is_shared(model: tuple[str, str], method: str, open_monitor: Open) -> None:
    name, python = model
    monitor = open_monitor(python=python)
    _, snapshot = measured(monitor, "lost-update", "lock", name, method=method, scale=0.01)
    assert (snapshot.counters[0].value, snapshot.counters[0].lost) == (8000, 0)
    assert {worker.start_method for worker in snapshot.workers} == {method}
    assert [lab.start_method for lab in snapshot.labs] == [method]
    for worker in snapshot.workers:
        assert worker.started_ns is not None
        assert worker.started_ns > worker.launched_ns
    _, snapshot = measured(monitor, "queue", "bare", "processes", method=method, scale=0.05)
    assert snapshot.counters[0].put == snapshot.counters[0].got == 500


def test_the_default_is_the_interpreters_own_start_method(python: str, open_monitor: Open) -> None:
    monitor = open_monitor(python=python)
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    snapshot = until(monitor, running)
    assert snapshot.workers[0].start_method == query(python).start_methods[0]


def test_this_interpreters_methods_are_known_without_multiprocessing() -> None:
    methods = multiprocessing.get_all_start_methods()
    assert set(current_interpreter().start_methods) == set(methods)
    assert current_interpreter().start_methods[0] == methods[0]


def test_one_timeline_shows_workers_of_all_start_methods(fresh_monitor: Monitor) -> None:
    for name in START_METHODS:
        fresh_monitor.launch(Request("cpu-bound", "calls", "processes", start_method=name))
    fresh_monitor.launch(Request("cpu-bound", "calls", "threads", start_method="spawn"))
    snapshot = until(fresh_monitor, running)
    assert [worker.start_method for worker in snapshot.workers] == [*START_METHODS, None]
    assert {lab.start_method for lab in snapshot.labs} == set(START_METHODS)
    fresh_monitor.kill(by_name(snapshot)["Process-3"].id)
    until(fresh_monitor, lambda snapshot: by_name(snapshot)["Process-3"].ending == "killed by signal 9")
    fresh_monitor.stop_all()
    until(fresh_monitor, ended)


def test_no_process_outlives_a_killed_lab(model: tuple[str, str], method: str, open_monitor: Open) -> None:
    name, python = model
    monitor = open_monitor(python=python)
    for _ in range(2):
        monitor.launch(Request("lost-update", "call", name, start_method=method))
    until(monitor, running)
    family = ME.children(recursive=True)
    ME.children()[0].kill()
    eventually(lambda: gone(family))
    assert until(monitor, ended).labs[0].state == "dead"


def test_no_process_outlives_a_killed_app(model: tuple[str, str], method: str, tmp_path: Path) -> None:
    name, python = model
    command = ["run", "cpu-bound", "--scale", "50", "--model", name, "--start-method", method, "--python", python]
    # The lab, a worker and what the start method needs; a pool adds a host process, which has its own fork server.
    least = {"fork": 2, "forkserver": 4, "spawn": 3}[method]
    least += (2 if method == "forkserver" else 1) if name == "process-pool" else 0
    nothing_outlives(signal.SIGKILL, *command, least=least, TMPDIR=str(tmp_path))
    assert all(path.name.startswith(PREFIX) for path in tmp_path.iterdir())


def test_a_fork_server_that_is_killed_takes_its_workers_along(fresh_monitor: Monitor) -> None:
    fresh_monitor.launch(Request("cpu-bound", "calls", "processes", start_method="forkserver"))
    worker = psutil.Process(until(fresh_monitor, running).workers[0].pid)
    server = worker.parent()
    assert server is not None
    server.kill()
    snapshot = until(fresh_monitor, ended)
    assert snapshot.workers[0].ending == "exited with status 255"
    eventually(lambda: gone([worker]))
    fresh_monitor.launch(Request("cpu-bound", "calls", "processes", start_method="forkserver"))
    until(fresh_monitor, running)


def test_run_and_its_json_show_the_start_method() -> None:
    result = pconc("run", "shared-value", "--start-method", "spawn", "--json")
    assert json.loads(result.stdout)["start_method"] == "spawn"
    shown = pconc("run", "shared-value", "--start-method", "spawn").stdout
    assert "· processes by spawn" in shown
    assert " launch " in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("run", "cpu-bound", "--start-method", "spawn"),
            "threads starts no processes; a start method is for processes",
        ),
        (("run", "cpu-bound", "--start-method", "clone"), "'clone' is not one of fork, forkserver, spawn"),
        (("compare", "cpu-bound", "--start-method", "clone"), "'clone' is not one of fork, forkserver, spawn"),
        (("compare", "cpu-bound", "--models", "threads", "--start-method", "fork"), "a start method is for processes"),
    ],
)
def test_start_methods_that_do_not_fit_are_refused(arguments: tuple[str, ...], message: str) -> None:
    result = pconc(*arguments)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert message in result.stderr


def test_an_interpreter_that_lacks_the_method_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\nprintf 'cpython\\n3.12.1\\n/x\\n0\\n1\\n0\\nspawn\\n'\n")
    fake.chmod(0o755)
    result = pconc("run", "shared-value", "--python", str(fake), "--start-method", "fork")
    assert (result.returncode, "can't start processes by 'fork'; it can use spawn" in result.stderr) == (2, True)


def test_a_comparison_has_a_row_for_each_method() -> None:
    plan = make_plan(
        experiments.load("cpu-bound"),
        "calls",
        [current_interpreter()],
        ["threads", "processes"],
        [2],
        1,
        1,
        2,
        START_METHODS,
    )
    assert [case.name for case in plan.cases] == ["threads", *(f"processes by {name}" for name in START_METHODS)]
    command = ["compare", "cpu-bound", "--models", "processes", "--workers", "2", "--repeat", "1", "--scale", "0.01"]
    result = pconc(*command, "--python", sys.executable, "--start-method", "fork,spawn", "--json")
    rows = json.loads(result.stdout)["rows"]
    assert [row["start_method"] for row in rows] == ["fork", "spawn"]
    assert all(row["launch_s"] > 0 for row in rows)


def test_a_worker_that_is_killed_while_it_starts_is_reported(fresh_monitor: Monitor) -> None:
    fresh_monitor.launch(Request("cpu-bound", "calls", "processes", start_method="spawn"))
    eventually(lambda: fresh_monitor.poll() and any("spawn_main" in " ".join(each.cmdline()) for each in living()))
    for each in living():
        if "spawn_main" in " ".join(each.cmdline()):
            each.send_signal(signal.SIGKILL)
    assert until(fresh_monitor, ended).workers[0].ending == "killed by signal 9"


def living() -> list[psutil.Process]:
    """All processes of the lab that have not ended."""
    return [each for each in ME.children(recursive=True) if each.status() != psutil.STATUS_ZOMBIE]
