"""The dark and the light theme. What is drawn in the dark one's colours is shown in the light one's by a filter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme
from textual.widget import Widget

from pconc_tui.ui.drawing.palette import BACKGROUND, LIGHT_BACK, LIGHT_BACKGROUND, LIGHT_TEXT, ORANGE, SKY, VERMILLION

LEAST_CONTRAST = 4.5
"""Of text and what is behind it, as WCAG demands it."""
DARK = Theme(
    "dark",
    primary=SKY,
    warning=ORANGE,
    error=VERMILLION,
    background=BACKGROUND,
    surface="#161d26",
    panel="#161d26",
    foreground="#d6dde4",
    variables={"projector": "#000000", "behind": "#05070a", "dim": "#8b96a1", "bright": "#ffffff"},
)
LIGHT = Theme(
    "light",
    primary=LIGHT_TEXT[SKY],
    warning=LIGHT_TEXT[ORANGE],
    error=LIGHT_TEXT[VERMILLION],
    background=LIGHT_BACKGROUND,
    surface="#eef2f6",
    panel="#eef2f6",
    foreground="#1f2328",
    dark=False,
    variables={
        "projector": "#ffffff",
        "behind": "#d0d7de",
        "dim": "#59636e",
        "bright": "#000000",
        "block-cursor-background": "#cfe4f7",
        "block-cursor-foreground": "#000000",
    },
)


class LightColours(LineFilter):
    """Shows what is drawn in the colours of the dark theme in those of the light one."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, _light(style) if style else style, control) for text, style, control in segments]


LIGHT_COLOURS = LightColours()


class Themed(Widget):
    """A widget that draws in the colours of the dark theme."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        found = super().get_line_filters()
        return found if self.app.current_theme.dark else [LIGHT_COLOURS, *found]


@lru_cache(maxsize=1024)
def _light(style: Style) -> Style:
    back = _hex(style.bgcolor.name if style.bgcolor else None, LIGHT_BACK)
    text = _hex(style.color.name if style.color else None, LIGHT_TEXT)
    return style + Style(color=text and _readable(text, back or LIGHT_BACKGROUND), bgcolor=back)


def _hex(colour: str | None, light: dict[str, str]) -> str | None:
    return colour and light.get(colour, colour)


def _readable(text: str, back: str) -> str:
    """The colour, darker if it is none of the palette and can't be read on this."""
    colour, behind = Color.parse(text), Color.parse(back)
    if text in LIGHT_TEXT.values():
        return text
    while colour.rgb != (0, 0, 0) and behind.brightness > 0.5 and contrast(colour, behind) < LEAST_CONTRAST:
        colour = colour.darken(0.05)
    return colour.hex6.lower()


def contrast(one: Color, other: Color) -> float:
    """The ratio of their luminances, 1 to 21, by WCAG."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
