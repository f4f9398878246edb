"""The first screen says what this is and offers a tour, a thread and a measurement; anything that runs replaces it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from textual import events
from textual.pilot import Pilot

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.panels.first_screen import ABOUT
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, place_of, render, shown, until, with_app

OFFERS = ("take a tour: threads take turns", "start a thread of cpu-bound", "measure cpu-bound: one run, then four")


@pytest.mark.parametrize("projector", [False, True])
@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 35), (160, 45), (250, 70)])
def test_it_says_what_this_is_and_offers_three_things_at_every_size(size: tuple[int, int], projector: bool) -> None:
    rows = [
        row.split("│")[1] if "│" in row else row
        for row in render(samples.EMPTY, *size, DashboardState(projector=projector))
    ]
    screen = " ".join(" ".join(rows).split())
    assert ABOUT in screen
    for key, offer in zip(("Enter", "t", "m"), OFFERS, strict=True):
        assert f"{key} {offer}" in screen


@pytest.mark.parametrize(
    ("offer", "sent"),
    [
        ("start a thread", ("launch", "cpu-bound", "calls", "threads")),
        ("measure cpu-bound", ("measure", "cpu-bound", "calls", "threads", 4)),
    ],
)
def test_a_click_on_an_offer_does_it(offer: str, sent: tuple[object, ...]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await shown(pilot, app, offer)
        await pilot.click(offset=place_of(app, offer))
        await until(pilot, lambda: controller.requests[-1] == sent)
        await until(pilot, lambda: ABOUT[:20] not in on_screen(app))

    with_app(samples.EMPTY, steps)


def test_enter_takes_the_tour_only_until_something_has_run() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("6")
        await shown(pilot, app, "start a thread of lost-update")
        await pilot.click(offset=place_of(app, "take a tour"))
        await until(pilot, lambda: app.walk is not None and app.walk.tour.name == "one-minute")
        assert ABOUT[:20] not in on_screen(app)
        await pilot.press("T")
        controller.snapshot = samples.THREADS
        await until(pilot, lambda: app._dashboard.state.has_run)
        controller.snapshot = replace(samples.EMPTY, has_run=True)
        await shown(pilot, app, "Press t to start a thread")
        await pilot.press("enter")
        await until(pilot, lambda: controller.requests[-1][0] == "launch")
        assert app.walk is None

    with_app(samples.EMPTY, steps)


def test_keys_that_come_faster_than_snapshots_launch() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        for key in ("t", "enter", "enter"):
            app.post_message(events.Key(key, None))
        await until(pilot, lambda: [name for name, *_ in controller.requests] == ["open_lab"] + 3 * ["launch"])
        assert app.walk is None

    with_app(samples.EMPTY, steps)


def test_enter_then_space_shows_a_newcomer_that_threads_take_turns_and_processes_do_not() -> None:
    async def run() -> None:
        app = PconcApp(Monitor)
        async with app.run_test(size=(80, 24)) as pilot:
            await shown(pilot, app, "take a tour: threads take turns, processes don't")
            await until(pilot, lambda: app._dashboard.latest.labs and app._dashboard.latest.labs[0].state == "ready")
            await pilot.press("enter")
            await shown(pilot, app, "Each thread waits for the GIL")
            await pilot.press("space")
            await shown(pilot, app, "500 times slower")
            await pilot.press("space")
            await shown(pilot, app, "No process waits for the GIL")

    asyncio.run(run())
