"""The dashboard: puts the panels in their places, draws the newest snapshot, and handles what mouse events mean."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui import acting_keys
from pconc_tui.ui.arrangement import arrange, brought_forward, reachable
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.lanes import LaneCache
from pconc_tui.ui.key_bindings import bindings
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.native_threads import folded
from pconc_tui.ui.panels import all_panels, timeline, workers
from pconc_tui.ui.panels.panel import (
    Frame,
    Panel,
    PanelChosen,
    PanelScrolled,
    TimelineScrolled,
    WorkerClicked,
)
from pconc_tui.ui.panels.panel_view import PanelView
from pconc_tui.ui.panels.slow_motion import SlowMotionPanel
from pconc_tui.ui.panels.timeline import TimelinePanel
from pconc_tui.ui.panels.workers import WorkersPanel
from pconc_tui.ui.replay_view import ReplayView
from pconc_tui.ui.screens.slow_motion import SlowMotionScreen
from pconc_tui.ui.selection import Selection

FIGURES_NS = 400_000_000
"""How often there are new figures, by the clock of the snapshots: ten changes a second can't be read."""
NO_SNAPSHOT = Snapshot(now_ns=0, core_count=0)


class Dashboard(SlowMotionScreen):
    """Shows snapshots. Keys that change how they are shown are handled here, all others by the app."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, settings: LaunchSettings | None = None) -> None:
        super().__init__()
        self._at_start = settings or LaunchSettings()
        self.state = brought_forward(DashboardState(self._at_start), NO_SNAPSHOT, NO_SNAPSHOT, True)
        self.latest = NO_SNAPSHOT
        self._timeline = NO_SNAPSHOT
        self._figures = NO_SNAPSHOT
        self._lanes = LaneCache()
        self._views = {panel: PanelView(panel) for panel in all_panels.PANELS}
        self._in_sight: dict[Panel, Region] = {}
        self._folds_native = True

    def compose(self) -> ComposeResult:
        yield from self._views.values()

    def on_resize(self) -> None:
        self.draw()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self.draw()

    def show(self, snapshot: Snapshot) -> None:
        """Draw a new snapshot."""
        self.take(snapshot)
        if self.is_current:
            self.draw()

    def take(self, snapshot: Snapshot, settings: LaunchSettings | None = None) -> None:
        """Draw this snapshot the next time. In a recording, time may go back.

        `settings`: what was chosen then; None: it has not changed.
        """
        snapshot = folded(snapshot) if self._folds_native else snapshot
        if settings is not None:
            self.state = replace(self.state, settings=settings)
        if snapshot.now_ns < self.latest.now_ns:
            self._lanes = LaneCache()
            self.state = replace(self.state, window=replace(self.state.window, fit=None))
        urgent = _must_be_seen_at_once(self.latest, snapshot)
        state = replace(self.state, window=self.state.window.following(self.latest, snapshot))
        self.state = brought_forward(state, self.latest, snapshot, not self._wide)
        self.latest = snapshot
        self.state = replace(self.state, has_run=snapshot.has_run)
        if not self.state.window.frozen:
            self._timeline = snapshot
            if urgent or snapshot.now_ns // FIGURES_NS != self._figures.now_ns // FIGURES_NS:
                self._figures = snapshot
                self._lanes.keep({worker.id for worker in (*snapshot.workers, *snapshot.helpers)})
        self._advance_window()
        self.play_awaited()

    def show_recorded(self, view: ReplayView, snapshot: Snapshot | None) -> None:
        """Draw the lanes of this snapshot, which is between frames of a recording; None: those of the last frame."""
        window = replace(self.state.window, exact=snapshot is not None)
        self.state = replace(self.state, window=window, replay=view)
        self._timeline = snapshot or self.latest
        if self.is_current:
            self.draw()

    def start_anew(self, first: Snapshot = NO_SNAPSHOT) -> None:
        """Forget the snapshots and lanes: those that follow come from elsewhere. `first`: is shown until then."""
        self.latest = self._timeline = self._figures = first
        self._lanes = LaneCache()

    def change(self, state: DashboardState) -> None:
        """Draw with another state from now on."""
        before, self.state = self.state, state
        if before.window.frozen and not state.window.frozen:
            self._timeline = self._figures = self.latest
        self.set_class(state.projector, "projector")
        self.draw()
        self.follow_tour(before.walk)

    def await_result(self) -> None:
        """Show the screen live, and let the result that has been requested come to the front."""
        self.unfreeze()
        self.change(replace(self.state, chosen=False))

    def reset(self) -> None:
        """Go back to the settings, the window and the panels of the start."""
        self._lanes = LaneCache()
        interpreters = self.state.settings.interpreters
        state = DashboardState(replace(self._at_start, interpreters=interpreters))
        self.change(brought_forward(state, NO_SNAPSHOT, NO_SNAPSHOT, True))

    def draw(self) -> None:
        """Update the panels in sight."""
        if not self.size.width:
            return
        moved = self._arrange()
        self.state = replace(self.state, scroll=self._within_limits(self.state.scroll))
        self._advance_window()
        frame = self._frame()
        views = [(self._views[panel], region) for panel, region in self._in_sight.items()]
        inert = acting_keys.inert(frame)
        changed = [view for view, region in views if view.update(frame, region, inert)]
        if not moved:
            self.paint(changed)
        else:  # They can be painted once Textual has put them in their places.
            for view in changed:
                view.refresh()

    def _advance_window(self) -> None:
        """Move the timeline's window to where it is for the present snapshot."""
        panel = all_panels.panel_of(TimelinePanel)
        region = self._in_sight.get(panel)
        if region and self.latest is not NO_SNAPSHOT:
            width = self._frame().inner_size(*region.size)[0]
            window = timeline.advanced(self.state.window, self._timeline, self.state.settings.kind, width)
            if window is not self.state.window:
                self.state = replace(self.state, window=window)

    @property
    def _wide(self) -> bool:
        return layout.is_wide(self.size.width, self.size.height - self.state.bar_rows)

    def draw_slow_motion(self) -> None:
        panel = all_panels.panel_of(SlowMotionPanel)
        if region := self._in_sight.get(panel):
            view, frame = self._views[panel], self._frame()
            self.paint([view] if view.update(frame, region, acting_keys.inert(frame)) else [])

    def _frame(self) -> Frame:
        return self.state.frame(self.latest, self._timeline, self._figures, self._lanes, self._wide)

    def _arrange(self) -> bool:
        """Put the panels where they belong now, and hide the others; True: that has changed."""
        before, self._in_sight = self._in_sight, arrange(self.state, self._timeline, *self.size)
        for panel, view in self._views.items():
            region = self._in_sight.get(panel)
            if not before or region != before.get(panel):
                view.place(region)
        return before != self._in_sight

    @property
    def topic(self) -> str:
        """What the help opens at: what is in front."""
        if self.state.slow is not None:
            return SlowMotionPanel.name
        if self.state.walk is not None:
            return "Tour"
        return "Headline" if self.state.projector else self.state.focused.name

    def results(self, snapshot: Snapshot) -> Snapshot:
        """As in `ShowsResults`."""
        return replace(snapshot, comparison=None)

    # Keys

    def action_freeze(self) -> None:
        self.change(replace(self.state, window=self.state.window.toggled(self.latest)))

    def unfreeze(self) -> None:
        """Go back to live, so that what is started is seen."""
        if self.state.window.still:
            self.action_freeze()

    def action_zoom(self, by: int) -> None:
        self.change(replace(self.state, window=self.state.window.zoomed(by, self._timeline)))

    def action_scroll(self, share: float) -> None:
        window = self.state.window
        if share > 0 and not window.still:
            return
        if share > 0 and window.end_ns >= self._timeline.now_ns - window.span_ns:
            self._timeline = self.latest
        self.change(replace(self.state, window=window.scrolled(share, self._timeline)))

    def action_move(self, by: int) -> None:
        state, rows = self.state, self._figures.workers
        if state.focused is WorkersPanel or state.projector:
            self._select(state.selection.at(rows, state.selection.place(rows) + by).worker_id)
        else:
            self.change(replace(state, scroll=state.scroll + by, chosen=True))

    def _within_limits(self, scroll: int) -> int:
        """The nearest scroll that the focused panel's content, which may have become shorter, allows."""
        panel = all_panels.panel_of(self.state.focused)
        region = self._in_sight.get(panel)
        if region is None or not scroll:
            return 0
        frame = self._frame()
        least, greatest = panel.scroll_limits(frame, *frame.inner_size(*region.size))
        return max(least, min(scroll, greatest))

    def action_page(self, by: int) -> None:
        region = self._in_sight.get(all_panels.panel_of(self.state.focused))
        self.action_move(by * max(1, (region.height if region else 8) - 3))

    def action_end(self, by: int) -> None:
        self.action_move(by * 100_000)

    def action_next_panel(self, by: int) -> None:
        tabs = reachable(self.state, self._timeline, *self.size)
        self.change(self.state.next_panel(by, tabs or all_panels.TABS))

    def action_projector(self) -> None:
        self.change(replace(self.state, projector=not self.state.projector))

    def toggle_native(self) -> None:
        """Show the native threads of a watched program one by one from the next snapshot on, or in one line again."""
        self._folds_native = not self._folds_native

    # Mouse

    @on(WorkerClicked)
    def _worker_clicked(self, message: WorkerClicked) -> None:
        self._select(message.worker_id)

    @on(PanelChosen)
    def _panel_chosen(self, message: PanelChosen) -> None:
        self.change(self.state.focusing(message.panel))

    @on(PanelScrolled)
    def _panel_scrolled(self, message: PanelScrolled) -> None:
        if message.panel is not self.state.focused:
            self.change(self.state.focusing(message.panel))
        self.action_move(message.by)

    @on(TimelineScrolled)
    def _timeline_scrolled(self, message: TimelineScrolled) -> None:
        if self.state.replay is None:
            message.stop()
            self.action_scroll(message.share)

    def _select(self, worker_id: int | None) -> None:
        """Select a worker, and scroll the table so that its row is in sight."""
        state = replace(self.state, selection=Selection(worker_id))
        region = self._in_sight.get(all_panels.panel_of(WorkersPanel))
        if region is not None:
            rows = self._figures.workers
            height = self._frame().inner_size(*region.size)[1]
            first = workers.first_row(len(rows), state.selection.place(rows), height - 1, state.first_row)
            state = replace(state, first_row=first)
        self.change(state)


def _must_be_seen_at_once(old: Snapshot, new: Snapshot) -> bool:
    """Whether workers, labs or measurements have changed, so that new figures are due."""
    return (
        len(old.workers) != len(new.workers)
        or old.labs != new.labs
        or len(old.measurements) != len(new.measurements)
        or any(a.ending != b.ending or a.id != b.id for a, b in zip(old.workers, new.workers, strict=False))
    )
