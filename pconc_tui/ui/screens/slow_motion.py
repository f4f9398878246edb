"""The part of the dashboard that plays the timeline in slow motion: its keys, and the frames."""

from __future__ import annotations

import time
from dataclasses import replace

from textual import events
from textual.timer import Timer

from pconc_tui.snapshot import Snapshot
from pconc_tui.tours.walk import Walk
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.slow_motion import DEFAULT, SlowMotion
from pconc_tui.ui.screens.line_screen import LineScreen

FRAME_S = 1 / 16
"""Between frames: a little less than for 15 a second, since on a busy machine some are left out."""
SHORTEST_WAIT_S = 0.005
"""Before the next frame, so that keys are handled in between."""
NOTHING_TO_PLAY = "Nothing has run that slow motion could play."
HOW_TO_RUN = " Press t to start a thread, or m to measure."


class SlowMotionScreen(LineScreen[None]):
    """A screen with a state, of which slow motion is a part."""

    _due_s = 0.0
    """When the next frame is due."""
    _timer: Timer | None = None
    _awaited = 0
    """How many times slower a tour's step wants to play what has not been in a snapshot yet; 0: none does."""
    state: DashboardState
    latest: Snapshot

    def change(self, state: DashboardState) -> None:
        """Draw with another state from now on."""
        raise NotImplementedError

    def draw_slow_motion(self) -> None:
        """Draw the panel of slow motion alone."""
        raise NotImplementedError

    def now_s(self) -> float:
        """The clock, in seconds; a test may have another."""
        return time.monotonic()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self._play()

    def _play(self) -> None:
        """Have frames from now on, if there is anything that moves."""
        self._due_s = time.monotonic()
        self._plan_frame()

    def _plan_frame(self) -> None:
        """The next frame when it is due: after a late one sooner, since an interval of Textual's would leave it out.

        It is an interval, for one frame: `set_timer` goes by way of the screen's messages, which costs more.
        """
        self._end_timer()
        now_s = time.monotonic()
        self._due_s = max(self._due_s + FRAME_S, now_s - FRAME_S)
        self._timer = self.set_interval(max(SHORTEST_WAIT_S, self._due_s - now_s), self._next_frame)

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    def _next_frame(self) -> None:
        self._end_timer()
        slow = self.state.slow
        if slow is None or slow.paused or slow.is_over:
            return
        self._plan_frame()
        self.state = replace(self.state, slow=slow.advanced(self.now_s(), self.latest))
        self.draw_slow_motion()

    def play_slowly(self, slowness: int = DEFAULT) -> bool:
        """Start at what the timeline shows; False: it shows nothing."""
        slow = SlowMotion.start(self.latest, self.state.window, self.now_s(), slowness)
        if slow is not None:
            self._show(slow)
        return slow is not None

    def follow_tour(self, before: Walk | None) -> None:
        """Play what the tour's step plays, once it has run; leave with the step."""
        walk = self.state.walk
        present, last = (each and (each.index, each.attempt, each.slowness) for each in (walk, before))
        if present == last:
            return
        self._awaited = walk.slowness if walk is not None else 0
        if before is not None and before.slowness:
            self._show(None)

    def play_awaited(self) -> None:
        """Play what a tour's step plays, with the first snapshot that has it."""
        if self._awaited and self.play_slowly(self._awaited):
            self._awaited = 0

    def _show(self, slow: SlowMotion | None) -> None:
        self.change(replace(self.state, slow=slow))
        if slow is not None and not slow.paused:
            self._play()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key that has a meaning in slow motion has it now."""
        if not action.startswith("slow_"):
            return super().check_action(action, parameters)
        slow, walk = self.state.slow, self.state.walk
        if slow is None or self.state.blank:
            return False
        # During a tour, a clicker's keys go on to the next step and back.
        return walk is None or action not in ("slow_scroll", "slow_pause") or (action == "slow_pause" and slow.paused)

    def action_slow(self) -> None:
        if not self.play_slowly():
            self.app.notify(NOTHING_TO_PLAY + HOW_TO_RUN * bool(self.app.check_action("launch", ())))

    def action_slow_leave(self) -> None:
        self._show(None)

    def action_slow_pause(self) -> None:
        if self.state.slow:
            self._show(self.state.slow.toggled(self.now_s()))

    def action_slow_step(self, by: int) -> None:
        if self.state.slow:
            self._show(self.state.slow.stepped(by, self.now_s()))

    def action_slow_speed(self, by: int) -> None:
        if self.state.slow:
            self._show(self.state.slow.faster(by))

    def action_slow_zoom(self, by: int) -> None:
        if self.state.slow:
            self._show(self.state.slow.zoomed(by, self.now_s()))

    def action_slow_scroll(self, share: float) -> None:
        if slow := self.state.slow:
            self._show(slow.at(slow.position_ns + round(share * slow.span_ns), self.now_s()))

    def action_slow_end(self, by: int) -> None:
        if slow := self.state.slow:
            self._show(slow.at(slow.began_ns if by < 0 else slow.ended_ns, self.now_s()))
