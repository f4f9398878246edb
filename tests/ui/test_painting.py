"""What the dashboard has drawn is written to the terminal at once, and no more than that."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

import pyte
import pytest
from textual._compositor import CompositorUpdate
from textual.pilot import Pilot

from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.drawing.line_update import LineUpdate
from pconc_tui.ui.drawing.line_view import LineView
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.samples import MS
from tests.ui.screens import shown, until, with_app


def rows(app: PconcApp) -> dict[int, object]:
    """What each row of the screen shows, by its number."""
    found: dict[int, list[object]] = {}
    for view in app.screen.query(LineView):
        if view.display:
            for y, line in enumerate(view.shown_lines, view.region.y):
                found.setdefault(y, []).append(line)
    return {y: tuple(parts) for y, parts in found.items()}


def painted_by(app: PconcApp, draw: Callable[[], None]) -> set[int]:
    """The rows that are written to the terminal while this draws."""
    found: set[int] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "_display", lambda screen, update: found.update(y for y, _, _ in update.spans))
        draw()
    return found


def test_what_changes_is_painted_before_drawing_returns() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        dashboard = app._dashboard
        await shown(pilot, app, "Thread-4")
        await until(pilot, lambda: not any(view._repaint_regions for view in app.screen.query(LineView)))
        before = rows(app)
        later = replace(dashboard.latest, now_ns=dashboard.latest.now_ns + 3000 * MS, cores_busy=0.12)
        painted = painted_by(app, lambda: dashboard.show(later))
        after = rows(app)
        changed = {y for y in after if after[y] != before[y]}
        assert changed
        assert painted == changed

    with_app(samples.THREADS, steps)


def cells(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


class Painted:
    """A terminal that has what the app has painted, and one that gets the whole screen by Textual's own steps."""

    def __init__(self, app: PconcApp, patch: pytest.MonkeyPatch) -> None:
        self.app, self.size = app, (app.size.width, app.size.height)
        self.screen = pyte.Screen(*self.size)
        self.kinds: list[type] = []
        pyte.Stream(self.screen).feed(self._whole())
        patch.setattr(app, "_display", self._display)

    def _whole(self) -> str:
        update = self.app.screen._compositor.render_full_update()
        return update.render_segments(self.app.console)

    def _display(self, screen: object, update: CompositorUpdate | None) -> None:
        if update is not None:
            self.kinds.append(type(update))
            pyte.Stream(self.screen).feed(update.render_segments(self.app.console))

    def differs(self) -> list[tuple[int, int]]:
        """Column and row of each cell that is not as it should be."""
        right = pyte.Screen(*self.size)
        pyte.Stream(right).feed(self._whole())
        pairs = enumerate(zip(cells(self.screen), cells(right), strict=True))
        return [(x, y) for y, rows in pairs for x, (a, b) in enumerate(zip(*rows, strict=True)) if a != b]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("keys", ["", "b", "x", "xb"])
def test_the_terminal_has_what_textual_would_have_drawn(keys: str, theme: str) -> None:
    chance = random.Random(0)

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        dashboard = app._dashboard
        app.theme = theme
        await pilot.press(*keys)
        await shown(pilot, app, "Thread-4")
        with pytest.MonkeyPatch.context() as patch:
            painted = Painted(app, patch)
            latest = dashboard.latest
            for number in range(1, 25):
                now_ns = latest.now_ns + number * 450 * MS
                workers = tuple(replace(each, cpu=chance.random()) for each in latest.workers)
                log = (*samples.LOG[: number % len(samples.LOG)], replace(samples.LOG[0], text="wide: 漢字 é"))
                controller.snapshot = replace(
                    latest, now_ns=now_ns, workers=workers, cores_busy=chance.random(), log=log
                )
                app.tick()
                if dashboard.state.slow is not None:
                    later = dashboard.state.slow.at(dashboard.state.slow.position_ns + 300_000, 0.0)
                    dashboard.state = replace(dashboard.state, slow=later)
                    dashboard.draw_slow_motion()
                await pilot.pause()  # Where panels have moved, Textual paints them later.
                assert not painted.differs()
            assert painted.kinds.count(LineUpdate) > 20

    with_app(samples.THREADS, steps)


def test_under_a_message_textual_paints() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp) -> None:
        dashboard = app._dashboard
        await shown(pilot, app, "Thread-4")
        app.notify("over the panels")
        await shown(pilot, app, "over the panels")
        with pytest.MonkeyPatch.context() as patch:
            painted = Painted(app, patch)
            latest = dashboard.latest
            dashboard.show(replace(latest, now_ns=latest.now_ns + 3000 * MS, cores_busy=0.12))
            assert painted.kinds
            assert LineUpdate not in painted.kinds
            assert not painted.differs()

    async def run() -> None:
        app = PconcApp(lambda: FakeController(samples.THREADS))
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await steps(pilot, app)

    asyncio.run(run())
