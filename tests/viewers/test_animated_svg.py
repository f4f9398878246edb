"""An animated SVG image in browsers: at each time it shows the screenshot of that time, also as an image of a page."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from pconc_tui.ui.animated_svg import animated
from pconc_tui.ui.svg_cells import Screenshot
from pconc_tui.ui.svg_rows import BOXES
from tests.support import eventually
from tests.ui.test_animated_svg import film, text_of
from tests.viewers.browser import Browser

FPS, STILL = 4, 5
README_PICTURE = Path(__file__).parents[2] / "screenshots" / "turns.svg"
_SHOWN = """(() => {
  const origin = [9, 41];
  return [...document.querySelectorAll('g > g > text, svg svg text')].map(text => {
    const at = text.getScreenCTM(), clip = text.closest('svg').parentElement ? text.closest('svg') : null;
    const row = Math.floor(((at.f - origin[1]) / 1.22) / 20);
    const wanted = clip ? Math.round(clip.y.baseVal.value / 20) : row;
    const x = (at.e - origin[0]) / 12.2 + (text.x.baseVal.length ? text.x.baseVal[0].value / 10 : 0);
    return row === wanted ? [row, Math.round(x), text.textContent] : null;
  }).filter(Boolean);
})()"""
"""Row, column and content of each text that is in sight."""


@pytest.fixture(scope="module")
def screenshots() -> list[Screenshot]:
    return film()[0]


@pytest.fixture
def image(screenshots: list[Screenshot], tmp_path: Path) -> Path:
    path = tmp_path / "moving.svg"
    path.write_text(animated(screenshots, FPS, STILL), encoding="utf-8")
    return path


def at_full_size(browser: Browser, screenshot: Screenshot) -> None:
    for name, value in zip(("width", "height"), screenshot.size, strict=True):
        browser.evaluate(f"document.documentElement.setAttribute('{name}', {value})")


def words_of(screenshot: Screenshot) -> str:
    """Its text without what is drawn as shapes."""
    return "".join(" " if character in BOXES else character for character in text_of(screenshot.rows))


def seen(browser: Browser, screenshot: Screenshot) -> str:
    """The text in sight, cell by cell."""
    rows = [[" "] * len(screenshot.rows[0]) for _ in screenshot.rows]
    for row, column, text in browser.evaluate(_SHOWN):
        for at, character in enumerate(text, column):
            if character != " ":
                rows[row][at] = character
    return "\n".join(map("".join, rows))


def test_at_each_time_the_screenshot_of_that_time_is_seen(
    any_browser: type[Browser], image: Path, screenshots: list[Screenshot]
) -> None:
    width, height = screenshots[0].size
    with any_browser(round(width) + 40, round(height) + 200) as browser:
        browser.open(image.as_uri())
        browser.until("document.querySelector('svg') !== null")
        at_full_size(browser, screenshots[0])
        for at, screenshot in enumerate(screenshots):
            time_ms = (at + 0.5) / FPS * 1000
            set_time = f"each.pause(), each.currentTime = {time_ms}"
            browser.evaluate(f"document.getAnimations().forEach(each => ({set_time}))")
            assert seen(browser, screenshot) == words_of(screenshot), at


def page_with(image: Path) -> str:
    """A page that shows the image as README does."""
    page = image.with_suffix(".html")
    page.write_text(f"<body style='margin:0'><img src={json.dumps(image.name)} width=900>")
    return page.as_uri()


LOADED = "document.querySelector('img')?.naturalWidth > 0"


def has_changed(browser: Browser, before: bytes) -> bool:
    return browser.picture() != before


def test_it_moves_as_an_image_of_a_page(any_browser: type[Browser], image: Path, tmp_path: Path) -> None:
    of_readme = Path(shutil.copy(README_PICTURE, tmp_path))
    with any_browser() as browser:
        for each in (image, of_readme):
            browser.open(page_with(each))
            browser.until(LOADED)
            eventually(partial(has_changed, browser, browser.picture()))


def test_it_stands_still_where_no_motion_is_wanted(
    any_browser: type[Browser], image: Path, screenshots: list[Screenshot]
) -> None:
    with any_browser(less_motion=True) as browser:
        browser.open(page_with(image))
        browser.until(LOADED)
        first = browser.picture()
        assert all(browser.picture() == first for _ in range(10))
        browser.open(image.as_uri())
        browser.until("document.querySelector('svg') !== null")
        at_full_size(browser, screenshots[0])
        assert seen(browser, screenshots[STILL]) == words_of(screenshots[STILL])
