"""A person's own function on the dashboard: chosen, launched, its code shown, and its lanes marked as sampled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pconc_tui import experiments
from pconc_tui.experiments import ALL_MODELS
from pconc_tui.experiments.user_function import FunctionExperiment
from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Sampling
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.lines import width_of
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import timeline, workers
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import drawn, on_screen, text_of, until, with_app

SOURCE = "import time\n\n\ndef other():\n    pass\n\n\n@cache\ndef crunch(index):\n    return index\n"
SEEN = Sampling(612.4, False, None)
UNSEEN = replace(samples.snapshot(*(samples.thread(number, 3) for number in (1, 2, 3))), switches_per_s=187.3)


@pytest.fixture(autouse=True)
def function() -> Iterator[FunctionExperiment]:
    made = FunctionExperiment(
        "work.py:crunch", "", "crunch in work.py", ALL_MODELS, {"crunch": print}, "Yours.", text=SOURCE, lines=(8, 10)
    )
    experiments.add(made)
    yield made
    experiments._user_functions.clear()


def test_it_is_chosen_and_launched() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, bench: FakeController) -> None:
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
    choices = LaunchSettings().with_experiment("work.py:crunch")
    screen = "\n".join(drawn(samples.snapshot(), 160, 45, DashboardState(choices)))
    assert "▌ def crunch(index):" in screen
    assert "Yours." in screen


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20)])
def test_sampled_lanes_are_told_from_exact_ones(size: tuple[int, int]) -> None:
    exact, seen, probed = (samples.thread(number, 3) for number in (1, 2, 3))
    seen = replace(seen, sampling=SEEN)
    probed = replace(probed, sampling=SEEN._replace(calls_probe=True))
    lines = drawn(replace(samples.snapshot(exact, seen, probed), switches_per_s=187.3), *size)
    marked = [name for name in ("Thread-1*", "Thread-2*", "Thread-3*") if name in "\n".join(lines)]
    assert marked == ["Thread-2*"]
    assert any(" * sampled" in line for line in lines)
    assert ("CPython" in "".join(lines[:4])) is ("CPython" in "".join(drawn(UNSEEN, *size)[:4]))


def test_the_legend_explains_the_mark() -> None:
    workers = samples.thread(1, 2), replace(samples.thread(2, 2), sampling=SEEN)
    assert [text_of(timeline.legend(width, workers)).rstrip() for width in (120, 98, 78, 58)] == [
        f"* sampled 612/s   {text_of(timeline.legend(120)).rstrip()}",
        "* sampled 612/s   █ running   · GIL   ▒ core   ╳ lock   ~ I/O, sleep   » not begun",
        "* sampled   █ running   · GIL   ▒ core   ╳ lock   ~ I/O, sleep   » not begun",
        "* sampled  █ running  · GIL  ▒ core  ╳ lock  ~ I/O, sleep",
    ]


def test_the_longest_name_has_room_for_the_mark() -> None:
    worker = replace(samples.process(256), sampling=SEEN)
    for several in (False, True):
        width = timeline.names_width(80, several)
        assert width_of(timeline._name(worker, False, width, several)) == width
        assert "Process-256*" in text_of(timeline._name(worker, False, width, several))


def test_what_is_not_known_is_not_shown_as_nothing() -> None:
    worker = replace(samples.thread(1, 2), sampling=SEEN, state=State.UNKNOWN, iterations=0)
    row = text_of(workers.row(worker, workers.table(160), False))
    assert "? unknown" in row
    assert row.split()[-2:] == ["-", "-"]
