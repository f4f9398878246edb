"""The footer shows what can be pressed now, and each key can be clicked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from textual.pilot import Pilot

from pconc_tui.snapshot import Snapshot
from pconc_tui.tours import library
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from pconc_tui.ui.launch_settings import LaunchSettings
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, render, until, with_app

FROZEN = DashboardState(window=TimelineWindow(frozen=True))
STORY = Walk.start(library.load("the-story"))
TOUR = DashboardState(walk=Walk.start(library.load("one-minute")))


def footer(snapshot: Snapshot, width: int = 400, state: DashboardState | None = None) -> str:
    return render(snapshot, width, 45, state)[-1]


def test_it_offers_what_can_be_pressed_now() -> None:
    for state, snapshot, starts, lacks in (
        (None, samples.EMPTY, "Enter tour  t thread  m measure  p process  e experiments", ["s stop", "space"]),
        (DashboardState(has_run=True), samples.EMPTY, "t thread", ["Enter tour"]),
        (None, samples.THREADS, "t thread  p process  m measure  S stop all  s stop  space freeze", ["k kill"]),
        (None, samples.PROCESSES, "t thread  p process  m measure", ["f start"]),
        (FROZEN, samples.THREADS, "space resume  ← → back  z Z zoom  S stop all", ["freeze"]),
        (None, samples.MEASURING, "S stop all  space freeze", ["t thread", "m measure", "r compare"]),
        (None, samples.ENDED, "t thread  p process  m measure", ["s stop", "S stop"]),
        (TOUR, samples.THREADS, "← back  b blank  T leave  S stop all", ["space", "m measure", "b projector"]),
    ):  # fmt: skip
        line = footer(snapshot, state=state)
        assert line.startswith(f" {starts}"), line
        assert line.rstrip().endswith("? help  q quit")
        for words in lacks:
            assert words not in line, words
    assert "k kill" in footer(samples.PROCESSES)
    assert "c clear" in footer(samples.ENDED)
    locking = LaunchSettings(experiment_id="lost-update", variant="call", model="processes", workers=6)
    line = footer(samples.EMPTY, state=DashboardState(locking))
    for words in ("l lock", "v variant", "f start", "n N 6 workers"):
        assert words in line


def test_the_steps_of_a_tour_have_their_own_keys() -> None:
    asked = next(step for step in STORY.tour.steps if step.question)
    walk = replace(STORY, index=STORY.tour.steps.index(asked), phase=Phase.ASKED)
    digits = " ".join(str(number) for number, _ in enumerate(asked.answers, 1))
    line = footer(samples.THREADS, state=DashboardState(walk=walk))
    assert line.startswith(f" {digits} answer  space on  ← back  b blank")


@pytest.mark.parametrize("width", [60, 80, 120, 160])
@pytest.mark.parametrize("state", [None, FROZEN, TOUR])
def test_as_many_as_fit_and_none_is_cut(width: int, state: DashboardState | None) -> None:
    line = footer(samples.THREADS, width, state)
    known = footer(samples.THREADS, 400, state).split("  ")
    shown = [each.strip() for each in line.split("  ") if each.strip()]
    assert set(shown) <= {each.strip() for each in known}
    left_out = [each.strip() for each in known if each.strip() and each.strip() not in shown]
    room = width - len(line.rstrip()) - len("  ")
    assert all(len(each) > room for each in left_out)


def test_the_main_commands_are_there_at_160_columns() -> None:
    for snapshot in (samples.EMPTY, samples.THREADS, samples.ENDED):
        for words in ("r compare", "b projector", "o code", "e experiments", "T tour"):
            assert words in footer(snapshot, 160)


@pytest.mark.parametrize(
    ("words", "sent"),
    [("p", "launch"), ("process", "launch"), ("S", "stop_all"), ("+", "set_switch_interval"), ("k", "kill")],
)
def test_a_click_on_a_key_or_its_words_presses_it(words: str, sent: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        row = on_screen(app).splitlines()[-1]
        x = row.index(f" {words} ") + 1
        await pilot.click(offset=(x, 44))
        await until(pilot, lambda: controller.requests[-1][0] == sent)

    with_app(samples.PROCESSES, steps, size=(250, 45))


def _has_workers(app: PconcApp, workers: int) -> bool:
    return app.settings.workers == workers


def test_each_of_two_keys_presses_itself() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        row = on_screen(app).splitlines()[-1]
        for key, workers in (("N", 3), ("n", 4)):
            await pilot.click(offset=(row.index("n N ") + "n N".index(key), 44))
            await until(pilot, partial(_has_workers, app, workers))

    with_app(samples.THREADS, steps, size=(250, 45))
