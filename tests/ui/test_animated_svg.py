"""Animated SVG images: read back cell by cell, and small."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from pconc_tui.ui.animated_svg import MAX_BYTES, animated, fitted, patches_of
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.svg_cells import Cell, Row, Screenshot, read
from tests.ui.fakes import FakeController
from tests.ui.samples import MS, NOW, process, snapshot, thread
from tests.ui.screens import on_screen, until

SIZE = 100, 30


def film(seconds: int = 3) -> tuple[list[Screenshot], list[str]]:
    """Screenshots of the real app, and the texts that were on the screen."""
    screenshots, texts = [], []
    controller = FakeController(snapshot())

    async def run() -> None:
        app = PconcApp(lambda: controller)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app._dashboard.latest.now_ns and not app.searching)
            for step in range(seconds * 4):
                now = NOW + step * 250 * MS
                workers = [thread(number, 4, now) for number in (1, 2, 3, 4)] if step % 8 else [process(1, now)]
                controller.snapshot = snapshot(*workers, now_ns=now, cores_busy=1 + step / 100)
                app.tick()
                await pilot.pause()
                screenshots.append(read(app.export_screenshot(title="pconc-tui")))
                texts.append(on_screen(app))

    asyncio.run(run())
    return screenshots, texts


@pytest.fixture(scope="module")
def made() -> tuple[list[Screenshot], list[str]]:
    return film()


def text_of(rows: tuple[Row, ...]) -> str:
    return "\n".join("".join(cell.character for cell in row) for row in rows)


def test_a_screenshot_is_read_back_cell_by_cell(made: tuple[list[Screenshot], list[str]]) -> None:
    for screenshot, text in zip(*made, strict=True):
        assert len(screenshot.rows) == SIZE[1]
        assert {len(row) for row in screenshot.rows} == {SIZE[0]}
        assert text_of(screenshot.rows) == text
    assert len(set(made[1])) > 4


def test_wide_characters_take_two_cells() -> None:
    class Wide(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("日本語 text")

    async def run() -> Screenshot:
        app = Wide()
        async with app.run_test(size=SIZE):
            return read(app.export_screenshot())

    rows = asyncio.run(run()).rows
    row = next(row for row in rows if any(cell.character == "日" for cell in row))
    start = [cell.character for cell in row].index("日")
    assert [cell.character for cell in row[start : start + 9]] == ["日", "", "本", "", "語", "", " ", "t", "e"]


def test_the_patches_over_the_first_screenshot_make_all_others(made: tuple[list[Screenshot], list[str]]) -> None:
    screenshots = made[0]
    for still in (0, 5):
        for at, screenshot in enumerate(screenshots):
            for row, expected in enumerate(screenshot.rows):
                cells = list(screenshots[still].rows[row])
                for patch in patches_of(row, screenshots, still):
                    cells[patch.column : patch.column + patch.width] = patch.versions[patch.shown[at]]
                    assert patch.shown[still] == 0
                assert tuple(cells) == expected


def test_what_changes_often_is_not_drawn_with_what_changes_once() -> None:
    def row(word: str, figure: int) -> Row:
        return tuple(Cell(character, "fill:#fff") for character in f"{word:<30}{figure:>5}")

    words = ["", *["waiting for the GIL"] * 19]
    screenshots = [Screenshot((1, 1), (0, 0), "", (row(word, figure),)) for figure, word in enumerate(words, 100)]
    found = list(patches_of(0, screenshots, 0))
    assert min(len(patch.versions) for patch in found) <= 3
    assert sum(patch.width * len(patch.versions) for patch in found) < 20 * len(screenshots[0].rows[0]) / 4


def test_the_image_is_one_file_without_script(made: tuple[list[Screenshot], list[str]]) -> None:
    image = animated(made[0], fps=4, still=3)
    root = ElementTree.fromstring(image)
    assert not [each.tag for each in root.iter() if each.tag.endswith(("script", "foreignObject", "image"))]
    assert "url(" not in image
    assert set(re.findall(r"https?://[^\"' )]+", image)) == {"http://www.w3.org/2000/svg"}
    assert "animation:3s step-end infinite" in image
    assert len(image) < sum(len(animated([each], 4, 0)) for each in made[0]) / 2


def test_fewer_screenshots_a_second_where_they_would_not_fit() -> None:
    rows = [tuple(Cell(chr(65 + (7 * at + 3 * x) % 50), f"fill:#{x:06x}") for x in range(99)) for at in range(200)]
    screenshots = [Screenshot((1, 1), (0, 0), "", (row,) * 10) for row in rows]
    image = fitted(screenshots, 10, 0)
    assert len(animated(screenshots, 10, 0).encode()) > MAX_BYTES > len(image.encode())
    assert "animation:20s" in image


def test_screenshots_of_two_sizes_are_refused(made: tuple[list[Screenshot], list[str]]) -> None:
    with pytest.raises(ValueError, match="different sizes"):
        animated([made[0][0], replace(made[0][1], size=(1, 1))], 4, 0)


def test_what_is_no_screenshot_is_refused() -> None:
    with pytest.raises(ValueError, match="not a screenshot"):
        read("<svg xmlns='http://www.w3.org/2000/svg'/>")
