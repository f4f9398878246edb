"""C code that releases the GIL: its threads run at the same time, and are not shown as waiting for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pconc_tui.monitor.cpu_quota import usable_cores
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import RUNS
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import Span
from tests.support import ended, until

Shared = Callable[[str], Monitor]


def ran(worker: Worker) -> Iterator[Span]:
    return (span for piece in worker.history for span in piece if span.state in RUNS)


def together_ns(one: Worker, other: Worker) -> int:
    """How long both ran at the same time."""
    others = list(ran(other))
    return sum(
        max(0, min(span.end_ns, each.end_ns) - max(span.start_ns, each.start_ns))
        for span in ran(one)
        for each in others
    )


def measured(monitor: Monitor, variant: str, model: str, scale: float) -> Snapshot:
    monitor.measure(Request("gil-release", variant, model, 2, scale))
    snapshot = until(monitor, lambda snapshot: snapshot.measurements)
    assert snapshot.measurements[-1].problem is None
    return snapshot


@pytest.mark.skipif(usable_cores() == 1, reason="one core runs one thread at a time")
def test_threads_run_at_the_same_time_although_the_gil_is_on(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    for _ in range(2):
        monitor.launch(Request("gil-release", "hashlib", "threads"))
    until(monitor, lambda snapshot: together_ns(*snapshot.workers) > 1_000_000)


def test_threads_that_release_the_gil_hardly_wait_for_it(python: str, shared_monitor: Shared) -> None:
    snapshot = measured(shared_monitor(python), "hashlib", "threads", 0.3)
    without_core = sum(worker.total.core_wait for worker in snapshot.workers)
    for worker in snapshot.workers:
        # One that loses its core in the moment in which it holds the GIL keeps the other waiting.
        others_s = without_core - worker.total.core_wait
        assert worker.total.gil_wait < 0.25 * worker.total.wall + others_s
    assert snapshot.measurements[-1].handoffs < 20


def test_python_code_beside_it_takes_turns(monitor: Monitor) -> None:
    one, other = measured(monitor, "python", "threads", 0.2).workers
    assert together_ns(one, other) < 0.02 * 1e9 * one.total.wall
    waited, ran = one.total.gil_wait + other.total.gil_wait, one.total.running + other.total.running
    assert waited > 0.1 * ran


def test_what_lets_go_of_the_gil_waits_for_it_beside_python_code(monitor: Monitor) -> None:
    monitor.launch(Request("gil-release", "hashlib", "threads"))
    monitor.launch(Request("gil-release", "python", "threads"))
    snapshot = until(monitor, lambda snapshot: snapshot.workers[0].total.gil_wait > 0.05)
    monitor.stop_all()
    snapshot = until(monitor, ended)
    hashing, beside = snapshot.workers
    assert hashing.total.gil_wait > beside.total.gil_wait


def test_a_long_call_is_shown_as_running_while_it_lasts(monitor: Monitor) -> None:
    monitor.launch(Request("gil-release", "zlib", "threads"))
    until(monitor, lambda snapshot: snapshot.workers[0].iterations > 20)
    polls = 0

    def is_often_running(snapshot: Snapshot) -> bool:
        nonlocal polls
        polls += snapshot.workers[0].state in RUNS
        return polls == 40

    until(monitor, is_often_running)
