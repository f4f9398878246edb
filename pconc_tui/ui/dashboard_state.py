"""What keys and mouse change on the dashboard. Immutable; each change gives a new state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pconc_tui.snapshot import Snapshot
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.lanes import LaneCache
from pconc_tui.ui.drawing.slow_motion import SlowMotion
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels.all_panels import TABS, tabs_of
from pconc_tui.ui.panels.panel import Frame, TabPanel
from pconc_tui.ui.replay_view import ReplayView
from pconc_tui.ui.selection import Selection


@dataclass(frozen=True)
class DashboardState:
    """Settings of the next launch, the timeline's window, the selected worker, the focused panel and its scroll."""

    settings: LaunchSettings = field(default_factory=LaunchSettings)
    window: TimelineWindow = field(default_factory=TimelineWindow)
    selection: Selection = field(default_factory=Selection)
    focused: type[TabPanel] = TABS[0]
    """The secondary panel that the arrow keys apply to. It is the one shown where they share an area."""
    chosen: bool = False
    """Whether a person has put it in front, or scrolled it, since a measurement was last requested."""
    scroll: int = 0
    """Rows by which the focused panel is scrolled."""
    first_row: int = 0
    """Index of the first worker in sight in the table."""
    projector: bool = False
    has_run: bool = False
    """Whether anything has run since the start, so that the first screen is no longer shown."""
    walk: Walk | None = None
    """The tour that is taken; None: none is."""
    blank: bool = False
    """Whether the presenter of a tour has blanked the screen."""
    replay: ReplayView | None = None
    """Where in a recording the screen is; None: it is live."""
    slow: SlowMotion | None = None
    """What plays in slow motion; None: nothing does."""

    @property
    def bar_rows(self) -> int:
        """Rows at the bottom that say where in a recording the screen is."""
        return 1 if self.replay else 0

    @property
    def tour_area(self) -> layout.Tour:
        """What the tour takes of the screen."""
        if self.walk is None:
            return layout.Tour.NONE
        if self.blank:
            return layout.Tour.BLANK
        return layout.Tour.QUESTION if self.walk.phase is Phase.ASKED else layout.Tour.STEP

    def frame(self, latest: Snapshot, timeline: Snapshot, figures: Snapshot, lanes: LaneCache, wide: bool) -> Frame:
        """Everything that the panels are drawn from; the snapshots as described there."""
        shown = {name: value for name, value in vars(self).items() if name != "chosen"}
        return Frame(latest, timeline, figures, lanes, tabs=tabs_of(latest), wide=wide, **shown)

    def focusing(self, panel: type[TabPanel]) -> DashboardState:
        """This panel focused by a person, not scrolled."""
        return replace(self.bringing(panel), chosen=True)

    def bringing(self, panel: type[TabPanel]) -> DashboardState:
        """This panel focused, not scrolled."""
        return self if panel is self.focused else replace(self, focused=panel, scroll=0)

    def next_panel(self, by: int, tabs: Sequence[type[TabPanel]] = TABS) -> DashboardState:
        """The next of these panels focused; the first if the present one is not among them."""
        if self.focused not in tabs:
            return self.focusing(tabs[0])
        return self.focusing(tabs[(tabs.index(self.focused) + by) % len(tabs)])
