"""A live run that is filmed: every frame with the text of the screen that it made, and the same frames replayed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from pconc_tui import ui
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.recording.replay import Replay
from pconc_tui.ui.acting_keys import keys_of
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.controller import Controller
from pconc_tui.ui.hints import without_hints
from pconc_tui.ui.key_bindings import ALL_COMMANDS
from pconc_tui.ui.panels import all_panels
from pconc_tui.ui.panels.first_screen import NOTHING
from pconc_tui.ui.panels.footer import FooterPanel
from pconc_tui.ui.panels.replay_bar import ReplayBarPanel
from pconc_tui.ui.panels.timeline import NO_WORKER
from pconc_tui.ui.screens.dashboard import Dashboard
from tests.ui.hints_in_sight import hints_in_sight
from tests.ui.screens import text_of, until

SIZE = (160, 45)
ALL_KEYS = keys_of(ALL_COMMANDS)
_SAID_INSTEAD = re.compile("|".join(map(re.escape, (NOTHING, NO_WORKER))))
"""What a recording says where the timeline has hints, since nothing has been launched."""


def screen_text(dashboard: Dashboard) -> str:
    """The text of the dashboard as it was last drawn, without what differs in a recording: what can be pressed.

    These are hints, which are blanks here; the line of what the next launch starts; the footer; and the bar.
    """
    width, height = dashboard.size
    rows = [[" "] * width for _ in range(height)]
    for panel, region in dashboard._in_sight.items():
        if not isinstance(panel, (FooterPanel, ReplayBarPanel)):
            for y, line in enumerate(without_hints([*dashboard._views[panel].shown_lines], ALL_KEYS)):
                for x, character in enumerate(text_of(line)):
                    rows[region.y + y][region.x + x] = character
    lines = ["".join(row).rstrip() for row in rows][: height - 1 - dashboard.state.bar_rows]
    if "next: " in lines[1] or lines[1].startswith(" running: "):
        lines[1] = ""
    lines = [_SAID_INSTEAD.sub(lambda found: " " * len(found[0]), line).rstrip() for line in lines]
    return re.sub("─+", "─", "\n".join(lines)).replace(" · live ", " · past ")


def each_view(dashboard: Dashboard) -> Iterator[str]:
    """Put each panel in front, then show the projector view; the names of these."""
    before = dashboard.state
    for tab in all_panels.tabs_of(dashboard.latest):
        dashboard.change(before.focusing(tab))
        yield tab.name
    dashboard.change(replace(before, projector=True))
    yield "projector"
    dashboard.change(before)


def views(dashboard: Dashboard) -> dict[str, str]:
    """The text of the dashboard with each panel in front, and of the projector view."""
    return {name: screen_text(dashboard) for name in each_view(dashboard)}


class FilmedApp(PconcApp):
    """Keeps the text of every frame that it draws, and records it."""

    CSS_PATH = str(Path(ui.__file__).with_name("pconc.tcss"))

    def __init__(self, path: Path, experiment: str | None, open_controller: Callable[[], Controller]) -> None:
        super().__init__(open_controller, experiment_id=experiment, recorder=Recorder(str(path), False, "a film"))
        self.film: dict[int, str] = {}
        self.views: dict[int, dict[str, str]] = {}
        """The views of every second frame."""
        self.hinted: set[str] = set()
        """The hints that were in sight."""

    def tick(self) -> None:
        super().tick()
        if self._dashboard.is_attached and self._dashboard.latest.now_ns:
            self.film[self._dashboard.latest.now_ns] = screen_text(self._dashboard)
            self.hinted.update(hints_in_sight(self))
            if len(self.film) % 2:
                self.views[self._dashboard.latest.now_ns] = views(self._dashboard)


def film(
    path: Path,
    steps: Callable[[Pilot[None], FilmedApp], Awaitable[None]],
    experiment: str | None = None,
    open_controller: Callable[[], Controller] = Monitor,
    size: tuple[int, int] = SIZE,
) -> FilmedApp:
    """The app after these steps with a real monitor, recorded in this file."""

    async def run() -> FilmedApp:
        app = FilmedApp(path, experiment, open_controller)
        async with app.run_test(size=size) as pilot:
            await steps(pilot, app)
        assert app.recorder is not None
        app.recorder.close()
        return app

    return asyncio.run(run())


async def lasts(pilot: Pilot[None], app: FilmedApp, seconds: float) -> None:
    """Film for so long, by the times of the frames."""
    end_ns = app._dashboard.latest.now_ns + seconds * 1e9
    await until(pilot, lambda: app._dashboard.latest.now_ns > end_ns)


class Clock:
    """A clock that tests set, in ns."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def replayed(
    recording: Recording,
    steps: Callable[[Pilot[None], PconcApp, Replay, Clock], Awaitable[None]],
    size: tuple[int, int] = SIZE,
) -> None:
    """Show the recording in an app that has one row more than the live one, for the bar, and take these steps."""
    clock = Clock()
    replay = Replay(recording, clock)

    async def run() -> None:
        app = PconcApp(lambda: replay, first=lambda app: app.show_recording(replay))
        async with app.run_test(size=(size[0], size[1] + 1)) as pilot:
            while app._dashboard.state.replay is None:
                await pilot.pause(0.01)
            await steps(pilot, app, replay, clock)

    asyncio.run(run())


def panel_text(app: PconcApp, kind: type[ReplayBarPanel] | type[FooterPanel]) -> str:
    """The line that this panel shows."""
    return text_of(app._dashboard._views[all_panels.panel_of(kind)].shown_lines[0])
