"""Text is selected by dragging the mouse and copied by Ctrl+C; a click outside a page closes it."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from pconc_tui.ui.app import PconcApp
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, shown, until, with_app


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)


def place_of(app: PconcApp, words: str) -> tuple[int, int]:
    """The column and row at which the words stand."""
    lines = on_screen(app).splitlines()
    return next((line.index(words), y) for y, line in enumerate(lines) if words in line)


def copied(app: PconcApp) -> str:
    return app.clipboard


def test_selected_text_is_copied_by_ctrl_c_which_then_quits_again() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        x, y = place_of(app, "Pid is 11240")
        await drag(pilot, (x, y), (x + len("Pid is 11240") - 1, y))
        await until(pilot, lambda: app.screen.get_selected_text() == "Pid is 11240")
        await pilot.press("ctrl+c")
        await until(pilot, lambda: copied(app) == "Pid is 11240")
        assert not app.screen.selections
        assert app.is_running
        await pilot.press("ctrl+c", "ctrl+c")
        await until(pilot, lambda: not app.is_running)

    with_app(samples.EVERYTHING, steps)


def test_several_lines_are_copied_without_the_frame_and_stay_in_their_panel() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        x, y = place_of(app, "name ")
        await drag(pilot, (x, y), (159, y + 2))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: copied(app))
        rows = copied(app).splitlines()
        assert [row.split()[0] for row in rows] == ["name", "Thread-1", "Thread-2"]
        assert not set("│╭╮╰╯") & set(copied(app))
        assert controller.requests == [("open_lab",)]

    with_app(samples.THREADS, steps)


def test_selected_text_is_shown_in_reverse_until_a_click() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        def reversed_text() -> str:
            return "".join(
                text
                for strip in app.screen._compositor.render_strips()
                for text, style, _ in strip
                if style and style.reverse
            )

        x, y = place_of(app, "Thread-2")
        await drag(pilot, (x, y), (x + 7, y))
        await until(pilot, lambda: reversed_text() == "Thread-2")
        await pilot.click(offset=(x, y))
        await until(pilot, lambda: not reversed_text())

    with_app(samples.THREADS, steps)


def test_a_drag_is_no_click() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        x, y = place_of(app, "t thread")
        await drag(pilot, (x + 10, y), (x, y))
        await until(pilot, lambda: app.screen.selections)
        await pilot.pause()
        assert controller.requests == [("open_lab",)]

    with_app(samples.THREADS, steps)


def test_a_double_and_a_triple_click_select_nothing() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        for times in (2, 3):
            await pilot.click(offset=place_of(app, "Thread-2"), times=times)
            await pilot.pause()
            assert not app.screen.get_selected_text()

    with_app(samples.THREADS, steps)


def test_text_of_a_page_is_copied() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("question_mark")
        await shown(pilot, app, "▸What you see")
        x, y = place_of(app, "How many workers")
        await drag(pilot, (x, y), (x + len("How many workers") - 1, y))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: copied(app) == "How many workers")
        assert len(app.screen_stack) == 2

    with_app(samples.THREADS, steps, (200, 45))


@pytest.mark.parametrize("key", ["question_mark", "o", "e", "D", "ctrl+p"])
def test_a_click_outside_closes_a_page_and_one_inside_does_not(key: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press(key)
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.pause()
        if key != "ctrl+p":
            x, y = place_of(app, "closes")
            await pilot.click(offset=(x - 45, y))  # Beside the hint, on the box.
            assert len(app.screen_stack) == 2
        await pilot.click(offset=(2, 43))
        await until(pilot, lambda: len(app.screen_stack) == 1)

    with_app(samples.THREADS, steps, (200, 45))
