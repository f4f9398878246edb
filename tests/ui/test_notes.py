"""The presenter's notes on the screen: whole at small sizes, escaped, in large digits; and what their app does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pconc_tui.presenter import folder
from pconc_tui.presenter.client import NotesClient
from pconc_tui.presenter.page import Page
from pconc_tui.tours import library
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.drawing.lines import width_of
from pconc_tui.ui.notes_app import NotesApp
from pconc_tui.ui.notes_lines import body_size, duration, page_lines, screen
from pconc_tui.ui.tour_notes import TourNotes
from tests.support import LONG_S
from tests.ui.screens import text_of, until
from tests.ui.test_tour import TOUR, asked, revealed

SIZES = [(60, 20), (80, 24), (120, 40)]


class FakeClient(NotesClient):
    """Shows this page, and records the keys."""

    def __init__(self, page: Page | None) -> None:
        super().__init__(lambda: 0.0)
        self.page = page
        self.keys: list[str] = []

    def poll(self) -> None:
        pass

    def send(self, key: str) -> None:
        self.keys.append(key)


def page_of(walk: Walk, used_s: float = 3723) -> Page:
    return Page.of(walk, False, used_s, 65)


def drawn(page: Page, width: int, height: int) -> str:
    """The whole screen as words, each line of which fits exactly."""
    lines = screen(page_lines(page, body_size(width, height)[0]), page, "14:05", 1, width, height)
    assert len(lines) == height
    assert all(width_of(line) == width for line in lines)
    return " ".join("\n".join(map(text_of, lines)).split())


@pytest.mark.parametrize("size", SIZES)
def test_every_step_of_every_tour_can_be_read_whole(size: tuple[int, int]) -> None:
    for tour in library.all_tours():
        for index, step in enumerate(tour.steps):
            page = page_of(replace(Walk.start(tour).at(index), phase=Phase.ASKED if step.question else Phase.SAYING))
            lines = page_lines(page, body_size(*size)[0])
            said = " ".join(" ".join(map(text_of, lines)).split())
            assert all(part in said for part in (" ".join(step.notes.split()), step.say, step.question, *step.answers))
            assert all(width_of(line) <= body_size(*size)[0] for line in lines)
            assert f"{index + 1} of {len(tour.steps)}" in drawn(page, *size)


@pytest.mark.parametrize("size", SIZES)
def test_a_prediction_and_what_does_not_bear_it_out_are_shown(size: tuple[int, int]) -> None:
    assert "1 As long as one 2 ✓ Four times as long" in drawn(page_of(asked()), *size)
    text = drawn(page_of(revealed(1.2)), *size)
    assert "but This run does not bear it out: slowdown > 2.5 (slowdown 1.2)" in text
    assert "2 ✓ Four times as long (locked)" in text


def test_the_time_is_large_where_there_is_room() -> None:
    assert "██" in drawn(page_of(asked()), 80, 24)
    assert "clock 14:05 · time used 1:02:03" in drawn(page_of(asked()), 80, 19)
    assert [duration(each) for each in (0, 65, 3600)] == ["0:00", "1:05", "1:00:00"]


def test_what_a_tour_says_is_escaped() -> None:
    evil = "\x1b[2J\u202e\r"
    page = replace(page_of(asked()), tour=evil, title=evil, say=evil, notes=evil, question=evil, answers=(evil,) * 2)
    text = drawn(page, 80, 24)
    assert text.isprintable()
    assert r"\x1b[2J" in text


def with_notes(client: NotesClient, steps: Callable[[Pilot[None], NotesApp], Awaitable[None]], height: int) -> None:
    async def run() -> None:
        app = NotesApp(client, lambda: datetime(2026, 1, 2, 14, 5))
        async with app.run_test(size=(80, height)) as pilot:
            await steps(pilot, app)

    asyncio.run(run())


def text_on(app: NotesApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def test_keys_and_clicks_drive_the_tour() -> None:
    client = FakeClient(page_of(asked()))

    async def steps(pilot: Pilot[None], app: NotesApp) -> None:
        await until(pilot, lambda: "Four times" in text_on(app))
        for key in ("space", "enter", "right", "pagedown", "left", "pageup", "b", "full_stop", "m", "1", "4"):
            await pilot.press(key)
        rows = text_on(app).splitlines()
        for text in ("As long as one", " back", "blank"):
            y = next(y for y, row in enumerate(rows) if text in row)
            await pilot.click(offset=(rows[y].index(text) + 2, y))
        await until(pilot, lambda: len(client.keys) == 14)

    with_notes(client, steps, 24)
    assert client.keys[:11] == [*["on"] * 4, *["back"] * 2, *["blank"] * 2, "repeat", "answer 1", "answer 4"]
    assert client.keys[11:] == ["answer 1", "back", "blank"]


def test_long_notes_are_scrolled_and_a_new_step_starts_at_their_top() -> None:
    page = replace(page_of(asked()), notes="\n".join(f"line {number}." for number in range(40)))
    client = FakeClient(page)

    async def steps(pilot: Pilot[None], app: NotesApp) -> None:
        await until(pilot, lambda: "line 0." in text_on(app) and "↓ more" in text_on(app))
        await pilot.press(*["down"] * 100)
        await until(pilot, lambda: "next" in text_on(app) and "line 0." not in text_on(app))
        assert "↓ more" not in text_on(app)
        client.poll = lambda: setattr(client, "page", replace(page, number=2))  # type: ignore[method-assign]
        await until(pilot, lambda: "line 0." in text_on(app))

    with_notes(client, steps, 24)


def test_the_time_used_is_that_of_the_tour_and_of_the_step(temp_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    now_s = 100.0
    notes = TourNotes(lambda: now_s, lambda problem: pytest.fail(problem))
    client = NotesClient(lambda: now_s)
    walk: Walk | None = Walk.start(TOUR)

    def used(walk: Walk) -> tuple[int, int] | None:
        notes.exchange(walk, False)
        client.poll()
        return (client.page.used_s, client.page.step_s) if client.page else None

    async def wait(walk: Walk, times: tuple[int, int]) -> None:
        async with asyncio.timeout(LONG_S):
            while used(walk) != times:
                await asyncio.sleep(0)

    assert walk is not None
    asyncio.run(wait(walk, (0, 0)))
    now_s += 2
    asyncio.run(wait(walk, (2, 2)))
    asyncio.run(wait(walk.at(1), (2, 0)))
    now_s += 1
    asyncio.run(wait(walk.at(1), (3, 1)))
    notes.exchange(None, False)
    assert folder.sockets() == []
    client.close()


def test_a_folder_that_can_not_be_used_is_reported_once_a_tour(
    temp_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    folder.folder().touch()
    problems: list[str] = []
    notes = TourNotes(lambda: 0.0, problems.append)
    for _ in range(3):
        assert notes.exchange(Walk.start(TOUR), False) == []
    assert problems == [f"The presenter's notes can't be sent: {folder.folder()} is no folder"]
    notes.exchange(Walk.start(replace(TOUR)), False)
    assert len(problems) == 2
