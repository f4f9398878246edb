"""The user's own function on the dashboard: chosen, launched, its code shown, its lanes marked as sampled."""

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
from pconc_tui.ui.drawing.legend import legend
from pconc_tui.ui.drawing.lines import width_of
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import worker_columns, workers
from pconc_tui.ui.panels.timeline import lane_label, names_width
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, render, text_of, until, with_app

SOURCE = "import time\n\n\ndef other():\n    pass\n\n\n@cache\ndef crunch(index):\n    return index\n"
SAMPLING = Sampling(612.4, False, None)
REPORTED = replace(samples.snapshot(*(samples.thread(number, 3) for number in (1, 2, 3))), switches_per_s=187.3)


@pytest.fixture(autouse=True)
def function() -> Iterator[FunctionExperiment]:
    made = FunctionExperiment(
        "work.py:crunch", "", "crunch in work.py", ALL_MODELS, {"crunch": print}, "Yours.", text=SOURCE, lines=(8, 10)
    )
    experiments.add(made)
    yield made
    experiments._user_functions.clear()


def test_it_is_chosen_and_launched() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        assert "next: a thread of work.py:crunch" in on_screen(app)
        await pilot.press("t", "p", "m")
        await pilot.press("2")
        assert app.settings.experiment_id == "cpu-bound"
        await pilot.press("e")
        await until(pilot, lambda: "crunch in work.py" in on_screen(app))
        assert " a work.py:crunch" in on_screen(app)
        await pilot.press("a")
        await until(pilot, lambda: app.settings.experiment_id == "work.py:crunch")

    requests = with_app(samples.snapshot(), steps, experiment="work.py:crunch").requests
    chosen = "work.py:crunch", "crunch"
    assert ("launch", *chosen, "threads") in requests
    assert ("launch", *chosen, "processes") in requests
    assert ("measure", *chosen, "processes", 4) in requests


def test_its_code_is_shown_from_the_function_on() -> None:
    settings = LaunchSettings().with_experiment("work.py:crunch")
    screen = "\n".join(render(samples.snapshot(), 160, 45, DashboardState(settings)))
    assert "▌ def crunch(index):" in screen
    assert "Yours." in screen


def test_another_function_with_the_same_name_replaces_its_code(function: FunctionExperiment) -> None:
    settings = LaunchSettings().with_experiment("work.py:crunch")
    other = replace(function, text="def crunch(index):\n    return 'other'\n", lines=(1, 2))
    for each in (function, other, function):
        experiments.add(each)
        screen = "\n".join(render(samples.snapshot(), 160, 45, DashboardState(settings)))
        assert "▌ def crunch(index):" in screen
        assert ("return 'other'" in screen) == (each is other)


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20)])
def test_sampled_lanes_have_a_mark(size: tuple[int, int]) -> None:
    exact, seen, probed = (samples.thread(number, 3) for number in (1, 2, 3))
    seen = replace(seen, sampling=SAMPLING, source="sampled")
    probed = replace(probed, sampling=SAMPLING._replace(calls_probe=True))
    lines = render(replace(samples.snapshot(exact, seen, probed), switches_per_s=187.3), *size)
    marked = [name for name in ("Thread-1*", "Thread-2*", "Thread-3*") if name in "\n".join(lines)]
    assert marked == ["Thread-2*"]
    assert any(" * sampled" in line for line in lines)
    assert ("CPython" in "".join(lines[:4])) is ("CPython" in "".join(render(REPORTED, *size)[:4]))


def test_the_legend_explains_the_mark() -> None:
    workers = samples.thread(1, 2), replace(samples.thread(2, 2), sampling=SAMPLING, source="sampled")
    assert [text_of(legend(width, workers)).rstrip() for width in (120, 98, 78, 58)] == [
        f"* sampled 612/s   {text_of(legend(106)).rstrip()}",
        "* sampled 612/s  █ running  waiting for · the GIL  ▒ a core  ╳ a lock  ~ I/O, sleep  » starting",
        "* sampled  █ running  waiting for · the GIL  ▒ a core  ╳ a lock  ~ I/O, sleep",
        "* sampled  █ running  waiting for · the GIL  ▒ a core",
    ]


def test_the_longest_name_has_room_for_the_mark() -> None:
    worker = replace(samples.process(256), sampling=SAMPLING, source="sampled")
    for python, several in (("3.13.0", False), ("3.14.0", True)):
        width = names_width(80, (worker, replace(worker, python=python)))
        assert width_of(lane_label(worker, False, width, several)) == width
        assert "Process-256*" in text_of(lane_label(worker, False, width, several))


def test_unknown_state_and_iterations_are_shown_as_unknown() -> None:
    worker = replace(samples.thread(1, 2), sampling=SAMPLING, state=State.UNKNOWN, iterations=0)
    row = text_of(workers.row(worker, worker_columns.fit_columns(160), False))
    assert "? unknown" in row
    assert row.split()[-2:] == ["-", "-"]
