"""The text on the screen: from the pure functions, and from the running app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from rich.style import Style
from textual.content import Content
from textual.geometry import Offset
from textual.pilot import Pilot

from pconc_tui.pythons import Interpreter
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.arrangement import arrange
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.lanes import LaneCache
from pconc_tui.ui.drawing.lines import Line, width_of
from pconc_tui.ui.hints import is_hint
from pconc_tui.ui.panels import all_panels, timeline
from pconc_tui.ui.panels.panel import Frame
from pconc_tui.ui.panels.timeline import TimelinePanel
from tests.support import LONG_S
from tests.ui.fakes import FakeController


def text_of(line: Line) -> str:
    return "".join(content for content, _ in line)


def frame_of(snapshot: Snapshot, width: int, height: int, state: DashboardState | None = None) -> Frame:
    """What a dashboard of this size is drawn from."""
    wide = layout.is_wide(width, height)
    frame = (state or DashboardState()).frame(snapshot, snapshot, snapshot, LaneCache(), wide)
    in_sight = arrange(state or DashboardState(), snapshot, width, height)
    region = in_sight.get(all_panels.panel_of(TimelinePanel))
    if region is None:
        return frame
    columns = frame.inner_size(*region.size)[0]
    window = timeline.advanced(frame.window, snapshot, frame.settings.kind, columns)
    return replace(frame, window=window)


def render(snapshot: Snapshot, width: int, height: int, state: DashboardState | None = None) -> list[str]:
    """The whole screen without a terminal; checks that every panel's lines fit exactly and that none overlap."""
    frame = frame_of(snapshot, width, height, state)
    cells = [[""] * width for _ in range(height)]
    for panel, region in arrange(state or DashboardState(), snapshot, width, height).items():
        name = type(panel).__name__
        lines = panel.lines(frame, *region.size)
        assert len(lines) == region.height, name
        for y, line in enumerate(lines):
            assert width_of(line) == region.width, (name, text_of(line))
            for x, character in enumerate(text_of(line)):
                assert cells[region.y + y][region.x + x] == "", f"{name} overlaps"
                cells[region.y + y][region.x + x] = character
    return ["".join(row) for row in cells]


def on_screen(app: PconcApp) -> str:
    """The text that the running app shows, as a terminal would get it."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def place_of(app: PconcApp, words: str) -> Offset:
    """Where the running app shows a hint with these words."""
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            if words in segment.text and is_hint(segment.style or Style()):
                return Offset(x + segment.text.index(words), y)
            x += segment.cell_length
    raise AssertionError(f"no hint {words!r}")


def messages(app: PconcApp) -> list[str]:
    """The text of the messages that are shown."""
    return [Content.from_markup(each.message).plain if each.markup else each.message for each in app._notifications]


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(LONG_S):
        while not condition():
            await pilot.pause(0.01)


async def shown(pilot: Pilot[None], app: PconcApp, text: str) -> None:
    """Wait until the running app shows the text."""
    await until(pilot, lambda: text in on_screen(app))


def with_app(
    snapshot: Snapshot,
    steps: Callable[[Pilot[None], PconcApp, FakeController], Awaitable[None]],
    size: tuple[int, int] = (160, 45),
    interpreters: tuple[Interpreter, ...] = (),
    experiment: str | None = None,
    tooltips: bool = False,
) -> FakeController:
    """Run the app on a controller that serves this snapshot, do the steps, and quit."""
    controller = FakeController(snapshot)

    async def run() -> None:
        app = PconcApp(lambda: controller, lambda: interpreters, experiment)
        async with app.run_test(size=size, tooltips=tooltips) as pilot:
            await until(
                pilot,
                lambda: ("open_lab",) in controller.requests and app._dashboard.latest.now_ns and not app.searching,
            )
            await steps(pilot, app, controller)

    asyncio.run(run())
    return controller
