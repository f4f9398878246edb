"""The compare screen: its lines without an app, and its keys on the running one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pconc_tui.measurement import Comparison
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.drawing.lines import width_of
from pconc_tui.ui.screens import compare
from tests.comparison.comparisons import PY313T, PY314, THREADS, USUAL
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, text_of, until, with_app

IN_PROGRESS = replace(USUAL, current=THREADS, fraction=0.4, left_s=23.4, results=USUAL.results[:3])
TRYING = replace(USUAL, current=THREADS, fraction=0.0, left_s=None, results=(), scale=None)


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20)])
@pytest.mark.parametrize("shown", [USUAL, IN_PROGRESS, TRYING, None], ids=["ended", "in-progress", "trying", "none"])
def test_its_lines_fit_exactly(shown: Comparison | None, size: tuple[int, int]) -> None:
    for back in (0, 3, 1000):
        lines = compare.lines(shown, back, *size)
        assert len(lines) == size[1]
        assert {width_of(line) for line in lines} == {size[0]}


def test_an_ended_comparison_shows_verdict_table_and_chart() -> None:
    found = "\n".join(text_of(line) for line in compare.lines(USUAL, 0, 160, 45))
    for words in (
        "Threads under 3.14: speed-up 1.02 with 4 workers",
        "interpreters",
        "MiB",
        "speed-up: N × one run / N runs",
    ):
        assert words in found


def test_one_in_progress_shows_how_far_it_is() -> None:
    found = "\n".join(text_of(line) for line in compare.lines(IN_PROGRESS, 0, 80, 24))
    assert "3.14 threads 4" in found
    assert "40%  23 s left" in found
    assert "Esc cancels" in found
    assert "finding a scale" in "\n".join(text_of(line) for line in compare.lines(TRYING, 0, 80, 24))


def test_the_table_scrolls_to_its_end_and_its_header_stays() -> None:
    found = [text_of(line) for line in compare.lines(USUAL, 1000, 80, 20)]
    assert any("3.13t   free-threaded" in line for line in found)
    assert sum("vs best" in line for line in found) == 1
    assert "scroll" in found[0]


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+c"])
def test_the_key_compares_everything_and_others_cancel_it_and_keep_the_rows(key: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("r")
        await until(pilot, lambda: controller.requests[-1][0] == "compare")
        plan = controller.requests[-1][1]
        assert {case.python for case in plan.cases} == {PY313T, PY314}  # type: ignore[attr-defined]
        controller.snapshot = replace(samples.THREADS, comparison=IN_PROGRESS)
        await until(pilot, lambda: "23 s left" in on_screen(app))
        await pilot.press("r", key)
        await until(pilot, lambda: controller.requests[-1] == ("stop_all",))
        given_up = replace(IN_PROGRESS, current=None, problem="it was given up")
        controller.snapshot = replace(samples.THREADS, comparison=given_up)
        await until(pilot, lambda: "incomplete: it was given up after 8 s" in on_screen(app))
        assert "3.14    threads" in on_screen(app)
        await pilot.press(key)
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("r")
        await until(pilot, lambda: "incomplete: it was given up after 8 s" in on_screen(app))
        assert [request[0] for request in controller.requests].count("stop_all") == 1

    with_app(samples.THREADS, steps, interpreters=(PY313T, PY314))


def test_an_ended_one_is_shown_and_run_again_when_asked() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("r")
        await until(pilot, lambda: "Threads under 3.14: speed-up 1.02" in on_screen(app))
        assert controller.requests == [("open_lab",)]
        await pilot.press("end", "up", "r")
        await until(pilot, lambda: controller.requests[-1][0] == "compare")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Compare" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert controller.requests[-1][0] == "compare"

    with_app(replace(samples.THREADS, comparison=USUAL), steps, interpreters=(PY313T, PY314))


def test_the_search_for_interpreters_must_have_ended() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.searching = True
        await pilot.press("r")
        await until(pilot, lambda: any("Still searching" in note.message for note in app._notifications))
        assert controller.requests == [("open_lab",)]

    with_app(samples.THREADS, steps)


def test_ctrl_c_over_a_comparison_closes_what_is_on_top_and_quits_only_on_the_dashboard() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("r", "ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 3)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.is_running
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)

    with_app(replace(samples.THREADS, comparison=USUAL), steps, interpreters=(PY313T, PY314))
