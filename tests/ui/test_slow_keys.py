"""Slow motion in the app: its keys, frames that follow the clock, and tours that play it."""

from __future__ import annotations

import asyncio
import random
from functools import partial

import pytest
from textual.pilot import Pilot

from pconc_tui.tours.parse import parse
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.slow_motion import SlowMotion
from pconc_tui.ui.screens.slow_motion import HOW_TO_RUN, NOTHING_TO_PLAY
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.random_input import NAMED, running_app, send
from tests.ui.samples import MS
from tests.ui.screens import messages, on_screen, render, shown, until, with_app
from tests.ui.slow_moments import SIZES, THREADS, at


class Clock:
    """A clock that a test moves."""

    def __init__(self, app: PconcApp) -> None:
        self.now_s = 100.0
        app._dashboard.now_s = lambda: self.now_s  # type: ignore[method-assign]


def playing(app: PconcApp) -> SlowMotion:
    slow = app._dashboard.state.slow
    assert slow is not None
    return slow


def test_x_plays_the_timeline_and_frames_follow_the_clock() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        clock = Clock(app)
        await pilot.press("x")
        await shown(pilot, app, "Slow motion · 1/200: 5 ms take 1 s")
        began_ns = playing(app).position_ns
        clock.now_s += 0.2
        await until(pilot, lambda: playing(app).position_ns == began_ns + round(0.2e9 / 200))
        await pilot.press("space")
        await shown(pilot, app, " paused ")
        clock.now_s += 0.2
        for _ in range(20):
            await pilot.pause(0.01)
        assert playing(app).position_ns == began_ns + round(0.2e9 / 200)
        await pilot.press("space")
        clock.now_s += 0.2
        await until(pilot, lambda: playing(app).position_ns == began_ns + round(0.4e9 / 200))
        await pilot.press("x")
        await until(pilot, lambda: app._dashboard.state.slow is None and "Workers" in on_screen(app))

    assert with_app(samples.THREADS, steps).requests == [("open_lab",)]


def test_its_keys() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        Clock(app)
        await pilot.press("x", "full_stop")
        assert playing(app).paused
        first_ns = playing(app).position_ns
        await pilot.press("full_stop")
        assert playing(app).position_ns == first_ns + 5 * MS
        await pilot.press("comma", "comma")
        assert playing(app).position_ns == first_ns - 5 * MS
        await pilot.press("less_than_sign", "less_than_sign")
        assert playing(app).slowness == 1000
        await pilot.press("greater_than_sign")
        assert playing(app).slowness == 500
        await pilot.press("left")
        assert playing(app).position_ns == first_ns - 5 * MS - playing(app).span_ns // 4
        await pilot.press("z")
        assert playing(app).intervals == 2
        await pilot.press("Z", "end")
        assert playing(app).is_over
        await pilot.press("home")
        assert playing(app).position_ns == playing(app).began_ns
        await pilot.press("escape")
        assert app._dashboard.state.slow is None
        await pilot.press("z", "home", "full_stop", "comma", "escape")
        assert app._dashboard.state.slow is None

    assert with_app(samples.THREADS, steps).requests == [("open_lab",)]


def test_other_keys_still_work_while_it_plays() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("x", "t")
        await until(pilot, lambda: controller.requests[-1][0] == "launch")
        await pilot.press("b")
        await until(pilot, lambda: app._dashboard.state.projector)
        assert playing(app)
        await pilot.press("question_mark")
        await shown(pilot, app, "10 to 1000 times slower")

    with_app(samples.THREADS, steps)


def _is_after(app: PconcApp, at_ns: int) -> bool:
    return playing(app).position_ns > at_ns


def test_frames_go_on_after_a_page_has_been_open_over_it() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        clock = Clock(app)
        await pilot.press("x", "question_mark")
        await shown(pilot, app, "10 to 1000 times slower")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app._dashboard)
        for _ in range(3):
            at_ns = playing(app).position_ns
            clock.now_s += 0.1
            await until(pilot, partial(_is_after, app, at_ns))

    with_app(samples.THREADS, steps)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
