"""Slow motion: how its moment moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import Span
from pconc_tui.ui.drawing.slow_motion import LONGEST_S, SLOWNESS, SlowMotion
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from tests.ui import samples
from tests.ui.samples import MS, NOW, slow_motion
from tests.ui.slow_moments import START, THREADS, at, screen


def test_it_begins_a_little_before_the_first_handoff_that_the_timeline_shows() -> None:
    window = replace(TimelineWindow(frozen=True), cells=100).ending_at(START + 500 * MS)
    slow = SlowMotion.start(samples.THREADS, window, 7.0, 100)
    assert slow is not None
    # The first hand-off in sight is at its left end; its giver's turn began before.
    assert window.start_ns < slow.position_ns <= window.start_ns + 5 * MS
    assert (slow.slowness, slow.paused, slow.seen_s) == (100, False, 7.0)


def test_of_a_measurement_it_plays_the_runs_at_once() -> None:
    window = TimelineWindow().following(replace(samples.MEASURED, measurements=()), samples.MEASURED)
    assert window.fit
    slow = SlowMotion.start(samples.MEASURED, window, 0.0, 100)
    assert slow is not None
    assert slow.position_ns > min(worker.launched_ns for worker in samples.MEASURED.workers)


@pytest.mark.parametrize(
    "snapshot",
    [
        samples.EMPTY,
        samples.STARTING,
        samples.snapshot(
            Worker(
                1,
                "Thread-1",
                "cpu-bound",
                "calls",
                "threads",
                "3.13.0",
                NOW,
                history=((Span(NOW, NOW + 1, State.STARTING),),),
            )
        ),
    ],
)
def test_there_is_nothing_to_play_before_a_worker_has_started(snapshot: Snapshot) -> None:
    assert SlowMotion.start(snapshot, TimelineWindow(), 0.0, 100) is None


def test_it_moves_as_much_slower_as_it_says() -> None:
    for slowness in SLOWNESS:
        slow = replace(at(THREADS, 100), slowness=slowness)
        for frame in range(1, 21):
            slow = slow.advanced(frame / 20, samples.THREADS)
        assert slow.position_ns == pytest.approx(START + 100 * MS + 1e9 / slowness, abs=20)
    assert replace(THREADS, slowness=100).speed == "1/100: 5 ms take 0.5 s"
    assert replace(THREADS, slowness=1000).speed == "1/1000: 5 ms take 5 s"


def test_paused_it_stays_and_goes_on_from_there() -> None:
    slow = at(THREADS, 100)
    paused = slow.toggled(1.0)
    assert paused.advanced(9.0, samples.THREADS) is paused
    going = paused.toggled(10.0).advanced(10.1, samples.THREADS)
    assert going.position_ns == slow.position_ns + round(0.1e9 / slow.slowness)


def test_a_long_time_without_a_frame_is_not_made_up_for() -> None:
    slow = at(THREADS, 100)
    late = slow.advanced(2 * LONGEST_S, samples.THREADS)
    assert (late.position_ns, late.seen_s) == (slow.position_ns, 2 * LONGEST_S)
    assert slow.advanced(-1.0, samples.THREADS).position_ns == slow.position_ns


def test_speeds_and_zooms_have_ends() -> None:
    slow = THREADS
    for _ in range(20):
        slow = slow.faster(-1).zoomed(-1, 0.0)
    assert (slow.slowness, slow.intervals) == (1000, 1)
    for _ in range(20):
        slow = slow.faster(1).zoomed(1, 0.0)
    assert (slow.slowness, slow.intervals) == (10, 20)
    assert replace(slow, slowness=300).faster(1).slowness == 200
    assert replace(slow, slowness=300).faster(-1).slowness == 500


def test_steps_go_from_handoff_to_handoff_and_back() -> None:
    slow = at(THREADS, 102)
    seen = []
    for by in (1, 1, 1, -1, -1, -1):
        slow = slow.stepped(by, 0.0)
        assert slow.paused
        seen.append((slow.position_ns - START) / MS)
    assert seen == [105, 110, 115, 110, 105, 100]


def test_a_handoff_is_found_however_far_away_it_is() -> None:
    """Two threads of which one runs for a second, then the other."""
    lanes = (
        (Span(START, START + 1000 * MS, State.RUNNING), Span(START + 1000 * MS, NOW, State.GIL_WAIT)),
        (Span(START, START + 1000 * MS, State.GIL_WAIT), Span(START + 1000 * MS, NOW, State.RUNNING)),
    )
    workers = [replace(samples.thread(n, 2), history=(spans,)) for n, spans in enumerate(lanes, 1)]
    slow = slow_motion(samples.snapshot(*workers))
    assert at(slow, 1).stepped(1, 0.0).position_ns == START + 1000 * MS
    assert at(slow, 1900).stepped(-1, 0.0).position_ns == START + 1000 * MS
    # There is no other: the moment stays where it is.
    assert at(slow, 1900).stepped(1, 0.0).position_ns == START + 1900 * MS


def test_without_handoffs_steps_are_those_of_the_lanes() -> None:
    spans = (Span(START, NOW - 500 * MS, State.RUNNING), Span(NOW - 500 * MS, NOW, State.CORE_WAIT))
    slow = slow_motion(samples.snapshot(replace(samples.process(1), history=(spans,))), 510 * MS)
    assert slow.stepped(1, 0.0).position_ns == NOW - 500 * MS


def test_it_ends_where_the_lanes_end_and_begins_where_they_begin() -> None:
    ended = slow_motion(samples.ENDED)
    assert ended.at(NOW, 0.0).is_over
    assert not ended.at(0, 0.0).is_over
    assert ended.at(0, 0.0).position_ns == ended.began_ns
    assert "the end" in screen(ended.at(NOW, 0.0))


def test_at_the_end_of_its_lanes_it_goes_on_with_newer_ones() -> None:
    later = samples.snapshot(*(samples.thread(n, 4, NOW, 2.0) for n in range(1, 5)))
    earlier = replace(
        later,
        now_ns=NOW - 500 * MS,
        workers=tuple(
            replace(
                each, history=(tuple(span for piece in each.history for span in piece if span.end_ns < NOW - 500 * MS),)
            )
            for each in later.workers
        ),
    )
    slow = slow_motion(earlier, 1 * MS, 10)
    assert slow.advanced(0.1, later).snapshot is later
    assert slow_motion(earlier, 100 * MS).advanced(0.1, later).snapshot is earlier, "not before"
    assert slow.advanced(0.1, samples.PROCESSES).snapshot is earlier, "these are other workers"
    end = slow.advanced(0.2, later)
    for frame in range(3, 40):
        end = end.advanced(frame / 10, later)
    assert end.position_ns > earlier.now_ns
