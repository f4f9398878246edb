"""The whole screen at all sizes: nothing overlaps, nothing important is cut or missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.ui.arrangement import arrange, brought_forward
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.panels.all_panels import TABS, panel_of
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.cores import CoresPanel
from pconc_tui.ui.panels.counters import CountersPanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import TabPanel
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from pconc_tui.ui.panels.too_small import message
from pconc_tui.ui.panels.workers import WorkersPanel
from pconc_tui.ui.selection import Selection
from tests.ui import samples
from tests.ui.screens import frame_of, render, text_of

SIZES = [(60, 20), (60, 45), (80, 24), (81, 25), (100, 30), (115, 50), (116, 38), (120, 40), (139, 44), (140, 44)]
SIZES += [(160, 38), (160, 45), (200, 60), (300, 90)]
SNAPSHOTS = ["EMPTY", "THREADS", "PROCESSES", "MANY", "ENDED", "EVERYTHING", "MEASURING", "DEAD", "STARTING"]


@pytest.mark.parametrize("name", SNAPSHOTS)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_panel_fits_its_place(size: tuple[int, int], name: str) -> None:
    snapshot = getattr(samples, name)
    for panel in TABS:
        render(snapshot, *size, DashboardState(focused=panel))
    render(snapshot, *size, DashboardState(projector=True))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("count", [1, 2, 16, 64, 128, 256])
def test_any_number_of_cores_fits(size: tuple[int, int], count: int) -> None:
    snapshot = samples.cores(count)
    rows = render(snapshot, *size)
    assert any(f"cores busy 1.00 of {count}" in row for row in rows)
    panel = panel_of(CoresPanel)
    region = arrange(DashboardState(), snapshot, *size)[panel]
    inner = frame_of(snapshot, *size).inner_size(*region.size)
    assert len(panel.body(frame_of(snapshot, *size), *inner)) <= inner[1], "no core is left out"


def test_everything_is_on_screen_at_160x45() -> None:
    screen = "\n".join(render(samples.EVERYTHING, 160, 45))
    for panel in ("Timeline", "Cores", "Workers", "Counters", "Scoreboard", "Log", "Code"):
        assert panel in screen
    for words in (
        "CPython 3.13.0 · GIL on · switch 5 ms · fork · 2 cores",
        "this app   4 %",
        "186 hand-offs/s",
        "cores busy 1.00 of 2",
        "lanes: 0.99, without starting and waking up",
        "held, renewed every second",
        "█ running   · waiting for the GIL   ▒ waiting for a core   ╳ waiting for a lock   ~ I/O, sleep",
        "216,338",
        "processes · 2.0 times as long · ideal 2.0 ┃ · cpu-bound",
        "1.24 s",
        "thread id is",
        "Only one thread runs at any time",
    ):
        assert words in screen, words
    for column in ("PID", "TID", "core", "CPU%", "run%", "GIL%", "core%", "I/O%", "lock%", "it/s", "count"):
        assert column in screen
    assert screen.count("Thread-4") >= 3


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
def test_the_important_parts_at_small_sizes(size: tuple[int, int]) -> None:
    screen = "\n".join(render(samples.THREADS, *size))
    for words in ("GIL on", "Timeline · 100 ms · held", "186 hand-offs/s", "cores busy 1.00 of 2", "61 %", "39 %"):
        assert words in screen, words
    for words in ("█ running", "· GIL", "▒ a core", "Workers Counters Scoreboard Log Code", "run%", "GIL%"):
        assert words in screen, words
    for words in ("t thread", "p process", "m measure", "? help", "q quit"):
        assert words in screen, words
    assert screen.count("Thread-4") == 2


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        (CountersPanel, "216,338"),
        (ScoreboardPanel, "threads · 4.0 times as long · ideal 2.0 ┃"),
        (LogPanel, "thread id is Thread-4"),
        (CodePanel, "Only one thread runs at any time"),
    ],
)
def test_the_secondary_panels_take_turns_at_80x24(panel: type[TabPanel], words: str) -> None:
    screen = "\n".join(render(samples.EVERYTHING, 80, 24, DashboardState(focused=panel)))
    assert words in screen


def test_an_empty_dashboard_says_which_keys_to_press() -> None:
    for size in ((80, 24), (160, 45)):
        rows = render(samples.EMPTY, *size, DashboardState(has_run=True))
        assert any("Press t to start a thread, p to start a process, m to measure" in row for row in rows)
    small = "\n".join(render(samples.EMPTY, 60, 20, DashboardState(has_run=True)))
    for words in ("Press t to start a thread,", "p to start a process,", "m to measure"):
        assert words in small


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_panel_with_nothing_to_say_takes_room_only_when_it_is_asked_for(size: tuple[int, int]) -> None:
    asked: dict[type[TabPanel], str] = {
        WorkersPanel: "No workers.",
        CountersPanel: "Nothing shared yet.",
        ScoreboardPanel: "Nothing measured yet.",
        LogPanel: "Nothing printed yet.",
    }
    idle = "\n".join(
        render(samples.EMPTY, *size, brought_forward(DashboardState(), samples.EMPTY, samples.EMPTY, True))
    )
    assert "Only one thread runs at any time" in idle
    for panel, words in asked.items():
        assert words not in idle
        assert words in "\n".join(render(samples.EMPTY, *size, DashboardState().focusing(panel)))


def test_the_figures_stand_beside_the_headline_where_there_is_room() -> None:
    for size, shown in (((100, 30), True), ((99, 30), False), ((100, 29), False)):
        assert ("hand-offs per second" in "\n".join(render(samples.THREADS, *size))) is shown


def test_more_lanes_than_rows_says_how_many_more() -> None:
    screen = "\n".join(render(samples.MANY, 80, 24))
    assert "more" in screen.splitlines()[3]
    assert "▸Thread-64" in screen


def test_the_selected_lane_stays_in_sight() -> None:
    rows = render(samples.MANY, 80, 24, DashboardState(selection=Selection(3)))
    assert any(row.startswith(" ▸Thread-3 ") for row in rows[4:11])


@pytest.mark.parametrize("size", [(59, 20), (60, 19), (20, 5), (80, 10), (1, 1)])
def test_a_terminal_that_is_too_small_gets_a_message(size: tuple[int, int]) -> None:
    assert layout.is_too_small(*size)
    said = " ".join(text_of(line).strip() for line in message(*size) if line)
    assert "terminal too small" in said
    assert "needs 60x20" in said
    assert f"has {size[0]}x{size[1]}" in said


def test_the_projector_mode_shows_large_figures_at_80x24() -> None:
    rows = render(samples.THREADS, 80, 24, DashboardState(projector=True))
    screen = "\n".join(rows)
    assert "cores busy of 2" in screen
    assert "Timeline" in screen
    assert "Workers" not in screen
    assert sum("██████" in row for row in rows[-8:]) >= 3


def test_a_dead_lab_is_reported_and_its_lanes_stay() -> None:
    rows = render(samples.DEAD, 80, 24)
    assert "lab dead" in rows[0]
    assert "killed by signal 9" in rows[1]
    assert any("Thread-1" in row for row in rows)


def test_a_starting_lab_is_reported() -> None:
    assert "lab starting" in render(samples.STARTING, 80, 24)[0]


def test_frozen_says_so_twice() -> None:
    state = DashboardState()
    window = state.window.advanced(samples.THREADS, 60).scrolled(-2, samples.THREADS)
    rows = render(samples.THREADS, 80, 24, replace(state, window=window))
    assert "FROZEN" in rows[1]
    assert "frozen, " in rows[3]
    assert " ago" in rows[3]
