"""A person's own function on the dashboard: chosen, launched, its code shown, and its lanes marked as sampled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pconc_tui import experiments
from pconc_tui.block import State
from pconc_tui.experiments import ALL_MODELS
from pconc_tui.functions import FunctionExperiment
from pconc_tui.snapshot import Sampling
from pconc_tui.views import timeline, workers
from pconc_tui.views.app import PconcApp
from pconc_tui.views.choices import Choices
from pconc_tui.views.view import View
from pconc_tui.views.window import Window
from tests.views import samples
from tests.views.fakes import FakeBench
from tests.views.screens import drawn, on_screen, text_of, until, with_app

SOURCE = "import time\n\n\ndef other():\n    pass\n\n\n@cache\ndef crunch(index):\n    return index\n"
SEEN = Sampling(612.4, False, None)


@pytest.fixture(autouse=True)
def function() -> Iterator[FunctionExperiment]:
    made = FunctionExperiment(
        "work.py:crunch", "", "crunch in work.py", ALL_MODELS, {"crunch": print}, "Yours.", text=SOURCE, lines=(8, 10)
    )
    experiments.add(made)
    yield made
    experiments._added.clear()


def test_it_is_chosen_and_launched() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, bench: FakeBench) -> None:
        assert " work.py:crunch · crunch · threads" in on_screen(app)
        await pilot.press("t", "p", "m")
        await pilot.press("2")
        assert app.choices.id == "cpu-bound"
        await pilot.press("e")
        await until(pilot, lambda: "crunch in work.py" in on_screen(app))
        await pilot.press("end", "enter")
        await until(pilot, lambda: app.choices.id == "work.py:crunch")

    asked = with_app(samples.snapshot(), steps, experiment="work.py:crunch").asked
    chosen = "work.py:crunch", "crunch"
    assert ("launch", *chosen, "threads") in asked
    assert ("launch", *chosen, "processes") in asked
    assert ("measure", *chosen, "processes", 4) in asked


def test_its_code_is_shown_from_the_function_on() -> None:
    choices = Choices().with_experiment("work.py:crunch")
    screen = "\n".join(drawn(samples.snapshot(), 160, 45, View(choices)))
    assert "▌ def crunch(index):" in screen
    assert "Yours." in screen


@pytest.mark.parametrize(("width", "told"), [(100, "sampled 612/s"), (76, "sampled 612/s"), (58, "sampled"), (50, "")])
def test_sampled_lanes_say_so(width: int, told: str) -> None:
    snapshot = samples.snapshot(replace(samples.thread(1, 2), sampling=SEEN))
    shelf = timeline.shelved(1, 0, 10)
    left, _ = timeline.title(Window(), snapshot, snapshot, shelf, snapshot, width)
    assert text_of(left).endswith(told)
    assert ("sampled" in text_of(left)) is bool(told)


def test_who_calls_probe_is_not_sampled() -> None:
    snapshot = samples.snapshot(replace(samples.thread(1, 2), sampling=SEEN._replace(reports=True)))
    left, _ = timeline.title(Window(), snapshot, snapshot, timeline.shelved(1, 0, 10), snapshot, 120)
    assert "sampled" not in text_of(left)


def test_what_is_not_known_is_not_shown_as_nothing() -> None:
    worker = replace(samples.thread(1, 2), sampling=SEEN, state=State.UNKNOWN, iterations=0)
    row = text_of(workers.row(worker, workers.table(160), False))
    assert "? unknown" in row
    assert row.split()[-2:] == ["-", "-"]
