"""Both figures of hand-offs in the timeline's title and on the page of labs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.snapshot import GilRate
from pconc_tui.ui.drawing.lane_layout import lane_layout
from pconc_tui.ui.drawing.timeline_window import WIDTHS_MS, TimelineWindow
from pconc_tui.ui.panels import timeline
from pconc_tui.ui.screens import labs
from tests.ui import samples
from tests.ui.screens import render, text_of

GILS = (
    GilRate(0, 11240, 0, 4, 186.2, 187.4, None),
    GilRate(1, 11300, 0, 2, 90.0, None, "process 11300 may not be read: Operation not permitted"),
)


@pytest.mark.parametrize(("width", "height"), [(160, 45), (80, 24)])
def test_the_timelines_title_shows_both_figures(width: int, height: int) -> None:
    shown = replace(samples.THREADS, switches_per_s=187.3)
    assert "186 hand-offs/s · CPython counts    187 ─" in "\n".join(render(shown, width, height))
    more = replace(shown, handoffs_per_s=19_186.2, switches_per_s=19_002.0)
    titles = [next(row for row in render(each, width, height) if "hand-offs/s" in row) for each in (shown, more)]
    assert titles[0].index("hand-offs/s") == titles[1].index("hand-offs/s")
    unreadable = replace(samples.THREADS, switches_problem="may not be read")
    assert "186 hand-offs/s · CPython: not readable ─" in "\n".join(render(unreadable, width, height))


def test_where_the_figures_differ_the_better_source_stands_alone() -> None:
    differing = replace(samples.THREADS, switches_per_s=87.3)
    title = next(row for row in render(differing, 160, 45) if "hand-offs/s" in row)
    assert "186 hand-offs/s ─" in title
    workers = tuple(replace(worker, shows_handoffs=False) for worker in differing.workers)
    assert "87 hand-offs/s · counted by CPython ─" in "\n".join(render(replace(differing, workers=workers), 160, 45))


def test_the_smallest_screen_shows_the_figure_by_the_workers_spans() -> None:
    assert "186 hand-offs/s" in "\n".join(render(replace(samples.THREADS, switches_per_s=187.3), 60, 20))


def test_the_page_of_labs_shows_each_gil_with_both_figures() -> None:
    other = replace(samples.LAB, version="3.14.1", executable="/py/3.14", start_method="forkserver")
    free = replace(samples.LAB, gil_enabled=False, free_threaded_build=True)
    found = labs.lab_lines(replace(samples.THREADS, labs=(samples.LAB, other, free), gils=GILS), 100)
    page = "\n".join(" ".join(text_of(line).split()) for line in found)
    assert "CPython 3.13.0 · GIL on · switch 5 ms · fork" in page
    assert "CPython 3.14.1 · GIL on · switch 5 ms · forkserver" in page
    assert "11240 main 4 186 187" in page
    assert "not readable: process 11300 may not be read: Operation not permitted" in page
    assert "no GIL, and so no hand-offs" in page
    assert "reports of the workers' code" in " ".join(page.split())


def test_a_recording_shows_the_same_figures_in_every_width() -> None:
    shown = replace(samples.THREADS, switches_per_s=187.3)
    window = TimelineWindow(zoom=WIDTHS_MS.index(10_000)).advanced(shown, 100)
    lanes = lane_layout(len(shown.workers), 0, 1, False)
    for width in range(40, 161):
        left, right = timeline.title(window, shown, shown, lanes, shown, width)
        assert "live" in text_of(left)
        past, figures = timeline.title(window, shown, shown, lanes, shown, width, recorded=True)
        assert "live" not in text_of(past)
        assert figures == right
