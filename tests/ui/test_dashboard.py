"""How keys, mouse and the size of the terminal change the running dashboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.panels import footer
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.counters import CountersPanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import TabPanel
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.samples import MS
from tests.ui.screens import on_screen, render, shown, until, with_app


def test_freezing_holds_the_screen_while_the_workers_go_on() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("space")
        controller.advance(3000 * MS)
        controller.snapshot = replace(controller.snapshot, cores_busy=0.12)
        await until(pilot, lambda: "frozen, 3.0 s ago" in on_screen(app))
        assert "cores busy 1.00 of 2" in on_screen(app)
        await pilot.press("left")
        await until(pilot, lambda: "frozen, 3." in on_screen(app))
        await pilot.press("space")
        await until(pilot, lambda: "cores busy 0.12 of 2" in on_screen(app))
        assert "held, renewed" in on_screen(app)

    with_app(samples.THREADS, steps)


def test_a_launch_goes_back_to_live() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("space", "t")
        await until(pilot, lambda: "FROZEN" not in on_screen(app))

    with_app(samples.THREADS, steps)


def test_zoom_is_in_the_title() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("z")
        await until(pilot, lambda: "Timeline · 50 ms" in on_screen(app))
        await pilot.press("Z", "Z", "Z", "Z")
        await until(pilot, lambda: "Timeline · 1 s · live" in on_screen(app))

    with_app(samples.THREADS, steps)


def test_tab_cycles_the_panels_of_a_small_terminal() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        for words in ("lost-update · threads", "one run ", "thread id is", "def compute", "run%"):
            await pilot.press("tab")
            await shown(pilot, app, words)

    with_app(samples.EVERYTHING, steps, size=(80, 24))


def test_the_arrow_keys_select_among_many_workers() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("home")
        await until(pilot, lambda: on_screen(app).count("▸Thread-1 ") == 2)
        await pilot.press("pagedown")
        await until(pilot, lambda: "▸Thread-1 " not in on_screen(app))
        await pilot.press("end")
        await until(pilot, lambda: on_screen(app).count("▸Thread-64") == 2)

    with_app(samples.MANY, steps)


@pytest.mark.parametrize("panel", [CodePanel, LogPanel, CountersPanel, ScoreboardPanel])
def test_a_panel_is_scrolled_no_further_than_its_end(panel: type[TabPanel]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        dashboard = app._dashboard
        dashboard.change(dashboard.state.focusing(panel))
        for end, back in (("end", "up"), ("home", "down")):
            await pilot.press(end)
            at_end = dashboard.state.scroll
            await pilot.press(end, end)
            assert dashboard.state.scroll == at_end
            await pilot.press(back)
            assert abs(dashboard.state.scroll - at_end) <= 1

    with_app(samples.EVERYTHING, steps, size=(80, 24))


def test_mouse_on_rows_lanes_footer_and_wheel() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        rows = on_screen(app).splitlines()
        header = next(y for y, row in enumerate(rows) if "run%" in row)
        await pilot.click(offset=(10, header + 2))
        await until(pilot, lambda: on_screen(app).count("▸Thread-2") == 2)
        lane = next(y for y, row in enumerate(rows) if "Thread-3" in row)
        await pilot.click(offset=(30, lane))
        await until(pilot, lambda: on_screen(app).count("▸Thread-3") == 2)
        start = next(start for start, command in footer.positions(160) if command.action == "app.measure")
        await pilot.click(offset=(start + 1, 44))
        await until(pilot, lambda: controller.requests[-1][0] == "measure")
        await pilot._post_mouse_events([MouseScrollUp], offset=(30, lane))
        await until(pilot, lambda: "frozen, " in on_screen(app))

    with_app(samples.THREADS, steps)


def test_projector_and_back() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("b")
        await until(pilot, lambda: "hand-offs per second" in on_screen(app))
        assert "Workers" not in on_screen(app)
        await pilot.press("b")
        await until(pilot, lambda: "Workers · 4 alive" in on_screen(app))

    with_app(samples.THREADS, steps, size=(160, 45))


def test_resizing_to_too_small_and_back() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.resize_terminal(50, 10)
        await until(pilot, lambda: "terminal too small: needs 60x20, has 50x10" in on_screen(app))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Workers Counters" in on_screen(app) and "Thread-4" in on_screen(app))
        await pilot.resize_terminal(160, 45)
        await until(pilot, lambda: "Workers · 4 alive" in on_screen(app) and "Scoreboard" in on_screen(app))

    with_app(samples.THREADS, steps)


def test_the_pure_functions_and_the_running_app_agree() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await until(pilot, lambda: on_screen(app).splitlines() == render(samples.EVERYTHING, 160, 45))

    with_app(samples.EVERYTHING, steps)


def test_no_color_sends_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await until(pilot, lambda: "Thread-4" in on_screen(app))
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                for colour in (style.color, style.bgcolor) if style else ():
                    assert colour is None or colour.is_default
        assert "▸Thread-4" in on_screen(app)

    with_app(samples.THREADS, steps)
