"""Sampled lanes of real functions: they run as long as their threads' CPU clocks say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.thread_cpu import thread_use
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import EACH_SOURCE, ended, needed, running, until

SECONDS = 0.6
NEAR_S = 0.06
"""A tenth of that: the test passes although the sampler gets no core for this long."""

CLOCK_S = 0.001
"""Ends are corrected by the CPU clock, whatever was sampled."""

Launch = Callable[..., Monitor]


@pytest.fixture(params=EACH_SOURCE, ids=["best", "sampled"])
def source(request: pytest.FixtureRequest) -> Source | None:
    """Each source in turn."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def launch(own_code: None, monkeypatch: pytest.MonkeyPatch, open_monitor: Launch) -> Launch:
    """Launches workers that call a function of `kinds.py`, and returns their monitor."""

    def launch(name: str, model: str, version: str, workers: int = 4, seconds: float = SECONDS) -> Monitor:
        monkeypatch.setenv("PCONC_SECONDS", str(seconds))
        python = needed(version)
        experiment = read(f"kinds.py:{name}", python)
        experiments.add(experiment)
        monitor = open_monitor(python=python)
        for _ in range(workers):
            monitor.launch(Request(experiment.id, experiment.variant, model))
        return monitor

    return launch


@pytest.mark.parametrize(
    ("name", "model", "version"),
    [
        ("yields", "threads", "3.9"),
        ("yields", "threads", "3.14"),
        ("short_sleeps", "threads", "3.13t"),
        ("logs", "processes", "3.12"),
        ("sqlite", "interpreters", "3.14"),
        ("compresses", "asyncio", "3.11"),
    ],
)
def test_a_worker_runs_as_long_as_its_cpu_clock_says(name: str, model: str, version: str, launch: Launch) -> None:
    snapshot = until(launch(name, model, version), lambda snapshot: running(snapshot) and ended(snapshot))
    for worker in snapshot.workers:
        assert worker.ending == "done"
        assert worker.cpu_s is not None
        assert worker.total.running < worker.cpu_s + NEAR_S
        # On a busy machine records are lost: that stretch is unknown.
        assert worker.total.running + worker.total.unknown > worker.cpu_s - NEAR_S


@pytest.mark.parametrize("name", ["pure_python", "short_sleeps"])
def test_a_short_or_killed_worker_ran_as_long_as_its_cpu_clock_says(name: str, launch: Launch) -> None:
    monitor = launch(name, "processes", "3.12", 2, seconds=0.03)
    snapshot = until(monitor, lambda snapshot: running(snapshot) and ended(snapshot))
    for worker in snapshot.workers:
        # In so short a life it is not learned yet how many us each slice of the records lacks.
        part = 0.5 if worker.source == "kernel" else 0.0
        assert worker.total.running == pytest.approx(worker.cpu_s, rel=part, abs=CLOCK_S)
    monitor.clear()
    monitor = launch(name, "processes", "3.12", 1, seconds=60)
    read_s = 0.0

    def has_used(snapshot: Snapshot) -> bool:
        nonlocal read_s
        if running(snapshot) and (use := thread_use(snapshot.workers[0].pid or 0, snapshot.workers[0].native_id or 0)):
            read_s = use.cpu_ns / 1e9 - (snapshot.workers[0].starting_cpu_s or 0.0)
        return read_s > 0.05

    snapshot = until(monitor, has_used)
    monitor.kill(snapshot.workers[0].id)
    (killed,) = until(monitor, ended).workers
    assert killed.ending == "killed by signal 9"
    assert killed.cpu_s is not None
    assert killed.cpu_s >= read_s
    # Records end where its process begins to exit, which takes CPU time too.
    assert killed.total.running == pytest.approx(killed.cpu_s, abs=NEAR_S if killed.source == "kernel" else CLOCK_S)


def test_many_releases_of_the_gil_make_a_mixed_lane(launch: Launch, source: Source | None) -> None:
    monitor = launch("yields", "threads", "3.14", seconds=60)
    if source is None:
        pytest.skip("records have the order")
    snapshot = until(monitor, lambda snapshot: _mixed_states(snapshot) >= {State.RUNNING, State.GIL_WAIT})
    assert any(worker.sampling and worker.sampling.mixed_s for worker in snapshot.workers)
    monitor.stop_all()
    until(monitor, ended)


def _mixed_states(snapshot: Snapshot) -> set[State]:
    return {span.state for worker in snapshot.workers for piece in worker.history for span in piece if span.mixed}
