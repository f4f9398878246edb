"""The compare screen: its lines without an app, and its keys on the running one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pconc_tui.measurement import Comparison
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Plan
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.drawing.lines import width_of
from pconc_tui.ui.screens import compare
from tests.comparison.comparisons import PY311, PY313T, PY314, THREADS, USUAL
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, shown, text_of, until, with_app

IN_PROGRESS = replace(USUAL, current=THREADS, fraction=0.4, left_s=23.4, results=USUAL.results[:3])
TRYING = replace(USUAL, current=THREADS, fraction=0.0, left_s=None, results=(), scale=None)


def plan_in(controller: FakeController) -> Plan:
    """The plan of the newest request."""
    plan = controller.requests[-1][1]
    assert isinstance(plan, Plan)
    return plan


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20)])
@pytest.mark.parametrize(
    "comparison", [USUAL, IN_PROGRESS, TRYING, None], ids=["ended", "in-progress", "trying", "none"]
)
def test_its_lines_fit_exactly(comparison: Comparison | None, size: tuple[int, int]) -> None:
    for back in (0, 3, 1000):
        lines = compare.lines(comparison, back, *size)
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
def test_the_key_asks_for_the_scope_and_others_cancel_what_it_starts_and_keep_the_rows(key: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("r")
        await until(pilot, lambda: "Start: 4 cases" in on_screen(app))
        assert controller.requests == [("open_lab",)]
        await pilot.press("enter")
        await until(pilot, lambda: controller.requests[-1][0] == "compare")
        models = {case.model for case in plan_in(controller).cases}
        assert models == {"threads", "processes", "free-threaded", "interpreters"}
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
        await shown(pilot, app, "Start:")
        await pilot.press("enter")
        await until(pilot, lambda: controller.requests[-1][0] == "compare")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Compare" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert controller.requests[-1][0] == "compare"

    with_app(replace(samples.THREADS, comparison=USUAL), steps, interpreters=(PY313T, PY314))


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20)])
def test_the_scope_is_chosen_by_key_and_mouse_and_its_time_changes(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._change_settings(lambda settings: settings.with_interpreter(PY311))
        await pilot.press("r")
        await shown(pilot, app, "Start: 4 cases, 3 times each, about 28 s")
        assert "free-threaded under 3.13t" in on_screen(app)
        await pilot.press("up", "space")
        await shown(pilot, app, "Start: 2 cases, 3 times each, about 16 s")
        assert "not under 3.11" in on_screen(app)
        await pilot.press("down", "down", "space")
        await shown(pilot, app, "Start: 7 cases")
        row = next(y for y, line in enumerate(on_screen(app).splitlines()) if " asyncio " in line)
        await pilot.click(offset=(size[0] // 2, row))
        await shown(pilot, app, "Start: 10 cases")
        await pilot.press("end")
        await pilot.press("up", "space")
        await shown(pilot, app, "Start: 30 cases")
        await pilot.press("end", "space")
        await until(pilot, lambda: controller.requests[-1][0] == "compare")
        assert {case.workers for case in plan_in(controller).cases} == {2, 4, 8}

    with_app(samples.THREADS, steps, size, interpreters=(PY311, PY313T, PY314))


def test_nothing_is_compared_where_the_scope_is_left_or_empty() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        for key in ("escape", "q", "r"):
            await pilot.press("r")
            await shown(pilot, app, "Start:")
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("r")
        await shown(pilot, app, "Start:")
        for _ in range(8):
            if "[x]" in on_screen(app):
                row = next(y for y, line in enumerate(on_screen(app).splitlines()) if "[x]" in line)
                await pilot.click(offset=(80, row))
                await pilot.pause()
        await shown(pilot, app, "Nothing to compare")
        await pilot.press("enter")
        await pilot.pause()
        assert "Nothing to compare" in on_screen(app)
        assert controller.requests == [("open_lab",)]

    with_app(samples.THREADS, steps, interpreters=(PY311, PY314))


def test_the_scope_of_the_last_comparison_is_offered_again_until_something_else_is_chosen() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._change_settings(lambda settings: settings.with_interpreter(PY311))
        await pilot.press("r")
        await shown(pilot, app, "Start: 4 cases")
        await pilot.press("up", "space", "enter")
        await until(pilot, lambda: controller.requests[-1][0] == "compare")
        controller.snapshot = replace(samples.THREADS, comparison=USUAL)
        await shown(pilot, app, "done in")
        await pilot.press("r")
        await shown(pilot, app, "Start: 2 cases")
        await pilot.press("escape", "escape", "1", "r")
        await shown(pilot, app, "Start: 4 cases")

    with_app(samples.THREADS, steps, interpreters=(PY311, PY313T, PY314))


def test_the_search_for_interpreters_must_have_ended() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.searching = True
        await pilot.press("r")
        await until(pilot, lambda: any("Still searching" in note.message for note in app._notifications))
        assert controller.requests == [("open_lab",)]

    with_app(samples.THREADS, steps)


def test_the_number_of_cores_is_known_before_the_search_begins() -> None:
    found: list[float] = []

    async def run() -> None:
        controller = FakeController(samples.THREADS)

        def search() -> tuple[Interpreter, ...]:
            found.append(app._dashboard.latest.core_count)
            return ()

        app = PconcApp(lambda: controller, search)
        async with app.run_test() as pilot:
            await until(pilot, lambda: not app.searching)

    asyncio.run(run())
    assert found == [samples.THREADS.core_count]


def test_ctrl_c_over_a_comparison_closes_what_is_on_top_and_quits_only_on_the_dashboard() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("r", "ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 3)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.is_running
        await pilot.press("ctrl+c", "ctrl+c")
        await until(pilot, lambda: not app.is_running)

    with_app(replace(samples.THREADS, comparison=USUAL), steps, interpreters=(PY313T, PY314))
