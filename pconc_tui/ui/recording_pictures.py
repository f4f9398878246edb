"""Pictures of a recording: the real dashboard shows it as it was, without a terminal and without a replay's bar.

The title of the picture says that it is recorded, the moment of a still one, and the speed of a slow or fast one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from pconc_tui.recording.reader import Recording
from pconc_tui.recording.replay import Replay
from pconc_tui.text.numbers import position
from pconc_tui.ui.animated_svg import MAX_S, fitted
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.recorded_settings import recorded_settings
from pconc_tui.ui.replay_view import ReplayView
from pconc_tui.ui.svg_cells import read

FPS = 8
"""Screenshots a second of a moving picture."""
SIZE = 120, 35


class View(NamedTuple):
    """How the dashboard is shown."""

    size: tuple[int, int] | None = None
    """Columns and rows; None: SIZE."""
    projector: bool = False


def picture(recording: Recording, at_ns: int, view: View) -> str:
    """The dashboard at this moment, as SVG."""
    title = f"{PconcApp.TITLE}, recorded at {position(at_ns - recording.began_ns, 3)}"
    return asyncio.run(_screenshots(recording, [at_ns], 1, view, title))[0]


def moving_picture(recording: Recording, start_ns: int, end_ns: int, speed: float, view: View) -> str:
    """The dashboard from one moment to another, as animated SVG. ValueError: that would take too long, or no time."""
    seconds = (end_ns - start_ns) / 1e9 / speed
    if seconds <= 0:
        raise ValueError("--from must be before --to")
    if seconds > MAX_S:
        raise ValueError(
            f"the moving picture would last {seconds:.1f} s; use --from, --to or --speed: {MAX_S} s is most"
        )
    count = max(2, round(seconds * FPS))
    moments = [start_ns + round(number / FPS * 1e9 * speed) for number in range(count)]
    title = f"{PconcApp.TITLE}, recorded{'' if speed == 1 else f', speed {_times(speed)}'}"
    screenshots = asyncio.run(_screenshots(recording, moments, speed, view, title))
    return fitted([read(each) for each in screenshots], FPS, still=count - 1)


def _times(speed: float) -> str:
    """`2`, `1/100`, as in a replay; other speeds as they are."""
    slowed = round(1 / speed)
    return f"1/{slowed}" if slowed > 1 and abs(slowed * speed - 1) < 1e-9 else f"{speed:g}"


async def _screenshots(recording: Recording, moments: Sequence[int], speed: float, view: View, title: str) -> list[str]:
    """A screenshot at each of these moments, in order."""
    replay = Replay(recording, lambda: 0)
    replay.move(lambda player: replace(player, speed=Fraction(speed)))
    app = _App(lambda: replay)
    made: list[str] = []
    async with app.run_test(size=view.size or SIZE) as pilot:
        while app.searching:
            await pilot.pause(0.01)
        if view.projector:
            await pilot.press("b")
        for time_ns in moments:
            app.show_moment(replay, time_ns)
            await pilot.pause()
            made.append(app.export_screenshot(title=title))
    return made


class _App(PconcApp):
    """Shows the moments that are requested, not those of the clock."""

    def tick(self) -> None:
        pass

    def show_moment(self, replay: Replay, time_ns: int) -> None:
        """Show the recording at this time, without the bar of a replay."""
        replay.move(lambda player: replace(player, position_ns=time_ns, playing=True))
        dashboard = self._dashboard
        for frame in replay.frames():
            dashboard.take(frame, recorded_settings(dashboard.state.settings, replay.recording, frame))
        dashboard.show_recorded(ReplayView(replay.player), replay.exact())
        dashboard.change(replace(dashboard.state, replay=None))
