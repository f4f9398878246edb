"""Snapshots of workers that only records describe show the moment up to which records were read, and what changes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.kernel.perf_event import access
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.shown_moment import LONGEST_LAG_NS, ShownMoment
from pconc_tui.requests import Request
from pconc_tui.sampler.observed_tree import NEW_NS
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import Span
from tests.support import LONG_S, running, until

recorded = pytest.mark.skipif(access().source is None, reason="the kernel gives no scheduling records here")
ENDLESS = Request("work.py:endless", "endless", "threads")
FRAME_S = 0.02


def test_it_is_what_is_known_no_longer_ago_than_that_and_never_the_same() -> None:
    shown = ShownMoment()
    assert shown.next(10, 10) == 10
    assert shown.move(LONGEST_LAG_NS, 7) == 7
    assert shown.move(LONGEST_LAG_NS, 7) == 8
    assert shown.move(LONGEST_LAG_NS + 100, 7) == 100
    assert shown.move(LONGEST_LAG_NS + 100, LONGEST_LAG_NS + 100) == LONGEST_LAG_NS + 100


@pytest.fixture
def calm(own_code: object, fresh_monitor: Monitor) -> Monitor:
    """Its workers have run for so long that records are read as seldom as they ever are."""
    del own_code
    experiments.add(read("work.py:endless", sys.executable))
    for _ in range(2):
        fresh_monitor.launch(ENDLESS)
    until(fresh_monitor, running)
    since_ns = time.perf_counter_ns()
    until(fresh_monitor, lambda snapshot: snapshot.now_ns - since_ns > 1.5 * NEW_NS)
    return fresh_monitor


def frames(monitor: Monitor, seconds: float = LONG_S) -> Iterator[Snapshot]:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        yield monitor.poll()
        time.sleep(FRAME_S)  # As between two frames.


def unchanged(monitor: Monitor) -> Snapshot:
    """The first Snapshot that shows no more than the one before."""
    before = monitor.poll()
    for snapshot in frames(monitor):
        if snapshot.workers is before.workers:
            return snapshot
        before = snapshot
    raise AssertionError("each frame was read anew")


def spans(worker: Worker) -> list[Span]:
    return [span for piece in worker.history for span in piece]


@recorded
def test_between_two_readings_of_the_records_nothing_is_read_anew(calm: Monitor) -> None:
    found = [*frames(calm, 3)]
    times_ns = [snapshot.now_ns for snapshot in found]
    assert times_ns == sorted(set(times_ns))
    read = sum(now.workers is not before.workers for before, now in pairwise(found))
    assert 2 <= read < len(found) / 3
    assert found[-1].workers[0].total.wall > found[0].workers[0].total.wall + 1


@recorded
def test_what_is_shown_is_no_older_than_the_last_reading_of_the_records(calm: Monitor) -> None:
    late_s = time.monotonic()
    for snapshot in frames(calm):
        if time.perf_counter_ns() - snapshot.now_ns > LONGEST_LAG_NS - 100_000_000:  # As on a busy machine.
            late_s = time.monotonic()
        if time.monotonic() - late_s > 2:
            return
    raise AssertionError("it is not shown when it is known")


@recorded
def test_what_is_shown_stays_so(calm: Monitor) -> None:
    before = calm.poll()
    for snapshot in frames(calm, 3):
        is_known = time.perf_counter_ns() - snapshot.now_ns < 0.8 * LONGEST_LAG_NS  # Not on a machine that is so busy.
        for then, now in zip(before.workers, snapshot.workers, strict=True):
            *shown, last = spans(then)
            found = spans(now)
            assert found[: len(shown)] == shown
            same = found[len(shown)]
            if is_known:
                assert (same.start_ns, same.state) == (last.start_ns, last.state)
                assert same.end_ns >= last.end_ns
            assert found[-1].end_ns <= snapshot.now_ns
        if is_known:
            before = snapshot


@recorded
def test_a_worker_that_starts_and_one_that_ends_are_seen_at_once(calm: Monitor) -> None:
    first, second = unchanged(calm).workers
    calm.stop(first.id)
    asked_ns = time.perf_counter_ns()
    snapshot = until(calm, lambda snapshot: not snapshot.workers[0].alive)
    assert snapshot.workers[0].ending == "stopped"
    assert asked_ns < (snapshot.workers[0].ended_ns or 0) <= snapshot.now_ns
    assert snapshot.workers[1].alive
    unchanged(calm)
    calm.launch(ENDLESS)
    assert len(calm.poll().workers) == 3
    snapshot = until(calm, running)
    assert snapshot.workers[2].launched_ns <= (snapshot.workers[2].started_ns or 0) <= snapshot.now_ns
    assert snapshot.workers[1].id == second.id
    assert snapshot.workers[1].total.wall > second.total.wall


@recorded
def test_what_a_request_changes_is_seen_in_the_next_frame(calm: Monitor) -> None:
    calm.stop(calm.poll().workers[0].id)
    until(calm, lambda snapshot: not snapshot.workers[0].alive)
    unchanged(calm)
    calm.clear()
    assert [worker.alive for worker in calm.poll().workers] == [True]


@recorded
def test_a_line_is_shown_once_what_led_to_it_is(calm: Monitor) -> None:
    experiments.add(read("work.py:prints_index", sys.executable))
    unchanged(calm)
    calm.launch(Request("work.py:prints_index", "prints_index", "threads"))
    snapshot = until(calm, lambda snapshot: any("called with" in line.text for line in snapshot.log))
    (line,) = [line for line in snapshot.log if "called with" in line.text]
    assert snapshot.log_began_ns + line.t_s * 1e9 <= snapshot.now_ns


@recorded
@pytest.mark.parametrize("beside", ["cpu-bound", "work.py:probed"])
def test_beside_workers_that_report_all_lanes_are_shown_up_to_the_same_moment(calm: Monitor, beside: str) -> None:
    if beside != "cpu-bound":
        experiments.add(read(beside, sys.executable))
    unchanged(calm)
    calm.launch(Request(beside, experiments.load(beside).variant, "threads"))
    snapshot = until(calm, lambda snapshot: len(snapshot.workers) == 3 and running(snapshot))
    wall_s = snapshot.workers[2].total.wall

    def goes_on(snapshot: Snapshot) -> bool:
        return snapshot.workers[2].total.wall > wall_s + 0.05 or not snapshot.workers[2].alive

    snapshot = until(calm, goes_on)
    for worker in snapshot.workers:
        # Each frame in which no more is known is a ns later.
        assert 0 <= (worker.ended_ns or snapshot.now_ns) - spans(worker)[-1].end_ns < 1_000


def test_workers_that_report_are_shown_up_to_now(fresh_monitor: Monitor) -> None:
    fresh_monitor.launch(Request("cpu-bound", "calls", "threads"))
    until(fresh_monitor, running)
    for _ in range(3):
        before_ns = time.perf_counter_ns()
        assert fresh_monitor.poll().now_ns >= before_ns


@recorded
def test_a_measurement_of_a_function_ends_when_its_workers_do(calm: Monitor) -> None:
    calm.stop_all()
    experiments.add(read("work.py:nap", sys.executable))
    calm.measure(Request("work.py:nap", "nap", "threads", 2))
    snapshot = until(calm, lambda snapshot: bool(snapshot.measurements))
    measurement = snapshot.measurements[-1]
    assert measurement.problem is None
    for worker in snapshot.workers:
        assert worker.total.unknown < 0.01
        assert spans(worker)[-1].end_ns == worker.ended_ns
        assert worker.total.wall == pytest.approx(measurement.n_runs_s, rel=0.5)
