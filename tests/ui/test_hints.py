"""Hints on the screen: a click on one presses its key."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from itertools import chain, product

import pytest
from textual.content import Content
from textual.pilot import Pilot

from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.palette import KEY
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from pconc_tui.ui.hints import hint, is_hint, markup
from pconc_tui.ui.key_bindings import COMMANDS, key_name
from pconc_tui.ui.panels import all_panels
from pconc_tui.ui.panels.log import LogPanel
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import frame_of, place_of, shown, text_of, until, with_app

SNAPSHOTS = (
    samples.EMPTY,
    samples.EVERYTHING,
    samples.ENDED,
    samples.MEASURING,
    samples.DEAD,
    replace(samples.EMPTY, has_run=True),
    replace(samples.THREADS, labs=tuple(replace(samples.LAB, executable=f"python{n}") for n in range(9))),
)


@pytest.mark.parametrize("projector", [False, True])
@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 45)])
def test_every_key_that_a_panel_names_can_be_clicked(size: tuple[int, int], projector: bool) -> None:
    names = {key_name(key) for command in COMMANDS for key in command.keys} | {"3 t"}
    found = set()
    for snapshot, frozen in product(SNAPSHOTS, (False, True)):
        state = DashboardState(window=TimelineWindow(frozen=frozen), projector=projector)
        frame = frame_of(snapshot, *size, state)
        for panel in all_panels.PANELS:
            for content, style in chain(*panel.lines(frame, *size)):
                if style.color == KEY.color and content.strip() in names:
                    assert is_hint(style), (panel, content)
                    found.add(content.strip())
    assert found >= {"t", "p", "m", "S", "space", "L", "3 t", "4", "Enter", "T"}


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
def test_hints_of_panels_and_pages_can_be_clicked(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("space")
        await shown(pilot, app, "FROZEN")
        await pilot.click(offset=place_of(app, "resumes"))
        await until(pilot, lambda: not app._dashboard.state.window.frozen)
        await pilot.press("L")
        await shown(pilot, app, "Esc closes")
        await pilot.click(offset=place_of(app, "closes"))
        await until(pilot, lambda: len(app.screen_stack) == 1)

    with_app(samples.THREADS, steps, size)


@pytest.mark.parametrize("size", [(160, 45), (60, 20)])
@pytest.mark.parametrize(("key", "words"), [("e", "Enter chooses"), ("D", "Esc closes"), ("T", "Esc closes")])
def test_hints_below_a_list_can_be_clicked(key: str, words: str, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press(key)
        await shown(pilot, app, words)
        await pilot.click(offset=place_of(app, words))
        await until(pilot, lambda: len(app.screen_stack) == 1)

    with_app(samples.THREADS, steps, size)


def test_a_hint_of_several_keys_presses_them_one_after_another() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._dashboard.change(app._dashboard.state.focusing(LogPanel))
        await shown(pilot, app, "3 t prints")
        await pilot.click(offset=place_of(app, "3 t"))
        await until(pilot, lambda: controller.requests[-1] == ("launch", "identity", "print", "threads"))

    with_app(samples.EMPTY, steps)


def test_the_keys_that_a_message_names_can_be_clicked() -> None:
    controller = FakeController(samples.EMPTY)

    async def run() -> None:
        app = PconcApp(lambda: controller)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await until(pilot, lambda: not app.searching)
            app.notify("Press x or p: [bold]one more")
            await shown(pilot, app, "Press x or p: [bold]one more")
            link = place_of(app, "x")
            await pilot.click(offset=(link.x + 5, link.y))
            await until(pilot, lambda: controller.requests[-1] == ("launch", "cpu-bound", "calls", "processes"))

    asyncio.run(run())


def test_a_message_is_shown_as_it_is_whatever_it_contains() -> None:
    chance = random.Random(0)
    pieces = ["[", "]", "\\", "/", "@click=app.quit", "bold", "$", "#", "'", " ", "[/]", "Press s", "Press t or p"]
    linked = 0
    for _ in range(5000):
        message = "".join(chance.choices(pieces, k=chance.randint(1, 8)))
        marked = markup(message)
        if marked is not None:
            linked += 1
            assert Content.from_markup(marked).plain == message
    assert linked > 500
    assert len(Content.from_markup(markup("Press S. Press t or p, [b]press it.") or "").spans) == 3


def test_a_hint_names_its_keys_as_they_are_written() -> None:
    assert text_of(hint("escape", " closes")) == "Esc closes"
    assert text_of(hint("e a")) == "e a"
    assert all(is_hint(style) for _, style in hint("escape", " closes"))
    assert not is_hint(KEY)
