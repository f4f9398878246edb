"""Hints name keys that do what they say: live, while a program is watched, in slow motion, and frozen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from pconc_tui.measurement import Disturbance
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import all_panels
from pconc_tui.ui.screens.slow_motion import HOW_TO_RUN, NOTHING_TO_PLAY
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.hints_in_sight import action_of, hints_in_sight, wrong_hints
from tests.ui.screens import messages, until, with_app
from tests.ui.test_watch import FakePrograms

SIZES = [(160, 45), (120, 35), (80, 24)]
UNDER_LOAD = samples.measurement(python=LaunchSettings().kind.python, disturbance=Disturbance(1.7, None, 2))
NO_THREADS = replace(samples.WATCHED, workers=())
SNAPSHOTS = {
    "empty": samples.EMPTY,
    "ended": replace(samples.EMPTY, has_run=True),
    "all": samples.EVERYTHING,
    "measuring": samples.MEASURING,
    "first measurement": replace(samples.EMPTY, progress=samples.MEASURING.progress, has_run=True),
    "deadlock": replace(samples.THREADS, counters=(samples.DEADLOCK,)),
    "load": replace(samples.ENDED, measurements=(UNDER_LOAD,)),
    "watched": samples.WATCHED,
    "watched, no threads": NO_THREADS,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SNAPSHOTS)
def test_every_hint_is_of_a_key_that_acts(name: str, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._programs = FakePrograms()
        dashboard = app._dashboard
        at_start = dashboard.state
        for tab in all_panels.tabs_of(dashboard.latest):
            dashboard.change(at_start.focusing(tab))
            assert not wrong_hints(app)
        for keys in ("", "space", "b", "space", "x", "b", "space"):
            await pilot.press(*keys)
            app.tick()
            assert not wrong_hints(app), keys

    with_app(SNAPSHOTS[name], steps, size)


def test_live_they_are_there() -> None:
    found = set()

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        for tab in all_panels.tabs_of(app._dashboard.latest):
            app._dashboard.change(app._dashboard.state.focusing(tab))
            found.update(hints_in_sight(app))

    with_app(SNAPSHOTS["ended"], steps)
    assert found >= {"t to start a thread,", "m measure", "3 prints", "6 lost updates", "o all", "m", "t prints"}
    assert any(each.endswith("at once") for each in found)


def test_a_measurement_under_way_takes_the_keys_that_launch_out_of_sight() -> None:
    def shown(snapshot: Snapshot) -> set[str]:
        found: set[str] = set()

        async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
            found.update(hints_in_sight(app))

        with_app(snapshot, steps)
        return found

    assert any("repeats it" in each for each in shown(SNAPSHOTS["load"]))
    under_way = replace(SNAPSHOTS["load"], progress=samples.MEASURING.progress)
    assert not any("repeats it" in each for each in shown(under_way))


@pytest.mark.parametrize(("snapshot", "said"), [(samples.EMPTY, True), (NO_THREADS, False)])
def test_nothing_to_play_says_what_to_press_where_that_acts(snapshot: Snapshot, said: bool) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("x")
        await until(pilot, lambda: messages(app))
        assert messages(app) == [NOTHING_TO_PLAY + HOW_TO_RUN * said]

    with_app(snapshot, steps)


def test_the_palette_lists_what_acts_on_a_watched_program() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await until(pilot, lambda: app._dashboard.latest.program)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count)
        await until(pilot, lambda: "Freeze the screen" in _listed(app))
        assert "Native threads one by one" in _listed(app)
        for refused in ("One more thread", "Measure one run", "Reset everything"):
            assert refused not in _listed(app)
        await pilot.press("escape")
        assert action_of(app, "t") == "app.refuse('launch')"

    with_app(samples.WATCHED, steps)


def _listed(app: PconcApp) -> str:
    lists = app.screen.query(OptionList)
    return "\n".join(str(option.prompt) for each in lists for option in each.options)
