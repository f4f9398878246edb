"""The timeline of a measurement that has ended: the lanes of both runs, the rule between them and the axis."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.axis import RULE, axis
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, render, text_of, until, with_app

BEFORE = replace(samples.MEASURED, measurements=())
WINDOW = TimelineWindow(cells=80).following(BEFORE, samples.MEASURED)
SIZES = [(60, 20), (80, 24), (100, 30), (120, 35), (160, 45), (250, 70)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("projector", [False, True])
def test_both_runs_are_seen_with_a_rule_between_them(size: tuple[int, int], projector: bool) -> None:
    screen = render(samples.MEASURED, *size, DashboardState(window=WINDOW, projector=projector))
    assert any("the whole measurement" in row for row in screen)
    foot = next(number for number, row in enumerate(screen) if f"one run {RULE} 4 runs" in row)
    column = screen[foot].index(f"{RULE} 4 runs")
    first, second, last = (
        next(row for row in screen[:foot] if f"{name} " in row[:14]) for name in ("Thread-1", "Thread-2", "Thread-4")
    )
    assert {row[column] for row in (first, second, last)} == {RULE}
    assert "█" in first[max(15, column - 40) : column]
    assert second[15:column].strip() == last[15:column].strip() == ""
    assert all(row[column + 2 : column + 10].strip() for row in (first, second, last))


@pytest.mark.parametrize("size", SIZES)
def test_there_is_no_rule_where_there_was_no_single_run(size: tuple[int, int]) -> None:
    alone, before = replace(samples.MEASURED, one_run=None), replace(BEFORE, one_run=None)
    window = TimelineWindow(cells=80).following(before, alone)
    screen = "\n".join(render(alone, *size, DashboardState(window=window)))
    assert "the whole measurement" in screen
    assert "one run │" not in screen


def test_the_first_of_many_lanes_is_in_sight_since_the_one_run_is_there() -> None:
    workers = tuple(replace(samples.MEASURED.workers[n % 4], id=10 + n, name=f"Thread-{n + 1}") for n in range(64))
    window = TimelineWindow().following(replace(BEFORE, workers=workers), replace(samples.MEASURED, workers=workers))
    screen = render(replace(samples.MEASURED, workers=workers), 80, 24, DashboardState(window=window))
    assert any("Thread-1 " in row for row in screen)
    assert any(f"one run {RULE} 64 runs" in row for row in screen)


def test_threads_that_a_worker_has_started_are_no_runs() -> None:
    helpers = tuple(replace(worker, id=100 + worker.id, helper_of=worker.id) for worker in samples.MEASURED.workers)
    screen = render(replace(samples.MEASURED, helpers=helpers), 120, 35, DashboardState(window=WINDOW))
    assert any("└ " in row for row in screen)
    assert any(f"one run {RULE} 4 runs" in row for row in screen)


def test_the_axis_counts_from_the_beginning_in_round_times() -> None:
    line = text_of(axis(WINDOW, None, 4))
    assert len(line) == 80
    assert line.split() == ["╵0.0", "s", "╵0.5", "s", "╵1.0", "s"]
    closer = WINDOW.zoomed(-6, samples.MEASURED)
    assert text_of(axis(closer, None, 4)).split()[:4] == ["╵1.045", "s", "╵1.050", "s"]


@pytest.mark.parametrize(
    ("split", "words"),
    [
        (0, "│ 64 runs, after one run"),
        (7, "│ 64 runs, after one run"),
        (8, "one run │ 64 runs"),
        (40, "one run │ 64 runs"),
        (70, "one run │ 64 runs"),
        (71, "one run │"),
        (79, "one run │"),
    ],
)
def test_what_stands_below_the_rule_never_leaves_the_axis(split: int, words: str) -> None:
    line = text_of(axis(WINDOW, split, 64))
    assert words in line
    assert line.index(RULE) == split
    assert len(line) == 80


def test_live_axes_count_back_from_now() -> None:
    line = text_of(axis(TimelineWindow(cells=80).advanced(samples.THREADS, 80), None, 0))
    assert line.split()[:2] == ["╵-100", "ms"]


def test_the_end_of_a_measurement_is_shown_whole_and_a_launch_goes_back_to_live() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        controller.snapshot = samples.MEASURED
        await until(pilot, lambda: "1.5 s · the whole measurement" in on_screen(app))
        assert "480 hand-offs in the 4 runs" in on_screen(app)
        assert "FROZEN" not in on_screen(app)
        await pilot.press("z", "z", "z")
        await until(pilot, lambda: "200 ms · of the measurement" in on_screen(app))
        await pilot.press("t")
        await until(pilot, lambda: "100 ms · held" in on_screen(app))
        controller.snapshot = samples.THREADS
        await until(pilot, lambda: "4 alive" in on_screen(app))
        controller.snapshot = samples.MEASURED
        await until(pilot, lambda: "1.5 s · the whole measurement" in on_screen(app))
        controller.snapshot = samples.MEASURING
        await until(pilot, lambda: "100 ms · held" in on_screen(app))

    with_app(BEFORE, steps)
