"""A user's own function when a process dies: no process is left behind, and what is unknown is shown as unknown."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from tests.support import LONG_S, ended, eventually, gone, no_more_than, running, settled, until


@pytest.fixture(autouse=True)
def functions(own_code: Path) -> None:
    for name in ("endless", "crunch"):
        experiments.add(read(f"work.py:{name}", sys.executable))


def samplers(parent: int) -> list[int]:
    """The PIDs of the samplers that a process has started."""
    return [each.pid for each in psutil.Process(parent).children() if "sampler/__main__.py" in _command(each)]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""  # It read the function's source and has ended.


@pytest.mark.parametrize("source", [Source.SAMPLED])
def test_without_a_sampler_a_workers_state_is_unknown(fresh_monitor: Monitor, source: Source | None) -> None:
    fresh_monitor.launch(Request("work.py:endless", "endless", "threads"))
    until(fresh_monitor, lambda snapshot: running(snapshot) and snapshot.workers[0].total.running)
    os.kill(samplers(os.getpid())[0], signal.SIGKILL)
    worker = until(fresh_monitor, lambda snapshot: snapshot.workers[0].state is State.UNKNOWN).workers[0]
    assert worker.sampling is not None
    assert worker.source == source
    assert worker.sampling.problem == "the sampler has ended"
    worker = until(fresh_monitor, lambda snapshot: snapshot.workers[0].total.unknown > 0.1).workers[0]
    fresh_monitor.stop_all()
    worker = until(fresh_monitor, ended).workers[0]
    assert worker.total.wall == pytest.approx(((worker.ended_ns or 0) - (worker.started_ns or 0)) / 1e9)


def test_a_killed_process_is_reported(fresh_monitor: Monitor) -> None:
    fresh_monitor.launch(Request("work.py:endless", "endless", "processes"))
    snapshot = until(fresh_monitor, lambda snapshot: running(snapshot) and snapshot.workers[0].total.running)
    fresh_monitor.kill(snapshot.workers[0].id)
    assert until(fresh_monitor, ended).workers[0].ending == "killed by signal 9"


def test_launches_leave_nothing_behind(fresh_monitor: Monitor) -> None:
    def one(model: str) -> None:
        fresh_monitor.launch(Request("work.py:crunch", "crunch", model))
        assert until(fresh_monitor, ended).workers[-1].ending == "done"
        fresh_monitor.clear()

    for _ in range(5):
        for model in ("threads", "processes"):
            one(model)
    before = settled(fresh_monitor)
    for _ in range(20):
        for model in ("threads", "processes"):
            one(model)
    eventually(lambda: no_more_than(before, fresh_monitor))


@pytest.mark.parametrize(
    ("model", "number"),
    [
        ("threads", signal.SIGINT),
        ("threads", signal.SIGTERM),
        ("threads", signal.SIGKILL),
        ("processes", signal.SIGKILL),
        ("asyncio", signal.SIGKILL),
    ],
)
def test_no_process_outlives_the_program(model: str, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "pconc_tui", "run", "work.py:endless", "--model", model],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        family = psutil.Process(process.pid)
        try:
            eventually(lambda: samplers(process.pid) and len(family.children(recursive=True)) >= 3)
            children = family.children(recursive=True)
            process.send_signal(number)
            process.wait(LONG_S)
            eventually(lambda: gone(children))
            assert process.stderr is not None
            assert b"Traceback" not in process.stderr.read()
        finally:
            process.kill()
