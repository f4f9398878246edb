"""Load by other programs: beside the core bars while it lasts, and as a mark of what was measured under it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pconc_tui.commands import headless, run_report
from pconc_tui.measurement import Disturbance, Measurement
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import scoreboard
from pconc_tui.ui.panels.scoreboard import ScoreboardPanel
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, render, shown, text_of, until, with_app

SIZES = [(250, 70), (160, 45), (120, 35), (80, 24), (60, 20)]
LOADED = Disturbance(1.7, None, 2)
CHOSEN = LaunchSettings().kind


def under(disturbance: Disturbance | None, model: str = "threads") -> Measurement:
    """A measurement of what is chosen at first, or in another model."""
    return samples.measurement(model, python=CHOSEN.python, disturbance=disturbance)


@pytest.mark.parametrize("projector", [False, True], ids=["panels", "projector"])
@pytest.mark.parametrize("size", SIZES)
def test_a_result_that_was_measured_under_load_is_marked_with_the_key_that_repeats_it(
    size: tuple[int, int], projector: bool
) -> None:
    state = DashboardState(projector=projector)
    marked = "\n".join(render(samples.snapshot(measurements=(under(LOADED),)), *size, state))
    assert "m repeats it" in marked
    assert "other programs used 1.70 cores meanwhile" in marked or "load" in marked
    assert "Four runs took 4.0 times as long as one" in marked, "the sentence is not cut"
    quiet = "\n".join(render(samples.snapshot(measurements=(under(Disturbance(0.1, None, 2)),)), *size, state))
    assert "repeats it" not in quiet


@pytest.mark.parametrize("size", SIZES)
def test_the_scoreboard_marks_each_and_names_the_key_for_what_is_chosen(size: tuple[int, int]) -> None:
    processes = under(LOADED, model="processes")
    found = scoreboard.lines((processes, under(LOADED)), 4, size[0] // 2, 20, CHOSEN)
    text = " ".join(" ".join(map(text_of, found)).split())
    assert text.count("other programs used 1.70 cores meanwhile") == 2
    assert text.count("m repeats it") == 1
    assert text.count(": repeat it") == 1
    assert text.index("m repeats it") < text.index(": repeat it"), "the newest is first"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("focused", [None, ScoreboardPanel], ids=["headline", "scoreboard"])
def test_a_click_on_the_mark_repeats_the_measurement(size: tuple[int, int], focused: type | None) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        if focused:
            app._dashboard.change(replace(app._dashboard.state, focused=ScoreboardPanel))
        await shown(pilot, app, "m repeats it")
        rows = on_screen(app).splitlines()
        places = [(line.index("m repeats it"), y) for y, line in enumerate(rows) if "m repeats it" in line]
        for x, y in places[-1:] if focused else places[:1]:
            await pilot.click(offset=(x + 3, y))
        await until(pilot, lambda: controller.requests[-1][0] == "measure")

    with_app(samples.snapshot(measurements=(under(LOADED),)), steps, size)


@pytest.mark.parametrize("size", SIZES)
def test_what_other_programs_use_now_stands_beside_the_core_bars(size: tuple[int, int]) -> None:
    for others, is_shown in ((1.7, True), (0.1, False)):
        found = render(samples.snapshot(samples.thread(1, 1), others=others), *size)
        title = next(line for line in found if "cores busy" in line and "Cores" in line)
        assert (f"other programs {others:.2f}" in title or f"others {others:.2f}" in title) is is_shown


def test_run_marks_it_too(monitor: Monitor) -> None:
    request = Request("cpu-bound", "calls", "threads", 2, 0.02)
    found = headless.measure(monitor, request, headless.ProgressReport(), headless.EarlyEnd(None))
    loaded = replace(found, measurement=replace(found.measurement, disturbance=LOADED))
    lines = run_report.as_text(loaded).splitlines()
    place = lines.index("other programs used 1.70 cores meanwhile: repeat it")
    assert lines[place - 1].startswith("One run took"), "right below the result"
    quiet = replace(found, measurement=replace(found.measurement, disturbance=None))
    assert "repeat it" not in run_report.as_text(quiet)
