"""The bars of measurements: their lengths on one axis, the ideal's mark, and where they stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.lines import Line, width_of
from pconc_tui.ui.drawing.measurement_bars import MARK, bars, longest_s, ratio
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import scoreboard
from tests.ui import samples
from tests.ui.screens import render, text_of

THREADS, PROCESSES = samples.measurement(), samples.measurement("processes", ratio=2.0)
BOTH = replace(samples.ENDED, measurements=(THREADS, PROCESSES))
WIDTH = 8 + 80 + 9
"""Of bars of 80 cells, between name and time."""


def length(line: Line) -> int:
    """Cells of a bar, with the mark on it."""
    return len(text_of(line)[8:-9].rstrip())


def test_bars_of_several_measurements_have_one_time_axis() -> None:
    axis_s = longest_s((THREADS, PROCESSES))
    lengths = [[length(line) for line in bars(each, axis_s, WIDTH)] for each in (THREADS, PROCESSES)]
    assert lengths == [[20, 80], [20, 41]]  # A bar that reaches the ideal ends at its mark.
    assert all(width_of(line) == WIDTH for each in (THREADS, PROCESSES) for line in bars(each, axis_s, WIDTH))


def test_the_ideal_is_marked_on_the_axis_of_the_times() -> None:
    for measurement in (THREADS, PROCESSES, samples.measurement(ratio=1.0)):
        one, many = (text_of(line) for line in bars(measurement, 4 * 0.61, WIDTH))
        assert MARK not in one
        assert many.index(MARK) == 8 + 40


def test_the_slowdown_and_the_ideal_are_in_one_direction() -> None:
    assert text_of(ratio(THREADS)) == f"4.0 times as long · ideal 2.0 {MARK}"


def test_what_has_no_ratio_has_no_mark() -> None:
    broken = samples.measurement(problem="stopped", n_runs_s=None)
    stuck = samples.measurement(n_runs_s=None, deadlock=samples.CYCLE)
    short = samples.measurement(no_ratio="too short")
    for measurement, words in ((broken, "incomplete"), (stuck, "never ended"), (short, "no ratio")):
        drawn = [text_of(line) for line in bars(measurement, longest_s((measurement,)), WIDTH)]
        assert text_of(ratio(measurement)) == words
        assert not any(MARK in line for line in drawn)
    assert "never" in text_of([*bars(stuck, 0.61, WIDTH)][1])
    nothing = samples.measurement(problem="can't start", one_run_s=None, n_runs_s=None)
    assert [length(line) for line in bars(nothing, longest_s((nothing,)), WIDTH)] == [0, 0]


def test_a_measurement_without_the_one_run_has_one_bar() -> None:
    alone = samples.measurement(one_run_s=None, no_ratio="measured without the single run")
    assert len([*bars(alone, 3, WIDTH)]) == 1


def test_sentences_are_left_out_where_not_all_measurements_fit_with_them() -> None:
    sentence = "Four runs took 2.0 times as long as one"
    for rows, shown in ((8, True), (7, False)):
        found = [text_of(line) for line in scoreboard.lines(BOTH.measurements, 4, 60, rows)]
        assert (sentence in found) is shown
        assert len([line for line in found if MARK in line]) == 4


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 35), (160, 45), (250, 70)])
def test_the_projector_shows_the_models_of_the_experiment_under_each_other(size: tuple[int, int]) -> None:
    screen = "\n".join(render(BOTH, *size, DashboardState(projector=True)))
    threads, processes = screen.index("threads · 4.0 times as long"), screen.index("processes · 2.0 times as long")
    assert threads < processes
    assert screen.count("0.61 s") == 2
    assert "1.22 s" in screen


def test_the_bars_fit_beside_the_words_of_every_figure_of_a_time() -> None:
    settings = LaunchSettings().with_experiment("io-bound")
    python = settings.kind.python
    sleeps = samples.measurement(experiment="io-bound", variant="sleep", python=python, core_share=0.0, ratio=1.0)
    state = DashboardState(projector=True, settings=settings)
    screen = "\n".join(render(replace(BOTH, measurements=(sleeps,)), 80, 24, state))
    assert "seconds for one run" in screen
    assert "threads · 1.0 times as long" in screen


@pytest.mark.parametrize(
    "snapshot",
    [
        replace(samples.THREADS, measurements=(THREADS,)),
        replace(BOTH, measurements=(samples.measurement(experiment="io-bound", variant="sleep"),)),
    ],
    ids=["anything runs", "another experiment"],
)
def test_the_projector_shows_no_result_of_an_earlier_run(snapshot: Snapshot) -> None:
    assert "times as long ·" not in "\n".join(render(snapshot, 160, 45, DashboardState(projector=True)))


def test_the_newest_measurement_of_each_model_is_on_the_projector() -> None:
    again = replace(BOTH, measurements=(*BOTH.measurements, samples.measurement(ratio=3.5)))
    screen = "\n".join(render(again, 160, 45, DashboardState(projector=True)))
    assert "threads · 3.5 times" in screen
    assert "threads · 4.0 times" not in screen
