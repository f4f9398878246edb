"""Sampled lanes of real functions: they run as long as their threads' CPU clocks say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Worker
from tests.support import by_name, ended, needed, until

SECONDS = 0.6
NEAR_S = 0.06
"""A tenth of their time: what a starved sampler may miss."""


@pytest.fixture
def run(
    own_code: None, monkeypatch: pytest.MonkeyPatch, open_monitor: Callable[..., Monitor]
) -> Callable[..., list[Worker]]:
    """Runs workers that call a function of `kinds.py` at the same time; returns them as they ended."""

    def run(name: str, model: str, workers: int, version: str) -> list[Worker]:
        monkeypatch.setenv("PCONC_SECONDS", str(SECONDS))
        python = needed(version)
        experiment = read(f"kinds.py:{name}", python)
        experiments.add(experiment)
        monitor = open_monitor(python=python)
        for _ in range(workers):
            monitor.launch(Request(experiment.id, experiment.variant, model))
        snapshot = until(monitor, lambda snapshot: len(snapshot.workers) == workers and ended(snapshot))
        return list(by_name(snapshot).values())

    return run


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
def test_a_worker_runs_as_long_as_its_cpu_clock_says(
    name: str, model: str, version: str, run: Callable[..., list[Worker]]
) -> None:
    for worker in run(name, model, 4, version):
        assert worker.ending == "done"
        assert worker.sampling is not None
        assert worker.total.running == pytest.approx(worker.cpu_s, abs=NEAR_S)


def test_many_releases_of_the_gil_make_a_mixed_lane(run: Callable[..., list[Worker]]) -> None:
    workers = run("yields", "threads", 3, "3.14")
    mixed = [span for worker in workers for piece in worker.history for span in piece if span.mixed]
    assert mixed
    assert all(worker.sampling and worker.sampling.mixed_s > 0 for worker in workers)
