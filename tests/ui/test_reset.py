"""`R` resets everything to the start, and asks once more where workers run or a result would be lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.panels.first_screen import ABOUT
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import messages, shown, until, with_app

SET_UP = ("6", "l", "d", "n", "plus", "z", "b", "tab", "space")


def asked(app: PconcApp) -> list[str]:
    return [message for message in messages(app) if "again to reset everything" in message]


def test_settings_window_panels_and_switch_interval_are_as_at_the_start_at_once() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        before = app._dashboard.state
        await pilot.press(*SET_UP, "R")
        await until(pilot, lambda: controller.requests[-2:] == [("set_switch_interval", 0.005), ("reset",)])
        await until(pilot, lambda: replace(app._dashboard.state, window=before.window) == before)
        assert app._dashboard.state.window.zoom == before.window.zoom
        assert not app._dashboard.state.window.frozen
        assert not asked(app)
        await shown(pilot, app, ABOUT[:20])

    with_app(samples.EMPTY, steps)


def test_the_function_that_was_named_at_the_start_is_chosen_again() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("6", "R")
        await until(pilot, lambda: app.settings.experiment_id == "queue")

    with_app(samples.EMPTY, steps, experiment="queue")


@pytest.mark.parametrize(
    ("snapshot", "why"),
    [
        (samples.THREADS, "4 workers run"),
        (replace(samples.EMPTY, measurements=(samples.measurement(),)), "1 measurement would be lost"),
    ],
)
def test_it_asks_once_more_where_something_would_be_lost(snapshot: object, why: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("R")
        await until(pilot, lambda: any(why in message for message in asked(app)))
        assert ("reset",) not in controller.requests
        await pilot.press("R")
        await until(pilot, lambda: controller.requests[-1] == ("reset",))
        await until(pilot, lambda: not asked(app))

    with_app(snapshot, steps)  # type: ignore[arg-type]


def test_real_workers_end_and_the_first_screen_comes_back() -> None:
    async def run() -> None:
        app = PconcApp(Monitor)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app._dashboard.latest.labs)
            before = app._dashboard.state
            await pilot.press("t", "p", "t")
            await until(pilot, lambda: sum(worker.alive for worker in app._dashboard.latest.workers) == 3)
            await pilot.press("R", "R")
            await until(pilot, lambda: not app._dashboard.latest.workers)
            await shown(pilot, app, ABOUT[:20])
            assert replace(app._dashboard.state, window=before.window) == before
            await pilot.press("t")
            await until(pilot, lambda: [worker.name for worker in app._dashboard.latest.workers] == ["Thread-1"])

    asyncio.run(run())
