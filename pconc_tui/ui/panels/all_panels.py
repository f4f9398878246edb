"""The list of the dashboard's panels."""

from __future__ import annotations

from typing import TypeVar

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.cores import CoresPanel
from pconc_tui.ui.panels.counters import CountersPanel
from pconc_tui.ui.panels.footer import FooterPanel
from pconc_tui.ui.panels.headline import HeadlinePanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import Panel, TabPanel
from pconc_tui.ui.panels.projector import ProjectorPanel
from pconc_tui.ui.panels.replay_bar import ReplayBarPanel
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from pconc_tui.ui.panels.slow_motion import SlowMotionPanel
from pconc_tui.ui.panels.status import StatusPanel
from pconc_tui.ui.panels.thread import ThreadPanel
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
    ThreadPanel(),
    CountersPanel(),
    ScoreboardPanel(),
    LogPanel(),
    CodePanel(),
    ProjectorPanel(),
    TourPanel(),
    SlowMotionPanel(),
    ReplayBarPanel(),
    FooterPanel(),
)
TABS = tuple(type(panel) for panel in PANELS if isinstance(panel, TabPanel))


def tabs_of(snapshot: Snapshot) -> tuple[type[TabPanel], ...]:
    """The secondary panels that are for what is shown."""
    return tuple(type(panel) for panel in PANELS if isinstance(panel, TabPanel) and panel.belongs(snapshot))


P = TypeVar("P", bound=Panel)


def panel_of(kind: type[P]) -> P:
    """The panel of this class."""
    return next(panel for panel in PANELS if isinstance(panel, kind))
