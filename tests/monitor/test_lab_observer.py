"""A lab whose observing process is killed."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.kernel.perf_event import access
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import ended, running, until

ENDLESS = Request("work.py:endless", "endless", "threads")


def sampled(snapshot: Snapshot) -> bool:
    return all(worker.source == Source.SAMPLED for worker in snapshot.workers)


@pytest.mark.skipif(access().source is None, reason="the kernel gives no scheduling records here")
@pytest.mark.usefixtures("own_code")
def test_its_workers_and_later_ones_are_sampled_from_then_on(fresh_monitor: Monitor) -> None:
    experiments.add(read("work.py:endless", sys.executable))
    fresh_monitor.launch(ENDLESS)
    assert until(fresh_monitor, running).workers[0].source != Source.SAMPLED
    (lab,) = fresh_monitor._registry.labs.values()
    assert lab.observer is not None
    os.kill(lab.observer.pid, signal.SIGKILL)
    then = until(fresh_monitor, sampled).workers[0].total
    until(fresh_monitor, lambda snapshot: snapshot.workers[0].total.running > then.running + 0.2)
    fresh_monitor.launch(ENDLESS)
    snapshot = until(fresh_monitor, lambda each: len(each.workers) == 2 and each.workers[1].total.running > 0.2)
    assert sampled(snapshot)
    assert [line.text for line in snapshot.log if "sampling has replaced it" in line.text]
    assert snapshot.labs[0].source == Source.SAMPLED
    fresh_monitor.stop_all()
    for worker in until(fresh_monitor, ended).workers:
        assert worker.ending == "stopped"
        assert worker.total.wall == pytest.approx(((worker.ended_ns or 0) - (worker.started_ns or 0)) / 1e9)
