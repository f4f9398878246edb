"""The dashboard's panels: which are in sight, what they depend on, and what clicks and the wheel on them mean."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.message import Message

from pconc_tui.snapshot import Snapshot, WorkerProcess
from pconc_tui.ui.arrangement import arrange
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import Line, text
from pconc_tui.ui.panels import all_panels
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.cores import CoresPanel
from pconc_tui.ui.panels.counters import CountersPanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import (
    Frame,
    Panel,
    PanelChosen,
    PanelScrolled,
    TabPanel,
    TimelineScrolled,
    WorkerClicked,
)
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from pconc_tui.ui.panels.timeline import TimelinePanel
from pconc_tui.ui.panels.workers import WorkersPanel
from tests.ui import samples
from tests.ui.screens import frame_of, render

SIZE = (160, 45)


TABS = all_panels.tabs_of(samples.EVERYTHING)


def in_sight(width: int, height: int, focused: type[TabPanel] = WorkersPanel) -> set[type[Panel]]:
    state = DashboardState().focusing(focused)
    return {type(panel) for panel in arrange(state, samples.EVERYTHING, width, height)}


def click(
    panel: Panel, x: int, y: int, size: tuple[int, int] = SIZE, snapshot: Snapshot = samples.THREADS
) -> list[Message]:
    region = arrange(DashboardState(), snapshot, *size)[all_panels.panel_of(type(panel))]
    return [*panel.clicked(frame_of(snapshot, *size), *region.size, x, y)]


def test_secondary_panels_share_one_area_on_a_small_screen() -> None:
    assert in_sight(80, 24) & {*TABS} == {WorkersPanel}
    assert in_sight(80, 24, LogPanel) & {*TABS} == {LogPanel}


def test_log_and_code_take_turns_where_there_is_no_room_for_both() -> None:
    assert in_sight(140, 44) >= {*TABS}
    assert in_sight(139, 44) & {*TABS} == {*TABS} - {CodePanel}
    assert in_sight(139, 44, CodePanel) & {*TABS} == {*TABS} - {LogPanel}


def test_adding_a_panel_takes_a_class_and_a_line_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    class NotesPanel(TabPanel):
        name = "Notes"
        area = Area.BOTTOM_RIGHT

        def depends_on(self, frame: Frame) -> object:
            return ()

        def body(self, frame: Frame, width: int, height: int) -> list[Line]:
            return [text("a note")]

    monkeypatch.setattr(all_panels, "PANELS", (*all_panels.PANELS, NotesPanel()))
    for size in (SIZE, (80, 24)):
        assert "a note" not in "\n".join(render(samples.THREADS, *size))
        assert "a note" in "\n".join(render(samples.THREADS, *size, DashboardState().focusing(NotesPanel)))


def test_a_click_on_a_row_selects_its_worker_and_focuses_the_table() -> None:
    assert click(WorkersPanel(), 10, 3) == [PanelChosen(WorkersPanel), WorkerClicked(2)]
    assert click(WorkersPanel(), 10, 1) == [PanelChosen(WorkersPanel)]
    assert click(WorkersPanel(), 10, 9) == [PanelChosen(WorkersPanel)]


def test_a_click_on_a_row_of_helpers_selects_the_worker_above() -> None:
    process = WorkerProcess(1, (samples.THREADS.workers[0].id,), helpers=0.5, children=0.5)
    with_helpers = replace(samples.THREADS, processes=(process,))
    for y, worker_id in ((2, 1), (3, 1), (4, 1), (5, 2)):
        found = click(WorkersPanel(), 10, y, snapshot=with_helpers)
        assert found == [PanelChosen(WorkersPanel), WorkerClicked(worker_id)]


def test_a_click_on_a_lane_selects_its_worker() -> None:
    assert click(TimelinePanel(), 30, 1) == [WorkerClicked(1)]
    assert click(TimelinePanel(), 30, 0) == []
    legend = arrange(DashboardState(), samples.THREADS, *SIZE)[all_panels.panel_of(TimelinePanel)].height - 2
    assert click(TimelinePanel(), 30, legend) == []


def test_a_click_on_a_tab_chooses_its_panel() -> None:
    title = next(row for row in render(samples.THREADS, 80, 24) if "Workers Counters Scoreboard" in row)
    assert click(WorkersPanel(), title.index("Counters"), 0, (80, 24)) == [PanelChosen(CountersPanel)]
    assert click(WorkersPanel(), title.index("Tab"), 0, (80, 24)) == [PanelChosen(WorkersPanel)]


def test_the_wheel_scrolls_the_panel_under_the_mouse() -> None:
    assert [*TimelinePanel().scrolled(-1)] == [TimelineScrolled(-0.1)]
    assert [*WorkersPanel().scrolled(1)] == [PanelScrolled(WorkersPanel, 1)]
    assert [*LogPanel().scrolled(1)] == [PanelScrolled(LogPanel, 3)]
    assert [*CoresPanel().scrolled(1)] == []


@pytest.mark.parametrize("panel", all_panels.PANELS, ids=lambda panel: type(panel).__name__)
def test_a_panel_that_depends_on_nothing_new_has_the_same_lines(panel: Panel) -> None:
    before = frame_of(samples.EVERYTHING, *SIZE)
    later = replace(samples.EVERYTHING, now_ns=samples.NOW + 10**8, app_cpu=0.5)
    after = replace(before, latest=later, timeline=later)
    if panel.depends_on(before) is not None and panel.depends_on(before) == panel.depends_on(after):
        assert panel.lines(before, 60, 12) == panel.lines(after, 60, 12)


def test_the_scoreboard_is_drawn_again_when_a_measurement_has_ended() -> None:
    before = frame_of(samples.THREADS, *SIZE)
    after = replace(before, latest=samples.EVERYTHING)
    assert ScoreboardPanel().depends_on(before) != ScoreboardPanel().depends_on(after)
    assert CountersPanel().depends_on(before) == CountersPanel().depends_on(after)
