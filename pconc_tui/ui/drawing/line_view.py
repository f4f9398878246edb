"""The widget that all live data is drawn with. It is given lines and repaints only the cells that changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip

from pconc_tui.ui.drawing.line_update import Part, Sequences
from pconc_tui.ui.drawing.lines import Line
from pconc_tui.ui.drawing.themes import Themed

SELECTED = Style(reverse=True)
_FRAME = re.compile(r"^(│ |[╭╰]─* ?)|([ ─]+[╮╯]| │)$")


class Runs(NamedTuple):
    """Those of a line that have changed, and the cells that they take."""

    first: int
    last: int
    """The one after them."""
    x: int
    end: int


class LineView(Themed):
    """A rectangle of lines."""

    DEFAULT_CSS = "LineView { position: absolute; }"

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._strips: list[Strip | None] = []
        """Of each line, once Textual has asked for it."""
        self._width = 0
        self._changed: dict[int, Runs] = {}
        """By row, the runs that the screen's next `paint` shows."""
        self._sequences: Sequences | None = None

    def show(self, lines: Sequence[Line], width: int) -> None:
        """Show these lines, each `width` cells wide. The widget may not have been resized to that yet."""
        if self._take(lines, width):
            self.refresh(*self._regions())

    def mark(self, lines: Sequence[Line], width: int) -> bool:
        """Have these lines shown by the screen's next `paint`; False: they are shown already.

        Textual's `refresh` has the widget wake up, send a message, and the screen wait for a timer.
        """
        return self._take(lines, width)

    def _take(self, lines: Sequence[Line], width: int) -> bool:
        """Have these lines from now on; whether they differ from those before."""
        old = self._lines
        if len(old) != len(lines) or self._width != width:
            self._lines, self._width = [*lines], width
            self._strips = [None] * len(lines)
            self._changed = {y: Runs(0, len(line), 0, width) for y, line in enumerate(lines)}
            return True
        self._changed = {}
        for y, line in enumerate(lines):
            if line is not old[y] and line != old[y]:
                self._changed[y] = _differing(old[y], line, width)
                old[y], self._strips[y] = line, None
        return bool(self._changed)

    def mark_dirty(self) -> None:
        """Have Textual paint what has changed, by its own steps."""
        self._set_dirty(*self._regions())

    def _regions(self) -> list[Region]:
        """What has changed; none for all of it. Textual writes a line from its left end."""
        if len(self._changed) == len(self._lines):
            return []
        return [Region(0, y, runs.end, 1) for y, runs in self._changed.items()]

    def parts(self, region: Region) -> list[Part] | None:
        """What has changed, for the terminal, in this region of the screen; None: only Textual can draw it."""
        marked = self.text_selection is not None or "@click" in self.hover_style.meta
        if marked or region.size != (self._width, len(self._lines)):
            return None
        made_for = self.background_colors[1], tuple(self.get_line_filters()), self.app.console.color_system
        if self._sequences is None or self._sequences.made_for != made_for:
            self._sequences = Sequences(*made_for[:2], self.app.console)
        # Textual may draw these rows later, together with others.
        self._styles_cache.set_dirty(*(Region(0, y, self._width, 1) for y in self._changed))
        x, y, sent = region.x, region.y, self._sequences.sent
        return [
            Part(y + row, x + runs.x, x + runs.end, sent(self._lines[row][runs.first : runs.last]))
            for row, runs in self._changed.items()
        ]

    @property
    def shown_lines(self) -> Sequence[Line]:
        """The lines as they are shown now."""
        return self._lines

    def get_line_filters(self) -> Sequence[LineFilter]:
        # These lines have no ANSI colours, so this saves a pass over every cell.
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]

    def render_line(self, y: int) -> Strip:
        strip = self._strip(y) if y < len(self._strips) else Strip.blank(self.size.width)
        span = self.text_selection.get_span(y) if self.text_selection else None
        if span is None:
            return strip
        start, end = span[0], self._width if span[1] < 0 else span[1]
        selected = (Segment(text, (style or Style()) + SELECTED) for text, style, _ in strip.crop(start, end))
        return Strip.join([strip.crop(0, start), Strip(selected), strip.crop(end, self._width)])

    def text_select_all(self) -> None:
        """Select nothing: Textual calls this on a double click, which here is two clicks."""

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """The selected text as it is on the screen now, without frames, and what ends it."""
        spans = ((self._strip(y), selection.get_span(y)) for y in range(len(self._strips)))
        rows = (strip.crop(span[0], None if span[1] < 0 else span[1]).text for strip, span in spans if span)
        return "\n".join(_FRAME.sub("", row).rstrip() for row in rows), "\n"

    def notify_style_update(self) -> None:
        super().notify_style_update()
        # The background may have changed.
        self._strips = [None] * len(self._lines)

    def _strip(self, y: int) -> Strip:
        """This line on the background."""
        strip = self._strips[y]
        if strip is None:
            background = Style(bgcolor=self.background_colors[1].rich_color)
            segments = [Segment(content, _on(background, style)) for content, style in self._lines[y]]
            strip = self._strips[y] = Strip(segments, self._width)
        return strip


@lru_cache(maxsize=1024)
def _on(background: Style, style: Style) -> Style:
    return background + style


def _differing(old: Line, new: Line, width: int) -> Runs:
    """The runs in which the new line differs from the old one, which is as wide."""
    first, x = 0, 0
    for before, after in zip(old, new, strict=False):
        if before is not after and before != after:
            break
        first += 1
        x += cell_len(after[0])
    last, end = len(new), width
    for before, after in zip(reversed(old[first:]), reversed(new[first:]), strict=False):
        if before is not after and before != after:
            break
        last -= 1
        end -= cell_len(after[0])
    return Runs(first, last, x, end)
