"""The timeline's window: held, live, frozen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.experiments import Experiment, catalogue
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.drawing.timeline_window import WIDTHS_MS, TimelineWindow, clock
from pconc_tui.watched_program import WatchedProgram
from tests.ui import samples
from tests.ui.samples import MS


def later(snapshot: Snapshot, ms: int) -> Snapshot:
    return replace(snapshot, now_ns=snapshot.now_ns + ms * MS)


def test_a_short_window_is_held_for_a_second() -> None:
    window = TimelineWindow().advanced(samples.THREADS, 80)
    assert window.advanced(later(samples.THREADS, 900), 80) is window
    assert window.advanced(later(samples.THREADS, 1000), 80).end_ns > window.end_ns
    assert window.described(0)[1] == "held, renewed every second"


def test_it_is_renewed_sooner_after_a_launch() -> None:
    fresh = replace(samples.THREADS, workers=(replace(samples.thread(1, 1), launched_ns=samples.NOW),))
    window = TimelineWindow().advanced(fresh, 80)
    assert window.advanced(later(fresh, 260), 80) != window


def test_a_long_window_moves_by_whole_cells() -> None:
    window = TimelineWindow(zoom=WIDTHS_MS.index(10_000)).advanced(samples.THREADS, 100)
    assert window.cell_ns == 100 * MS
    assert window.end_ns % window.cell_ns == 0
    moved = window.advanced(later(samples.THREADS, 100), 100)
    assert moved.end_ns - window.end_ns == window.cell_ns
    assert moved.described(0)[1] == "live"


def test_it_ends_where_all_is_known() -> None:
    kernel = [replace(each, source="kernel") for each in samples.THREADS.workers]
    recorded = replace(samples.THREADS, workers=(*samples.THREADS.workers[1:], kernel[0]))
    assert samples.NOW - clock(samples.THREADS) < 50 * MS
    assert samples.NOW - clock(recorded) > 250 * MS
    # A moment that lies so far back is shown of a program that is watched.
    assert samples.NOW - clock(replace(recorded, program=WatchedProgram(1, "python"))) < 50 * MS
    has_ended = replace(recorded, workers=(*recorded.workers[:-1], samples.ended(kernel[0], "stopped")))
    assert samples.NOW - clock(has_ended) < 50 * MS


def test_frozen_it_stays_and_says_how_long_ago() -> None:
    window = TimelineWindow().advanced(samples.THREADS, 80).toggled(samples.THREADS)
    after = later(samples.THREADS, 5000)
    assert window.advanced(after, 80) is window
    assert window.described(window.end_ns + 1200 * MS) == ("100 ms", "frozen, 1.2 s ago")
    assert not window.toggled(after).frozen


def test_scrolling_freezes_and_stops_at_both_ends() -> None:
    window = TimelineWindow().advanced(samples.THREADS, 80)
    back = window.scrolled(-0.25, samples.THREADS)
    assert back.frozen
    assert window.last - back.last == 20
    for _ in range(1000):
        back = back.scrolled(-1, samples.THREADS)
    first = min(worker.launched_ns for worker in samples.THREADS.workers)
    assert abs(back.start_ns - first) < 2 * back.cell_ns
    for _ in range(1000):
        back = back.scrolled(1, samples.THREADS)
    assert abs(back.end_ns - samples.NOW) < 50 * MS


def test_zooming_while_frozen_keeps_the_middle() -> None:
    window = TimelineWindow().advanced(samples.THREADS, 80).scrolled(-5, samples.THREADS)
    closer = window.zoomed(-1, samples.THREADS)
    assert closer.span_ns == 50 * MS
    assert abs((closer.start_ns + closer.end_ns) - (window.start_ns + window.end_ns)) < 4 * window.cell_ns


def test_zoom_has_ends() -> None:
    window = TimelineWindow(cells=80)
    for _ in range(20):
        window = window.zoomed(-1, samples.THREADS)
    assert window.span_ns == 20 * MS
    for _ in range(20):
        window = window.zoomed(1, samples.THREADS)
    assert window.span_ns == 10_000 * MS


def test_when_all_have_ended_their_end_stays_on_view() -> None:
    after = later(samples.ENDED, 60_000)
    window = TimelineWindow().advanced(after, 80)
    assert abs(window.end_ns - max(worker.ended_ns or 0 for worker in after.workers)) < 5 * MS


def test_a_resize_while_frozen_keeps_the_end() -> None:
    window = TimelineWindow().advanced(samples.THREADS, 80).scrolled(-1, samples.THREADS)
    assert abs(window.advanced(samples.THREADS, 40).end_ns - window.end_ns) < 5 * MS


def test_the_width_suits_the_experiment_until_the_user_chooses_one() -> None:
    window = TimelineWindow(cells=80).suited(5000, samples.THREADS)
    assert window.span_ns == 5000 * MS
    assert window.suited(5000, samples.THREADS) is window
    chosen = window.zoomed(-1, samples.THREADS)
    assert chosen.span_ns == 2000 * MS
    assert chosen.suited(100, samples.THREADS) is chosen
    frozen = window.toggled(samples.THREADS)
    assert frozen.suited(100, samples.THREADS) is frozen


def test_workers_that_do_little_and_end_are_seen_whole() -> None:
    first = replace(samples.ENDED.workers[0], launched_ns=samples.NOW - 2400 * MS, ended_ns=samples.NOW - 2399 * MS)
    last = replace(first, launched_ns=samples.NOW - 500 * MS, ended_ns=samples.NOW - 499 * MS)
    launched_apart, at_once = samples.snapshot(first, last), samples.snapshot(last, last)
    for snapshot, span_ms in ((launched_apart, 2000), (at_once, 20)):
        window = TimelineWindow().suited(0, later(snapshot, 60_000)).advanced(later(snapshot, 60_000), 80)
        assert window.span_ns == span_ms * MS
        assert all(window.start_ns < worker.launched_ns for worker in snapshot.workers)
        assert all(worker.ended_ns and worker.ended_ns <= window.end_ns for worker in snapshot.workers)


FITTED = TimelineWindow(cells=80).following(replace(samples.MEASURED, measurements=()), samples.MEASURED)
BEGAN = samples.NOW - 2001 * MS
"""The launch of the one run."""
ENDED = samples.NOW - 500 * MS


@pytest.mark.parametrize("cells", [2, 9, 44, 80, 171])
def test_a_measurement_that_has_ended_is_seen_whole(cells: int) -> None:
    before = replace(samples.MEASURED, measurements=())
    window = TimelineWindow(cells=cells).following(before, samples.MEASURED)
    for each in (window, window.advanced(samples.MEASURED, 2 * cells), FITTED.advanced(samples.MEASURED, cells)):
        assert each.start_ns <= BEGAN
        assert each.end_ns >= ENDED
        assert each.described(0) == ("1.5 s", "the whole measurement")
        assert not each.frozen
    assert window.advanced(later(samples.MEASURED, 60_000), cells) is window


def test_it_stays_where_it_is_if_the_user_has_frozen_it_or_nothing_has_ended() -> None:
    before = replace(samples.MEASURED, measurements=())
    frozen = TimelineWindow(cells=80).toggled(before)
    assert frozen.following(before, samples.MEASURED) is frozen
    window = TimelineWindow(cells=80)
    assert window.following(samples.MEASURED, samples.MEASURED) is window
    assert window.following(before, replace(samples.THREADS, measurements=samples.MEASURED.measurements)) is window


@pytest.mark.parametrize(
    "after",
    [
        replace(samples.MEASURED, workers=(*samples.MEASURED.workers, samples.thread(9, 1))),
        replace(samples.MEASURED, progress=samples.MEASURING.progress),
        replace(samples.MEASURED, workers=()),
    ],
    ids=["a launch", "the next measurement", "all cleared"],
)
def test_it_is_live_again_once_anything_starts(after: Snapshot) -> None:
    assert FITTED.following(samples.MEASURED, samples.MEASURED) is FITTED
    live = FITTED.zoomed(-1, samples.MEASURED).following(samples.MEASURED, after)
    assert not live.still
    assert live.span_ns == 100 * MS
    assert live.suited(5000, after).span_ns == 5000 * MS


def test_zoom_goes_into_a_measurement_and_out_again() -> None:
    window, spans_ms = FITTED, []
    for _ in range(9):
        window = window.zoomed(-1, samples.MEASURED)
        spans_ms.append(window.span_ns / MS)
        assert window.start_ns + window.cell_ns >= BEGAN
        assert window.end_ns <= ENDED + 2 * window.cell_ns + MS
    assert spans_ms == [1000, 500, 200, 100, 50, 20, 20, 20, 20]
    assert window.start_ns > min(worker.launched_ns for worker in samples.MEASURED.workers)
    assert window.described(0) == ("20 ms", "of the measurement, from 1.04 s")
    for _ in range(9):
        window = window.zoomed(1, samples.MEASURED)
    assert (window.start_ns, window.end_ns, window.span_ns) == (FITTED.start_ns, FITTED.end_ns, FITTED.span_ns)


def test_scrolling_stays_within_the_measurement_and_chooses_where_zoom_goes() -> None:
    window = FITTED.zoomed(-3, samples.MEASURED)
    for _ in range(100):
        window = window.scrolled(-1, samples.MEASURED)
    assert abs(window.start_ns - BEGAN) < 2 * window.cell_ns
    closer = window.zoomed(-3, samples.MEASURED)
    assert not closer.frozen
    assert abs(closer.start_ns + closer.end_ns - window.start_ns - window.end_ns) < 4 * window.cell_ns


def test_space_goes_from_a_measurement_to_live() -> None:
    live = FITTED.toggled(samples.MEASURED)
    assert not live.still
    assert live.described(0)[1] == "held, renewed every second"


@pytest.mark.parametrize("experiment", catalogue(), ids=lambda experiment: experiment.id)
def test_every_experiment_has_a_width_that_there_is(experiment: Experiment) -> None:
    assert experiment.window_ms in (0, *WIDTHS_MS)
