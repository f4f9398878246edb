"""The list of the dashboard's panels, and which of them are in sight."""

from __future__ import annotations

from collections.abc import Mapping

from textual.geometry import Region

from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.cores import CoresPanel
from pconc_tui.ui.panels.counters import CountersPanel
from pconc_tui.ui.panels.footer import FooterPanel
from pconc_tui.ui.panels.headline import HeadlinePanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import Panel, TabPanel
from pconc_tui.ui.panels.projector import ProjectorPanel
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from pconc_tui.ui.panels.status import StatusPanel
from pconc_tui.ui.panels.timeline import TimelinePanel
from pconc_tui.ui.panels.too_small import TooSmallPanel
from pconc_tui.ui.panels.tour import TourPanel
from pconc_tui.ui.panels.workers import WorkersPanel

PANELS: tuple[Panel, ...] = (
    TooSmallPanel(),
    StatusPanel(),
    HeadlinePanel(),
    TimelinePanel(),
    CoresPanel(),
    WorkersPanel(),
    CountersPanel(),
    ScoreboardPanel(),
    LogPanel(),
    CodePanel(),
    ProjectorPanel(),
    TourPanel(),
    FooterPanel(),
)
TABS = tuple(type(panel) for panel in PANELS if isinstance(panel, TabPanel))


def panel_of(kind: type[TabPanel]) -> TabPanel:
    """The panel of this class."""
    return next(panel for panel in PANELS if isinstance(panel, kind))


def candidates(areas: Mapping[Area, Region]) -> dict[Area, list[Panel]]:
    """The panels that can be shown in each area. Those that share one take turns."""
    found: dict[Area, list[Panel]] = {}
    for panel in PANELS:
        area = Area.TABS if Area.TABS in areas and isinstance(panel, TabPanel) else panel.area
        if area in areas:
            found.setdefault(area, []).append(panel)
    return found


def in_sight(areas: Mapping[Area, Region], focused: type[TabPanel]) -> dict[Panel, Region]:
    """The panels that are shown, with their regions: of those that share an area the focused one, else the first."""
    found = candidates(areas)
    return {
        next((panel for panel in panels if type(panel) is focused), panels[0]): areas[area]
        for area, panels in found.items()
    }
