"""Which panels are in sight, and where: those that have something to say, and the one that was asked for.

A panel takes its room when a launch or a measurement that will fill it is requested, not when its first line arrives,
so that nothing moves while somebody reads. Pure.
"""

from __future__ import annotations

import math
from itertools import chain

from textual.geometry import Region

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.panels import all_panels
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import Panel, TabPanel
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from pconc_tui.ui.panels.workers import WorkersPanel


def arrange(state: DashboardState, snapshot: Snapshot, width: int, height: int) -> dict[Panel, Region]:
    """The panels that are in sight on a screen of this size, with their regions."""
    panels = [each for each in all_panels.PANELS if not isinstance(each, TabPanel) or each.belongs(snapshot)]
    useful = {each for each in panels if not isinstance(each, TabPanel) or each.has_content(snapshot)}
    # A panel that shares an area takes it over when it is asked for; it needs none of its own.
    asked = {state.focused.area} - {*layout.SHARED.values()} if state.chosen else set()
    # On the smallest screen the bar stands in the place of the footer.
    has_foot = not layout.is_too_small(width, height - state.bar_rows) or layout.is_too_small(width, height)
    areas = layout.areas(
        width,
        height - (state.bar_rows if has_foot else 0),
        len(snapshot.core_loads or ()) or math.ceil(snapshot.core_count),
        state.projector,
        state.tour_area,
        {panel.area for panel in useful} | asked,
        state.slow is not None,
    )
    if not has_foot:
        areas[Area.REPLAY] = areas.pop(Area.FOOT)
    elif state.bar_rows:
        areas = layout.with_bar(areas, width, height)
    found: dict[Area, list[Panel]] = {}
    for panel in panels:
        area = Area.TABS if Area.TABS in areas and isinstance(panel, TabPanel) else panel.area
        area = area if area in areas else layout.SHARED.get(area, area)
        if area in areas:
            found.setdefault(area, []).append(panel)
    in_sight = {}
    for area, sharing in found.items():
        focused = (panel for panel in sharing if type(panel) is state.focused and (state.chosen or area is Area.TABS))
        in_sight[next(chain(focused, (panel for panel in sharing if panel in useful), sharing))] = areas[area]
    return in_sight


def reachable(state: DashboardState, snapshot: Snapshot, width: int, height: int) -> list[type[TabPanel]]:
    """The panels that can be put in front."""

    def shown(tab: type[TabPanel]) -> bool:
        return all_panels.panel_of(tab) in arrange(state.focusing(tab), snapshot, width, height)

    return [*filter(shown, all_panels.tabs_of(snapshot))]


def brought_forward(state: DashboardState, old: Snapshot, new: Snapshot, shared: bool) -> DashboardState:
    """The state after a new snapshot: a launch brings the workers to the front, a result the scoreboard, and the
    failure of a program that was started here what it has printed.

    Not if a person has put another panel in front since the measurement was requested, or froze the screen.
    `shared`: whether the panels share one area, so that the scoreboard is not in sight anyway.
    """
    if state.chosen or state.window.frozen:
        return state
    if shared and new.program and new.program.failed and not (old.program and old.program.failed):
        return state.bringing(LogPanel)
    if shared and new.measurements and new.measurements[-1:] != old.measurements[-1:]:
        return state.bringing(ScoreboardPanel)
    if new.progress is None and _newest(new) > _newest(old):
        return state.bringing(WorkersPanel)
    focused = all_panels.panel_of(state.focused)
    if focused.belongs(new) and focused.has_content(new):
        return state
    return state.bringing(WorkersPanel if new.workers else CodePanel)


def _newest(snapshot: Snapshot) -> int:
    """The id of the worker that was launched last."""
    return max((worker.id for worker in snapshot.workers), default=-1)
