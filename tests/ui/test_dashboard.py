"""How keys, mouse and the size of the terminal change the running dashboard."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.counters import CountersPanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import PanelScrolled, TabPanel
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.samples import MS
from tests.ui.screens import on_screen, place_of, render, shown, until, with_app


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
        for words in ("thread id is", "Only one thread runs", "run%", "lost-update · threads", "one run "):
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


SCROLLED = [CodePanel, LogPanel, CountersPanel, ScoreboardPanel]


def panel_rows(app: PconcApp) -> list[str]:
    """The rows of the panels that share an area, on a small screen."""
    rows = on_screen(app).splitlines()
    return rows[next(y for y, row in enumerate(rows) if "Scoreboard" in row) : -1]


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
@pytest.mark.parametrize("panel", SCROLLED)
def test_a_panel_is_scrolled_no_further_than_its_end(panel: type[TabPanel], size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        dashboard = app._dashboard
        dashboard.change(dashboard.state.focusing(panel))
        for by, back in ((1, "up"), (-1, "down")):
            for key in ("end" if by > 0 else "home", "pagedown" if by > 0 else "pageup", "wheel"):
                for _ in range(60):
                    if key == "wheel":
                        dashboard.post_message(PanelScrolled(panel, 3 * by))
                    else:
                        app.simulate_key(key)
                await pilot.pause()
                at_end = panel_rows(app)
                await pilot.press(back)
                await pilot.pause()
                assert panel_rows(app) != at_end, back

    with_app(samples.LONG, steps, size)


@pytest.mark.parametrize(("end", "back"), [("end", "up"), ("home", "down")])
@pytest.mark.parametrize("panel", SCROLLED)
def test_a_panel_whose_content_has_become_shorter_is_scrolled_back_at_once(
    panel: type[TabPanel], end: str, back: str
) -> None:
    long = samples.LONG
    shorter = replace(long, counters=long.counters[:2], measurements=long.measurements[:7], log=long.log[:7])

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        dashboard = app._dashboard
        dashboard.change(dashboard.state.focusing(panel))
        await pilot.press("0", end)
        controller.snapshot = shorter
        if panel is CodePanel:
            await pilot.press("6")
        await until(pilot, lambda: dashboard._figures.log == shorter.log)
        await pilot.pause()
        at_end = panel_rows(app)
        await pilot.press(back)
        await pilot.pause()
        assert panel_rows(app) != at_end

    with_app(samples.LONG, steps, size=(80, 24))


def test_the_log_can_be_read_from_its_first_line_to_its_last() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._dashboard.change(app._dashboard.state.focusing(LogPanel))
        seen = set()
        await pilot.press("home")
        for _ in range(60):
            await pilot.pause()
            seen |= {*panel_rows(app)}
            app._dashboard.action_move(3)
        for number in range(40):
            assert any(f"line {number} of" in row for row in seen), number

    with_app(samples.LONG, steps, size=(60, 20))


def click_rows(app: PconcApp) -> dict[str, int]:
    """The row of the screen of each worker in the table."""
    rows = on_screen(app).splitlines()
    header = next(y for y, row in enumerate(rows) if "run%" in row)
    found = ((re.search(r"(Thread|Process)-\d+", row), y) for y, row in enumerate(rows) if y > header)
    return {match[0]: y for match, y in found if match}


@pytest.mark.parametrize("size", [(160, 45), (120, 40), (80, 24), (60, 20)])
@pytest.mark.parametrize("fewer", [samples.THREADS, samples.PROCESSES, samples.ENDED])
def test_clicks_select_the_rows_of_a_table_that_has_become_shorter(fewer: Snapshot, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("end")
        await until(pilot, lambda: "Thread-64" in click_rows(app))
        controller.snapshot = fewer
        await pilot.press("1", "t")
        await until(pilot, lambda: "Thread-64" not in on_screen(app))
        for name, y in click_rows(app).items():
            await pilot.click(offset=(10, y))
            await shown(pilot, app, f"▸{name}")

    with_app(samples.MANY, steps, size)


def test_mouse_on_rows_lanes_footer_and_wheel() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        rows = on_screen(app).splitlines()
        header = next(y for y, row in enumerate(rows) if "run%" in row)
        await pilot.click(offset=(10, header + 2))
        await until(pilot, lambda: on_screen(app).count("▸Thread-2") == 2)
        lane = next(y for y, row in enumerate(rows) if "Thread-3" in row)
        await pilot.click(offset=(30, lane))
        await until(pilot, lambda: on_screen(app).count("▸Thread-3") == 2)
        await pilot.click(offset=place_of(app, "measure"))
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
        await until(pilot, lambda: "Workers · 4 alive" in on_screen(app) and "Code · calls" in on_screen(app))

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