def test_with_nothing_to_play_it_says_what_to_press(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("x")
        await until(pilot, lambda: NOTHING_TO_PLAY + HOW_TO_RUN in messages(app))
        assert app._dashboard.state.slow is None

    with_app(samples.EMPTY, steps, size)


def test_what_it_plays_stays_when_the_lanes_are_cleared_and_goes_with_a_reset() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("x")
        controller.snapshot = samples.EMPTY
        await until(pilot, lambda: not app._dashboard.latest.workers)
        await shown(pilot, app, "Thread-4")
        await pilot.press("full_stop")
        assert "wakes up and takes the GIL" in on_screen(app)
        await pilot.press("R")
        await until(pilot, lambda: app._dashboard.state.slow is None)

    with_app(samples.THREADS, steps)


def test_after_the_last_moment_it_stands_still() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        clock = Clock(app)
        await pilot.press("x", "end")
        await shown(pilot, app, " the end ")
        clock.now_s += 0.1
        await pilot.pause(0.2)
        assert playing(app).is_over

    with_app(samples.ENDED, steps)


TOUR = parse(
    """
title = "Slowly: a tour"
[[step]]
title = "Threads"
say = "Four threads compute."
experiment = "cpu-bound"
do = "measure"
slow = "1/500"
[[step]]
title = "Still them"
say = "The same."
slow = "1/1000"
[[step]]
title = "Others"
say = "No more of that."
""",
    "slow.toml",
    "slow",
)


def test_a_tour_plays_it_in_a_step_once_that_has_run() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.go(Walk.start(TOUR))
        await until(pilot, lambda: any(each[0] == "measure" for each in controller.requests))
        assert app._dashboard.state.slow is None, "it still runs"
        controller.snapshot = samples.MEASURED
        await until(pilot, lambda: app.walk and app.walk.phase is Phase.REVEALED)
        await shown(pilot, app, "1/500: 5 ms take 2.5 s")
        await shown(pilot, app, "1 of 3")
        await pilot.press("right")
        await shown(pilot, app, "1/1000: 5 ms take 5 s")
        await pilot.press("full_stop")
        assert playing(app).paused, "it does not blank the screen"
        await pilot.press("space")
        assert not playing(app).paused
        assert app.walk is not None
        assert app.walk.index == 1
        await pilot.press("b", "full_stop")
        assert not app._dashboard.state.blank, "a clicker's key shows the blank screen again"
        await pilot.press("left")
        assert app.walk.index == 0
        app.go(app.walk.at(1))
        await shown(pilot, app, "1/1000: 5 ms take 5 s")
        await pilot.press("x")
        assert app._dashboard.state.slow is None
        assert app.walk.index == 1, "x leaves slow motion, not the tour"
        await pilot.press("x")
        assert playing(app)
        await pilot.press("space")
        await shown(pilot, app, "No more of that.")
        assert app._dashboard.state.slow is None

    with_app(samples.EMPTY, steps)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("projector", [False, True])
def test_lanes_and_a_tour_s_text_are_in_sight_together(size: tuple[int, int], projector: bool) -> None:
    walk = Walk.start(TOUR).at(1)
    state = DashboardState(slow=at(THREADS, 103), walk=walk, projector=projector)
    text = "\n".join(render(samples.THREADS, *size, state))
    for words in ("The same.", "Thread-1", "Thread-4", " GIL ┃", "Slow motion", "Space goes on"):
        assert words in text


@pytest.mark.parametrize("seed", [1, 2])
def test_no_random_key_ends_the_app_while_it_plays(seed: int) -> None:
    chance = random.Random(seed)
    keys = [*",.<>zZxb[]", *NAMED.values(), "x", ".", ","]
    sizes = [(160, 45), (80, 24), (59, 19), (1, 1), (240, 70)]

    async def run() -> None:
        async with running_app(chance) as (app, pilot):
            for _ in range(300):
                if app.screen is app._dashboard and app._dashboard.state.slow is None:
                    app._dashboard.play_slowly()
                await send(app, chance.choice(sizes) if chance.random() < 0.05 else chance.choice(keys))
                if chance.random() < 0.3:
                    await pilot.pause()

    asyncio.run(run())
