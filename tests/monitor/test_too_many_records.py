"""Where threads switch more often than records can be read, lanes are sampled from then on, and say so."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.kernel.perf_event import access
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import ended, running, until

pytestmark = [
    pytest.mark.usefixtures("own_code"),
    pytest.mark.skipif(access().source is None, reason="the kernel gives no scheduling records here"),
]
MEASURED_S = 0.3
"""Of CPU time."""
EDGES_S = 0.02
"""A sampled lane is behind its clock by up to a few samples, at each end, where the sampler gets a core at once."""


@pytest.fixture(autouse=True)
def cautious(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records may cost no more where cores are idle: few are on some machines, and many on others."""
    monkeypatch.setattr("pconc_tui.monitor.tree_client.IDLE_BUDGET_NS", 0)


@pytest.fixture
def launch(open_monitor: Callable[..., Monitor], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Monitor]:
    """Launches workers that call a function of `kinds.py` for some time."""
    made: list[Monitor] = []

    def launch(name: str, seconds: float, workers: int = 2) -> Monitor:
        monkeypatch.setenv("PCONC_SECONDS", str(seconds))
        experiment = read(f"kinds.py:{name}", sys.executable)
        experiments.add(experiment)
        made[:] = made or [open_monitor()]
        for _ in range(workers):
            made[0].launch(Request(experiment.id, experiment.variant, "threads"))
        return made[0]

    return launch


def sampled(snapshot: Snapshot) -> bool:
    return running(snapshot) and all(
        worker.source == Source.SAMPLED and worker.sampling and worker.sampling.rate_hz for worker in snapshot.workers
    )


def _cpu_s(snapshot: Snapshot, number: int) -> float:
    last = snapshot.workers[number].last_cpu
    return last.cpu_s if last else 0.0


@pytest.mark.parametrize("name", ["sockets", "queues"])
def test_too_many_switches_are_sampled(name: str, launch: Callable[..., Monitor]) -> None:
    monitor = launch(name, 600)
    first = until(monitor, sampled)
    before = until(monitor, lambda snapshot: _cpu_s(snapshot, 0) > _cpu_s(first, 0) + 2 * EDGES_S)
    lines = [line.text for line in before.log if "switches a second" in line.text]
    assert len(lines) == 1
    assert "can't be kept up with" in lines[0]
    assert before.labs[0].source == Source.SAMPLED

    def used_s(snapshot: Snapshot) -> list[tuple[float, float, float]]:
        """Of each worker: CPU time, running and unknown since."""
        return [
            (
                now.last_cpu.cpu_s - then.last_cpu.cpu_s,
                now.last_cpu.times.running - then.last_cpu.times.running,
                now.total.unknown - then.total.unknown,
            )
            for now, then in zip(snapshot.workers, before.workers, strict=True)
            if now.last_cpu and then.last_cpu
        ]

    def follow(snapshot: Snapshot) -> bool:
        """Whether enough has run, and lanes agree with clocks; they lag behind while the sampler gets no core."""
        used = used_s(snapshot)
        near = (running_s == pytest.approx(cpu_s, rel=0.03, abs=EDGES_S) for cpu_s, running_s, _ in used)
        return min(cpu_s for cpu_s, _, _ in used) > MEASURED_S and all(near)

    later = until(monitor, follow)
    assert all(unknown_s == 0 for _, _, unknown_s in used_s(later))
    for helper in later.helpers:
        assert helper.total.unknown > 0
    monitor.stop_all()
    last = until(monitor, ended)
    assert len([line for line in last.log if "switches a second" in line.text]) == 1
    for worker in last.workers:
        assert worker.total.running == pytest.approx(worker.cpu_s, abs=0.001)


def test_later_workers_of_that_lab_are_sampled_from_their_start(launch: Callable[..., Monitor]) -> None:
    monitor = launch("sockets", 600)
    until(monitor, sampled)
    monitor.stop_all()
    until(monitor, ended)
    monitor.clear()
    launch("long_sleeps", 600)
    until(monitor, lambda snapshot: running(snapshot) and min(each.total.running for each in snapshot.workers) > 0.05)
    monitor.stop_all()
    for worker in until(monitor, ended).workers:
        assert worker.source == Source.SAMPLED
        assert worker.total.unknown == 0
        assert worker.total.running == pytest.approx(worker.cpu_s, abs=0.001)


@pytest.mark.parametrize("name", ["long_sleeps", "pure_python"])
def test_few_switches_stay_on_records(name: str, launch: Callable[..., Monitor]) -> None:
    monitor = launch(name, 1.5)
    snapshot = until(monitor, lambda snapshot: running(snapshot) and ended(snapshot))
    assert {worker.source for worker in snapshot.workers} == {access().source}
