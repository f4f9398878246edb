"""The dark and the light theme: everything can be read in both."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.drawing import palette
from pconc_tui.ui.drawing.palette import BACKGROUND, LEGEND, LIGHT_BACKGROUND, STATE_STYLES
from pconc_tui.ui.drawing.themes import LEAST_CONTRAST, LIGHT_COLOURS, contrast
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import until, with_app

LEAST_OF_SHAPES = 3.0
"""The contrast that WCAG demands of shapes such as bars."""
SHAPES = {"BORDER", "TROUGH"}
"""Frames and empty bars, which carry nothing that must be read."""


def shown(style: Style, light: bool) -> tuple[Color, Color]:
    """The colours of text, and behind it, in this theme."""
    if light:
        (segment,) = LIGHT_COLOURS.apply([Segment("x", style)], Color.parse(LIGHT_BACKGROUND))
        style = segment.style or style
    back = style.bgcolor.name if style.bgcolor else LIGHT_BACKGROUND if light else BACKGROUND
    return Color.parse(style.color.name if style.color else ""), Color.parse(back)


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
def test_all_text_can_be_read(light: bool) -> None:
    styles = {name: each for name, each in vars(palette).items() if isinstance(each, Style) and each.color}
    assert len(styles) > 12
    for name, style in styles.items():
        if name not in SHAPES:
            assert contrast(*shown(style, light)) >= LEAST_CONTRAST, name
    for colour in ("#8fd9c1", "#e8c4d8", "#777777"):
        assert not light or contrast(*shown(Style(color=colour), light)) >= LEAST_CONTRAST, colour


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
def test_the_states_can_be_told_apart(light: bool) -> None:
    found = {each: shown(STATE_STYLES[each].style, light) for each in LEGEND}
    for state, (text, back) in found.items():
        assert contrast(text, back) >= LEAST_OF_SHAPES, state
    assert len(set(found.values())) == len(LEGEND)


def test_the_key_changes_the_theme_and_back() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        def back() -> object:
            return app._dashboard._views and next(iter(app.screen._compositor.render_strips()[5]._segments)).style

        dark = back()
        await pilot.press("B")
        await until(pilot, lambda: not app.current_theme.dark and back() != dark)
        await pilot.press("B")
        await until(pilot, lambda: app.current_theme.dark and back() == dark)

    with_app(samples.THREADS, steps)
