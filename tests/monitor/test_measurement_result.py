"""Figures of a measurement: where the runs' times have no ratio."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from pconc_tui.monitor.group import Group
from pconc_tui.monitor.measurement_result import too_short
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from tests.support import until

MS = 1_000_000


def run_of(seconds_ms: float, *spans_ms: tuple[float, float]) -> Group:
    """A run whose workers ran from and to these times."""
    members = [
        SimpleNamespace(lane=SimpleNamespace(started_ns=round(start * MS), ended_ns=round(end * MS)))
        for start, end in spans_ms
    ]
    return cast(Group, SimpleNamespace(seconds=seconds_ms / 1e3, members=members))


def test_runs_that_are_shorter_than_launching_takes_have_no_ratio() -> None:
    one, many = run_of(2, (0.5, 0.6)), run_of(1.5, (0.1, 0.2), (0.3, 0.4))
    assert too_short(one, many) == "too short: a run works for 0.1 ms, launching takes up to 1.9 ms"
    assert too_short(run_of(300, (200, 290)), run_of(500, (200, 290), (200, 490))) is not None


def test_a_worker_that_lost_its_core_does_not_make_a_short_run_long() -> None:
    assert too_short(run_of(12, (1, 11)), run_of(2, (1, 1.1), (1, 1.1), (1, 1.1))) is not None
    assert too_short(run_of(2, (1, 1.1)), run_of(12, (1, 1.1), (1, 1.1), (1, 11))) is not None


def test_workers_that_wait_for_the_lock_of_one_that_lost_its_core_do_not_make_a_short_run_long() -> None:
    assert too_short(run_of(40, (1, 39)), run_of(45, (1, 1.1), (1, 39), (1, 39.1), (1, 39.2))) is not None


def test_runs_that_are_shorter_than_a_switch_interval_have_no_ratio() -> None:
    one, many = run_of(3.1, (0.1, 3.1)), run_of(6.1, (0.1, 6), (0.1, 6.1))
    assert too_short(one, many) == "too short: a run works for 3.0 ms, less than a switch interval"


def test_longer_runs_have_a_ratio() -> None:
    assert too_short(run_of(610, (1, 609)), run_of(2440, *[(1, 2430)] * 4)) is None
    assert too_short(run_of(450, (240, 440)), run_of(700, (240, 440), (450, 690))) is not None
    assert too_short(run_of(850, (240, 840)), run_of(990, (240, 840), (250, 980))) is None


@pytest.mark.parametrize("experiment", ["identity", "shared-value"])
@pytest.mark.parametrize("model", ["threads", "processes", "thread-pool", "process-pool"])
def test_workers_that_only_print_or_count_have_no_ratio(monitor: Monitor, experiment: str, model: str) -> None:
    variant = "print" if experiment == "identity" else "lock"
    monitor.measure(Request(experiment, variant, model, 4))
    (result,) = until(monitor, lambda snapshot: snapshot.measurements).measurements
    assert result.problem is None
    assert result.no_ratio is not None
    assert result.n_runs_s is not None
    assert (result.slowdown, result.speedup) == (None, None)
