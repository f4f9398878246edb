"""Which panels are in sight: a result comes to the front, what was chosen stays, nothing moves while it runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby, product

import pytest
from textual.pilot import Pilot

from pconc_tui.experiments import catalogue, load
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline import result
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.arrangement import arrange, brought_forward
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels.all_panels import panel_of
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.counters import CountersPanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import Panel, TabPanel
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from pconc_tui.ui.panels.timeline import TimelinePanel
from pconc_tui.ui.panels.workers import WorkersPanel
from tests.support import ended, until
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import render, shown, with_app
from tests.ui.screens import until as until_app

SIZES = [*product(range(60, 251, 10), range(20, 71, 5)), (80, 24), (115, 37), (116, 38), (139, 38), (140, 38)]
MEASURED = samples.measurement(python=LaunchSettings().kind.python, ended_ns=samples.NOW)
RESULT = replace(samples.ENDED, measurements=(MEASURED,))
SENTENCE = result(MEASURED).sentence()


class Screen:
    """The panels in sight while snapshots arrive."""

    def __init__(self, size: tuple[int, int], snapshot: Snapshot, experiment: str = "cpu-bound") -> None:
        self.size, self.latest = size, snapshot
        self.state = DashboardState(LaunchSettings().with_experiment(experiment))
        self.show(snapshot)
        self.seen = [self.panels]

    def show(self, snapshot: Snapshot) -> None:
        self.state = brought_forward(self.state, self.latest, snapshot, not layout.is_wide(*self.size))
        self.latest = snapshot
        self.panels = arrange(self.state, snapshot, *self.size)

    def watch(self, snapshot: Snapshot) -> None:
        """Show it, and note where the panels stand."""
        self.show(snapshot)
        self.seen.append(self.panels)

    @property
    def moves(self) -> int:
        """How often any panel has come, gone or moved."""
        return len([*groupby(self.seen)]) - 1

    def shows(self, panel: type[Panel]) -> bool:
        return panel_of(panel) in self.panels


@pytest.mark.parametrize("height", sorted({height for _, height in SIZES}))
def test_the_result_of_a_measurement_is_in_front_when_it_ends(height: int) -> None:
    for size in (each for each in SIZES if each[1] == height):
        screen = Screen(size, samples.EMPTY)
        screen.show(samples.MEASURING)
        screen.show(RESULT)
        rows = render(RESULT, *size, screen.state)
        assert SENTENCE in "\n".join(rows[2:6]), "the headline"
        assert screen.shows(ScoreboardPanel), size
        region = screen.panels[panel_of(ScoreboardPanel)]
        text = "\n".join(row[region.x : region.right] for row in rows[region.y : region.bottom])
        assert "one run" in text, size
        assert re.search("(four|4) runs", text), size
        projector = "\n".join(render(RESULT, *size, replace(screen.state, projector=True)))
        assert SENTENCE in projector
        assert "times as long as one " in projector, "the caption of the large figure"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 35)])
def test_a_panel_chosen_during_a_measurement_stays_in_front(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        async def result_after(*keys: str) -> None:
            controller.snapshot = samples.MEASURING
            await shown(pilot, app, "measuring")
            await pilot.press(*keys)
            before = app._dashboard.latest.measurements
            controller.snapshot = replace(RESULT, measurements=(*before, samples.measurement(workers=len(before) + 2)))
            await until_app(pilot, lambda: len(app._dashboard.latest.measurements) > len(before))

        async def front(panel: type[TabPanel]) -> None:
            await shown(pilot, app, f"▸{panel_of(panel).name}")

        await front(CodePanel)
        await pilot.press("m")
        await result_after("tab", "tab")
        await front(CountersPanel)
        await pilot.press("m")
        await result_after()
        await front(ScoreboardPanel)
        await pilot.press("tab", "m")
        await result_after()
        await front(ScoreboardPanel)
        await pilot.press("tab", "tab", "m")
        await result_after("space")
        await pilot.press("space")
        await front(CodePanel)

    with_app(samples.EMPTY, steps, size)


def test_a_launch_brings_the_workers_to_the_front_and_leaves_what_was_chosen() -> None:
    screen = Screen((80, 24), samples.EMPTY)
    assert screen.shows(CodePanel)
    screen.show(samples.THREADS)
    assert screen.shows(WorkersPanel)
    screen.show(RESULT)
    assert screen.shows(ScoreboardPanel)
    screen.show(replace(RESULT, workers=samples.PROCESSES.workers))
    assert screen.shows(WorkersPanel)
    screen.state = screen.state.focusing(LogPanel)
    screen.show(replace(RESULT, workers=(*samples.PROCESSES.workers, replace(samples.process(9), id=900))))
    assert screen.shows(LogPanel)


def test_the_timeline_has_what_is_free() -> None:
    def rows(snapshot: Snapshot) -> int:
        return arrange(DashboardState(), snapshot, 160, 45)[panel_of(TimelinePanel)].height

    assert rows(samples.EMPTY) == 38
    assert rows(samples.EMPTY) > rows(samples.THREADS) > rows(samples.EVERYTHING)


def screens_since(idle: Snapshot, requested: Snapshot, experiment: str) -> list[Screen]:
    """Screens of three sizes, as they are when this has been requested."""
    screens = [Screen(size, idle, experiment) for size in ((160, 45), (120, 40), (80, 24))]
    for screen in screens:
        screen.show(requested)
        screen.seen = [screen.panels]
    return screens


def watching(screens: list[Screen], condition: Callable[[Snapshot], object]) -> Callable[[Snapshot], object]:
    """The condition, while the screens show each snapshot."""

    def watched(snapshot: Snapshot) -> object:
        for screen in screens:
            screen.watch(snapshot)
        return condition(snapshot)

    return watched


@pytest.mark.parametrize("id", [each.id for each in catalogue()])
def test_nothing_moves_while_an_experiment_runs(fresh_monitor: Monitor, id: str) -> None:
    monitor, settings = fresh_monitor, LaunchSettings().with_experiment(id)
    request = replace(settings.request, workers=3, scale=0.1 if load(id).endless or id == "io-bound" else 1.0)
    idle = monitor.poll()
    monitor.measure(request)
    requested = monitor.poll()
    screens = screens_since(idle, requested, id)
    until(monitor, watching(screens, lambda snapshot: snapshot.measurements))
    *wide, narrow = screens
    assert [screen.moves for screen in wide] == [0, 0]
    assert narrow.moves == 1, "the result comes to the front"
    assert narrow.shows(ScoreboardPanel)


@pytest.mark.parametrize("id", [each.id for each in catalogue()])
def test_nothing_moves_after_a_launch(fresh_monitor: Monitor, id: str) -> None:
    monitor, settings = fresh_monitor, LaunchSettings().with_experiment(id)
    idle = monitor.poll()
    monitor.launch(settings.request)
    requested = monitor.poll()
    screens = screens_since(idle, requested, id)
    monitor.launch(settings.request)
    known = watching(screens, lambda snapshot: ended(snapshot) or snapshot.cores_busy is not None)
    until(monitor, known)
    assert [screen.moves for screen in screens] == [0, 0, 0]


FAILS = "has ended with exit status 1"


@pytest.mark.parametrize(
    ("started_here", "ended", "shows"), [(True, FAILS, True), (True, "has ended", False), (False, FAILS, False)]
)
def test_what_a_program_printed_is_in_front_when_it_fails(started_here: bool, ended: str, shows: bool) -> None:
    program = samples.WATCHED.program
    assert program is not None
    screen = Screen((80, 24), samples.WATCHED)
    screen.show(replace(samples.WATCHED, program=replace(program, started_here=started_here, ended=ended)))
    assert screen.shows(LogPanel) is shows
