"""Quitting: it asks once more where workers run or a result would be lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pconc_tui.snapshot import Snapshot
from pconc_tui.tours.library import all_tours
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.held_key import HeldKey
from pconc_tui.ui.quit_question import ASKED_S, QuitQuestion
from tests.comparison.comparisons import USUAL
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import messages, on_screen, until, with_app

UNDER_WAY = replace(USUAL, current=USUAL.results[0][0])
MEASURED = replace(samples.ENDED, measurements=(samples.measurement(), samples.measurement("processes")))


async def asked(pilot: Pilot[None], app: PconcApp, name: str) -> None:
    await until(pilot, lambda: any(f"Press {name} again to quit" in message for message in messages(app)))


@pytest.mark.parametrize(
    ("snapshot", "losses"),
    [
        (samples.EMPTY, ""),
        (samples.ENDED, ""),
        (samples.THREADS, "4 workers run"),
        (replace(samples.THREADS, workers=samples.THREADS.workers[:1]), "1 worker runs"),
        (replace(samples.EMPTY, progress=samples.MEASURING.progress), "a measurement is under way"),
        (MEASURED, "2 measurements would be lost"),
        (replace(MEASURED, workers=samples.THREADS.workers), "4 workers run, 2 measurements would be lost"),
        (replace(samples.EMPTY, comparison=USUAL), "a comparison would be lost"),
        (replace(samples.EMPTY, comparison=UNDER_WAY), "a comparison is under way"),
    ],
)
def test_it_asks_where_something_would_be_lost_and_says_what(snapshot: Snapshot, losses: str) -> None:
    question = QuitQuestion(lambda: 0.0)
    assert question.ask(snapshot, "q") == (f"Press q again to quit: {losses}." if losses else "")
    assert question.ask(snapshot, "q") == ""


def test_after_a_while_it_asks_again() -> None:
    now_s = 0.0
    question = QuitQuestion(lambda: now_s)
    assert question.ask(samples.THREADS, "q")
    now_s = ASKED_S + 1
    assert question.ask(samples.THREADS, "q")


def test_saved_results_are_not_lost_but_those_made_later_are() -> None:
    question = QuitQuestion(lambda: 0.0)
    question.saved(replace(MEASURED, comparison=USUAL))
    assert question.ask(replace(MEASURED, comparison=USUAL), "q") == ""
    later = replace(MEASURED, measurements=(*MEASURED.measurements, samples.measurement(workers=2)))
    assert "1 measurement would be lost" in question.ask(later, "q")


@pytest.mark.parametrize(
    ("keys", "name"),
    [("q", "q"), ("ctrl+q", "q"), ("ctrl+c", "Ctrl+C"), ("L ctrl+q", "Ctrl+Q"), ("L ctrl+c", "Ctrl+C")],
)
def test_the_second_press_quits(keys: str, name: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press(*keys.split())
        await asked(pilot, app, name)
        assert app.is_running
        await pilot.press(keys.split()[-1])
        await until(pilot, lambda: not app.is_running)

    assert with_app(samples.THREADS, steps).closed == 1


def test_it_asks_in_a_tour_too() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.take_tour(all_tours()[0])
        await until(pilot, lambda: app.walk is not None)
        await pilot.press("q")
        await asked(pilot, app, "q")
        assert app.is_running

    with_app(samples.THREADS, steps)


def test_a_screenshot_of_a_comparison_saves_that_and_one_of_the_dashboard_the_measurements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("w")
        await until(pilot, lambda: len([*tmp_path.iterdir()]) == 1)
        await pilot.press("q")
        await until(pilot, lambda: any("a comparison would be lost" in message for message in messages(app)))
        app._show_comparison()
        await until(pilot, lambda: app.screen is not app._dashboard)
        await until(pilot, lambda: "No verdict" in on_screen(app) or "Threads" in on_screen(app))
        monkeypatch.setattr(app, "_screenshot_key", HeldKey())
        await pilot.press("w")
        await until(pilot, lambda: len([*tmp_path.iterdir()]) == 2)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app._dashboard)
        app._quit_question._asked_s.clear()
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)

    with_app(replace(MEASURED, comparison=USUAL), steps)


def test_a_screenshot_saves_the_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("w")
        await until(pilot, lambda: list(tmp_path.iterdir()))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)

    with_app(MEASURED, steps)
