"""No key, click, paste or size ends the app."""

from __future__ import annotations

import asyncio

from rich.style import Style
from textual import events
from textual.command import CommandPalette
from textual.widgets import OptionList

from pconc_tui.ui.screens.help_page import HelpPage
from pconc_tui.ui.screens.pickers import ExperimentPicker
from tests.ui.random_input import NAMED, play, running_app, send
from tests.ui.screens import until

ENTER, ESCAPE, PALETTE = NAMED["enter"], NAMED["escape"], NAMED["ctrl+p"]
OUTSIDE = "\x1b[<0;1;45M\x1b[<0;1;45m"
BURSTS = (
    "e" + ENTER * 2,
    "e" + ESCAPE * 2,
    "e88",
    "e8e8e8",
    "?" + ESCAPE * 3,
    "L" + ESCAPE * 2 + "o" + ENTER * 2,
    PALETTE + OUTSIDE * 2,
    PALETTE + ENTER * 4,
    PALETTE + NAMED["pagedown"],
    PALETTE + "no such command" + NAMED["pagedown"] * 2 + NAMED["pageup"],
    PALETTE + ESCAPE + "\x1b[200~pasted\x1b[201~",
    PALETTE * 3 + ESCAPE * 3,
    "i" + NAMED["pagedown"] + ENTER * 2,
)


def test_no_random_input_ends_the_app() -> None:
    play(seed=1, count=1500)


def test_double_input_does_no_harm() -> None:
    async def run() -> None:
        async with running_app() as (app, pilot):
            for given in BURSTS:
                for pause in (True, False):
                    await send(app, given)
                    if pause:
                        await pilot.pause()
                while app.is_running and app.screen is not app._dashboard:
                    await send(app, ESCAPE)
                    await pilot.pause()
                assert app.is_running, given
            # Not handled before it ends.
            await send(app, "e?" + ENTER)

    asyncio.run(run())


def test_a_click_on_a_line_that_has_been_replaced_does_nothing() -> None:
    async def run() -> None:
        async with running_app() as (app, pilot):
            for key in ("e", PALETTE):
                await send(app, key)
                await until(
                    pilot, lambda: app.screen.query(OptionList) and app.screen.query_one(OptionList).option_count
                )
                options = app.screen.query_one(OptionList)
                gone = Style(meta={"option": options.option_count})
                x, y = options.region.offset
                options.post_message(events.Click(options, 1, 1, 0, 0, 1, False, False, False, x + 1, y + 1, gone))
                await pilot.pause()
                assert app.is_running
                await send(app, ESCAPE)
                await until(pilot, lambda: app.screen is app._dashboard)

    asyncio.run(run())


def test_a_screen_opens_once() -> None:
    async def run() -> None:
        async with running_app() as (app, pilot):
            for action, kind in (
                ("pick('experiment')", ExperimentPicker),
                ("help", HelpPage),
                ("command_palette", CommandPalette),
            ):
                for _ in range(2):
                    await app.run_action(action)
                await pilot.pause()
                assert [isinstance(screen, kind) for screen in app.screen_stack].count(True) == 1

    asyncio.run(run())


def test_a_click_where_the_screen_was_before_it_became_smaller_does_nothing() -> None:
    async def run() -> None:
        async with running_app() as (app, pilot):
            for key in ("?", "e", PALETTE):
                await send(app, key)
                await until(pilot, lambda: len(app.screen_stack) == 2)
                gone = events.Click(app.screen, 0, 0, 0, 0, 1, False, False, False, 9999, 9999)
                app.screen.post_message(gone)
                await pilot.pause()
                assert app.is_running
                await until(pilot, lambda: app.screen_stack)
                app.screen.dismiss(None)
                await until(pilot, lambda: app.screen is app._dashboard)

    asyncio.run(run())
