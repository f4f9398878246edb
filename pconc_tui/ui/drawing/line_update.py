"""What a terminal is sent for lines that have changed. It leaves out Textual's steps for widgets that overlap.

Those crop and join a strip for each row of each widget: half of the time of a frame in which most rows move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual.color import Color
from textual.filter import LineFilter

from pconc_tui.ui.drawing.lines import Line


class Part(NamedTuple):
    """A part of a row, in cells from the left and rows from the top."""

    y: int
    x: int
    end: int
    sent: str
    """The text with its escape sequences."""


class LineUpdate(CompositorUpdate):
    """Parts of rows, as an update of the screen."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    @property
    def spans(self) -> list[tuple[int, int, int]]:
        """Row, start and end of each part."""
        return [(part.y, part.x, part.end) for part in self._parts]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment(self.render_segments(console))

    def render_segments(self, console: Console) -> str:
        """The sequences for the terminal."""
        return "".join([f"\x1b[{part.y + 1};{part.x + 1}H{part.sent}" for part in self._parts])


class Sequences:
    """The escape sequences before and after text of each style, on one background and through some filters."""

    def __init__(self, background: Color, filters: Sequence[LineFilter], console: Console) -> None:
        self.made_for = background, tuple(filters), console.color_system
        self._background, self._filters, self._console = background, filters, console
        self._known: dict[Style, tuple[str, str]] = {}

    def sent(self, line: Line) -> str:
        """The runs with their sequences."""
        known = self._known
        found = []
        for content, style in line:
            around = known.get(style)
            if around is None:
                around = known[style] = self._around(style)
            found.append(f"{around[0]}{content}{around[1]}")
        return "".join(found)

    def _around(self, style: Style) -> tuple[str, str]:
        segments = [Segment("x", Style(bgcolor=self._background.rich_color) + style)]
        for each in self._filters:
            segments = each.apply(segments, self._background)
        shown = segments[0].style or Style()
        before, _, after = shown.render("x", color_system=self._console._color_system).rpartition("x")
        return before, after
