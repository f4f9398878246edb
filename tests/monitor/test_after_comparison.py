"""After a comparison nothing of its last case stays on the dashboard, and its rows do."""

from __future__ import annotations

import pytest

from pconc_tui.comparison.plan import make_plan
from pconc_tui.experiments import load
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.python_discovery import resolve
from pconc_tui.requests import Plan, Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline import Kind, headline
from tests.support import needed, until

CHOSEN = Kind("lost-update", "call", "threads", "")


def plan_of(python: str, repeat: int) -> Plan:
    """Two models that share a counter."""
    experiment = load(CHOSEN.experiment)
    models = ["threads", "processes"]
    return make_plan(experiment, CHOSEN.variant, [resolve(python)], models, [2], repeat, 0.001, 2)


def ended(snapshot: Snapshot) -> bool:
    return snapshot.comparison is not None and snapshot.comparison.current is None


@pytest.mark.parametrize("cancels", [False, True], ids=["ended", "cancelled"])
def test_its_workers_its_labs_and_what_they_shared_are_gone_and_the_rows_stay(
    fresh_monitor: Monitor, cancels: bool
) -> None:
    fresh_monitor.open_lab()
    before = until(fresh_monitor, lambda snapshot: snapshot.labs and snapshot.labs[0].state == "ready")
    fresh_monitor.compare(plan_of(needed("3.14"), 50 if cancels else 1))
    if cancels:
        until(fresh_monitor, lambda snapshot: snapshot.comparison and snapshot.comparison.results and snapshot.workers)
        fresh_monitor.stop_all()
    else:
        until(fresh_monitor, lambda snapshot: snapshot.counters)
    after = until(fresh_monitor, lambda each: ended(each) and not each.workers and len(each.labs) == len(before.labs))
    assert [lab.executable for lab in after.labs] == [lab.executable for lab in before.labs]
    assert after.counters == ()
    assert after.comparison is not None
    assert after.comparison.results
    assert headline(after, CHOSEN) == headline(before, CHOSEN)


def test_workers_that_are_launched_right_after_it_live_on(fresh_monitor: Monitor) -> None:
    monitor = fresh_monitor
    python = needed("3.14")
    monitor.compare(plan_of(python, 50))
    until(monitor, lambda snapshot: snapshot.comparison and snapshot.comparison.results and snapshot.workers)
    monitor.stop_all()
    monitor.launch(Request("cpu-bound", "calls", "threads", python=python))
    newest = max(worker.id for worker in monitor.poll().workers)
    found = until(monitor, lambda snapshot: ended(snapshot) and all(each.id == newest for each in snapshot.workers))
    monitor.stop_all()
    assert [worker.id for worker in found.workers] == [newest]
