"""The one run of a measurement stays known when its N runs start, and the histories of both are whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.final_spans import PIECE
from tests.support import ended, measured, until

SHORT = Request("cpu-bound", "calls", "threads", 2, scale=0.02)


@pytest.fixture
def forgetful() -> Iterator[Monitor]:
    """A monitor that keeps one piece of the history of workers that are launched."""
    with closing(Monitor(sys.executable, history_pieces=1)) as monitor:
        yield monitor


def is_whole(worker: Worker) -> bool:
    """Whether its spans cover its life without holes."""
    spans = [span for piece in worker.history for span in piece]
    ends = [worker.launched_ns, *(span.end_ns for span in spans)]
    return all(span.start_ns == end_ns for span, end_ns in zip(spans, ends, strict=False)) and (
        ends[-1] == worker.ended_ns
    )


def test_the_one_run_is_kept_with_the_n_runs(monitor: Monitor) -> None:
    snapshot = measured(monitor, SHORT)
    one = snapshot.one_run
    assert one is not None
    assert one.ended_ns is not None
    assert is_whole(one)
    assert all(is_whole(worker) for worker in snapshot.workers)
    assert all(one.ended_ns <= worker.launched_ns for worker in snapshot.workers)
    assert one.id not in {worker.id for worker in snapshot.workers}
    assert len(snapshot.workers) == 2


def test_the_one_run_is_forgotten_when_workers_start_or_are_cleared(monitor: Monitor) -> None:
    assert measured(monitor, SHORT).one_run
    monitor.clear()
    assert monitor.poll().one_run is None
    first = measured(monitor, SHORT).one_run
    monitor.measure(SHORT)
    assert until(monitor, lambda snapshot: snapshot.one_run != first).one_run is None
    assert until(monitor, lambda snapshot: snapshot.progress is None).one_run
    monitor.launch(SHORT)
    assert monitor.poll().one_run is None
    monitor.stop_all()
    until(monitor, ended)


def test_a_measurement_without_the_one_run_has_none(monitor: Monitor) -> None:
    alone = Request("cpu-bound", "calls", "threads", 2, scale=0.02, single_run=False)
    assert measured(monitor, alone).one_run is None


def test_the_history_of_a_measurement_is_whole_however_little_is_kept_else(forgetful: Monitor) -> None:
    forgetful.set_switch_interval(0.0001)
    snapshot = measured(forgetful, Request("cpu-bound", "calls", "threads", 4))
    assert max(sum(map(len, worker.history)) for worker in snapshot.workers) > 2 * PIECE
    assert snapshot.one_run
    assert all(map(is_whole, (snapshot.one_run, *snapshot.workers)))
