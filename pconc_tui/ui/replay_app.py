"""The app's part that shows a recording in place of what is live: its keys, and what it draws."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.timer import Timer

from pconc_tui.recording.replay import REFUSAL
from pconc_tui.snapshot import Snapshot
from pconc_tui.tours.walk import Walk
from pconc_tui.ui.base_app import BaseApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.key_bindings import RUNNING
from pconc_tui.ui.panels.panel import TimelineScrolled
from pconc_tui.ui.panels.replay_bar import RecordingSought
from pconc_tui.ui.recorded_settings import recorded_settings
from pconc_tui.ui.replay_view import ReplayView
from pconc_tui.ui.screens.dashboard import NO_SNAPSHOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from pconc_tui.recording.player import Player
    from pconc_tui.recording.replay import Replay

SMOOTH_S = 1 / 15
"""How often a recording is drawn that plays slower than it was recorded."""


class ReplayApp(BaseApp):
    """Shows recordings."""

    _replay: Replay | None = None
    """The recording that is shown; None: what is live is shown."""
    _live = NO_SNAPSHOT
    """What is live meanwhile."""
    _smooth: Timer | None = None
    _replayed_step: Walk | None = None
    """The tour whose present step the recording shows."""
    _before: DashboardState | None = None
    """The dashboard as it was before."""

    @property
    def at_stake(self) -> Snapshot:
        return self._live if self._replay else super().at_stake

    @property
    def is_recorded(self) -> bool:
        """Whether a recording is shown, and not what is live."""
        return self._replay is not None

    def show_recording(self, replay: Replay, walk: Walk | None = None) -> None:
        """Show this recording from now on; `walk`: the tour whose present step it shows."""
        self._replay, self._replayed_step = replay, walk
        self._before = self._dashboard.state
        self._smooth = self.set_interval(SMOOTH_S, self._show_smoothly)
        self._dashboard.start_anew()
        self.tick()

    def end_recording(self) -> None:
        """Show what is live again, if a recording is shown instead."""
        replay, self._replay, before = self._replay, None, self._before
        if replay is None or before is None or self._smooth is None:
            return
        self._smooth.stop()
        replay.close()
        state, self._before = self._dashboard.state, None
        self._dashboard.start_anew()
        window, settings = replace(before.window, frozen=False, fit=None), before.settings
        self._dashboard.change(replace(state, replay=None, window=window, settings=settings))
        self.tick()

    def show_frame(self, live: Snapshot) -> Snapshot:
        """Draw the recording, or what is live where none is shown; returns the snapshot that is drawn."""
        if self._replay is None:
            self._dashboard.show(live)
            return live
        self._live = live if self._controller is not self._replay else NO_SNAPSHOT
        if not self._replay.player.slow:
            self._draw_recording(self._replay)
        return self._dashboard.latest

    def _draw_recording(self, replay: Replay) -> None:
        dashboard = self._dashboard
        for frame in replay.frames():
            dashboard.take(frame, recorded_settings(dashboard.state.settings, replay.recording, frame))
        view = ReplayView(replay.player, replay.recording.marks, self._replayed_step)
        dashboard.show_recorded(view, replay.exact())

    def _show_smoothly(self) -> None:
        if self._replay and self._dashboard.is_attached and self._replay.player.slow:
            self._draw_recording(self._replay)

    def _move(self, change: Callable[[Player], Player]) -> None:
        if self._replay:
            self._replay.move(change)
            self._draw_recording(self._replay)

    def refusal(self, action: str) -> str | None:
        leaves_tour = action == "tour" and self._dashboard.state.walk is not None
        return REFUSAL if self._replay and action in RUNNING and not leaves_tour else super().refusal(action)

    # Keys and mouse

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key that has a meaning in a recording has it now, or can't have its own there."""
        if action == "replay_comparison":
            return self._replay is not None and self._dashboard.latest.comparison is not None
        if action.startswith("replay_"):
            return self._replay is not None
        return super().check_action(action, parameters)

    def action_replay_pause(self) -> None:
        self._move(lambda player: player.toggled())

    def action_replay_step(self, by: int) -> None:
        self._move(lambda player: player.stepped(by))

    def action_replay_speed(self, by: int) -> None:
        self._move(lambda player: player.faster(by))

    def action_replay_end(self, at_end: int) -> None:
        self._move(lambda player: player.sought(player.ended_ns if at_end else player.began_ns))

    def action_replay_handoff(self, by: int) -> None:
        if self._replay is None:
            return
        recording, here_ns = self._replay.recording, self._replay.player.position_ns
        time_ns = recording.next_handoff(here_ns) if by > 0 else recording.previous_handoff(here_ns)
        if time_ns is None:
            self.notify(f"There is no hand-off {'after' if by > 0 else 'before'} this moment.", severity="warning")
        else:
            self._move(lambda player: player.paused().sought(time_ns))

    def action_replay_time(self) -> None:
        from pconc_tui.ui.screens.time_prompt import TimePrompt

        def picked(time_ns: int | None) -> None:
            if time_ns is not None:
                self._move(lambda player: player.sought(player.began_ns + time_ns))

        self._show_over(TimePrompt(), picked)

    def action_replay_comparison(self) -> None:
        from pconc_tui.ui.screens.compare import RecordedCompareScreen

        self._show_over(RecordedCompareScreen())
        self.tick()

    @on(RecordingSought)
    def _bar_clicked(self, message: RecordingSought) -> None:
        self._move(lambda player: player.sought(message.position_ns))

    @on(TimelineScrolled)
    def _timeline_scrolled(self, message: TimelineScrolled) -> None:
        if self._replay:
            by_ns = int(message.share * self._dashboard.state.window.span_ns)
            self._move(lambda player: player.paused().sought(player.position_ns + by_ns))
