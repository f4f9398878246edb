"""What stands on the screen, as text: by the pure functions, and by the running app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual.pilot import Pilot

from pconc_tui.pythons import Interpreter
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.lanes import Lanes
from pconc_tui.ui.drawing.lines import Line, inner_size, width_of
from pconc_tui.ui.panels import picture, timeline
from tests.support import LONG_S
from tests.ui.fakes import FakeController


def text_of(line: Line) -> str:
    return "".join(content for content, _ in line)


def drawn(snapshot: Snapshot, width: int, height: int, view: DashboardState | None = None) -> list[str]:
    """The whole screen without a terminal; checks on the way that every panel's lines fit exactly."""
    view = view or DashboardState()
    frame = picture.Frame(snapshot, snapshot, snapshot, view, Lanes(), width, height)
    places = layout.places(width, height, len(snapshot.core_loads or ()), view.panel, view.projector)
    if "timeline" in places:
        inner = inner_size(*places["timeline"].size, frame.boxed)
        window = view.window.advanced(snapshot, timeline.cells_across(inner[0], timeline.mixed(snapshot.workers)))
        frame = replace(frame, view=replace(view, window=window))
    cells = [[""] * width for _ in range(height)]
    for name, region in places.items():
        lines = picture.drawn(name, frame, *region.size)
        assert len(lines) == region.height, name
        for y, line in enumerate(lines):
            assert width_of(line) == region.width, (name, text_of(line))
            for x, character in enumerate(text_of(line)):
                assert cells[region.y + y][region.x + x] == "", f"{name} overlaps"
                cells[region.y + y][region.x + x] = character
    return ["".join(row) for row in cells]


def on_screen(app: PconcApp) -> str:
    """What the running app shows, as a terminal would get it."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


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
) -> FakeController:
    """Run the app on a bench that serves this snapshot, do the steps, and quit."""
    bench = FakeController(snapshot)

    async def run() -> None:
        app = PconcApp(lambda: bench, lambda: interpreters, experiment)
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: ("open_lab",) in bench.asked and app._dashboard.live.now_ns and not app.looking)
            await steps(pilot, app, bench)

    asyncio.run(run())
    return bench
