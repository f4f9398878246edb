"""Growth and rates over the last second."""

from __future__ import annotations

from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import ended, until

S = 1_000_000_000


def test_one_sample_has_no_growth() -> None:
    totals = LastSecond()
    totals.add(0, 5)
    assert totals.growth() is None
    assert totals.rates() is None


def test_growth_counts_from_the_oldest_sample_of_the_window() -> None:
    totals = LastSecond()
    for second in range(5):
        totals.add(second * S, second * 10, second)
    assert totals.growth() == (10, 1)


def test_rates_are_per_second() -> None:
    totals = LastSecond()
    totals.add(0, 0)
    totals.add(S // 2, 3)
    assert totals.rates() == (6,)


def test_the_figures_of_the_last_second_have_nothing_of_what_has_ended(fresh_monitor: Monitor) -> None:
    for _ in range(2):
        fresh_monitor.launch(Request("cpu-bound", "calls", "threads"))
    until(fresh_monitor, lambda snapshot: (snapshot.cores_busy or 0) > 0.1 and (snapshot.handoffs_per_s or 0) > 10)
    fresh_monitor.stop_all()
    until(fresh_monitor, ended)
    fresh_monitor.launch(Request("io-bound", "sleep", "threads"))
    seen: list[Snapshot] = []

    def known(snapshot: Snapshot) -> bool:
        seen.append(snapshot)
        return snapshot.cores_busy is not None and snapshot.handoffs_per_s is not None

    until(fresh_monitor, known)
    assert all((each.cores_busy or 0) < 0.05 for each in seen)
    # The one hand-off to it, and perhaps another one when it has slept.
    assert (seen[-1].handoffs_per_s or 0) <= 4


def test_one_experiment_that_ends_beside_another_leaves_nothing(fresh_monitor: Monitor) -> None:
    fresh_monitor.launch(Request("io-bound", "sleep", "threads"))
    fresh_monitor.launch(Request("cpu-bound", "calls", "threads"))
    found = until(fresh_monitor, lambda snapshot: (snapshot.cores_busy or 0) > 0.1)
    fresh_monitor.stop(found.workers[1].id)
    until(fresh_monitor, lambda snapshot: not snapshot.workers[1].alive)
    assert fresh_monitor.poll().cores_busy is None
    assert (until(fresh_monitor, lambda snapshot: snapshot.cores_busy is not None).cores_busy or 0) < 0.05
