"""Pictures of a recording: its frames are shown by the real dashboard, without a terminal."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from textual.pilot import Pilot

from pconc_tui.requests import Plan, Request, RequestError
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.animated_svg import MAX_S, fitted
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.svg_cells import read

FPS = 8
"""Screenshots a second of a moving picture."""
BEFORE = 12
"""Frames that are shown before the first screenshot: what is renewed once a second is then as it was."""
SIZE = 120, 35


class Frames(Protocol):
    """A recording, as far as it is needed here."""

    @property
    def frame_times(self) -> Sequence[int]: ...
    def at(self, time_ns: int) -> Snapshot: ...


class View(NamedTuple):
    """How the dashboard is shown."""

    size: tuple[int, int] | None = None
    """Columns and rows; None: SIZE."""
    projector: bool = False


def picture(recording: Frames, at_ns: int, view: View) -> str:
    """The dashboard at this moment, as SVG."""
    return asyncio.run(_screenshots(recording, [at_ns], view))[0]


def moving_picture(recording: Frames, start_ns: int, end_ns: int, speed: float, view: View) -> str:
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
    shown = [read(each) for each in asyncio.run(_screenshots(recording, moments, view))]
    return fitted(shown, FPS, still=count // 2)


async def _screenshots(recording: Frames, moments: Sequence[int], view: View) -> list[str]:
    """A screenshot at each of these moments, in order."""
    controller = _Shown(recording.at(moments[0]))
    app = _App(lambda: controller)
    made: list[str] = []
    async with app.run_test(size=view.size or SIZE) as pilot:
        await _opened(app, pilot)
        if view.projector:
            await pilot.press("b")
        for frames in _frames_until(recording, moments):
            for snapshot in frames:
                controller.snapshot = snapshot
                app.show_frame()
                await pilot.pause()
            made.append(app.export_screenshot(title=app.TITLE))
    return made


def _frames_until(recording: Frames, moments: Sequence[int]) -> Iterator[list[Snapshot]]:
    """For each moment the frames that are new since the one before, and for the first those that led to it."""
    times = recording.frame_times
    shown = max(0, bisect_right(times, moments[0]) - BEFORE)
    for time_ns in moments:
        last = max(1, bisect_right(times, time_ns))
        yield [recording.at(times[index]) for index in range(shown, last)]
        shown = max(shown, last)


async def _opened(app: PconcApp, pilot: Pilot[None]) -> None:
    while app.searching:
        await pilot.pause(0.01)


class _App(PconcApp):
    """Shows a frame when it is told to, not by the clock."""

    def tick(self) -> None:
        pass

    def show_frame(self) -> None:
        """Show the controller's snapshot."""
        super().tick()


class _Shown:
    """A controller that serves one snapshot and refuses every request."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def poll(self) -> Snapshot:
        return self.snapshot

    def open_lab(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _refuse(self, *request: object) -> None:
        raise RequestError("a recording is shown, so nothing can be started")

    def launch(self, request: Request) -> None:
        self._refuse()

    def measure(self, request: Request) -> None:
        self._refuse()

    def compare(self, plan: Plan) -> None:
        self._refuse()

    def stop(self, worker: int) -> None:
        self._refuse()

    kill = stop

    def set_switch_interval(self, seconds: float) -> None:
        self._refuse()

    def stop_all(self) -> None:
        self._refuse()

    clear = clear_scoreboard = reset = stop_all
