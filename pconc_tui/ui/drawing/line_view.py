"""The widget that all live data is drawn with. It is given lines and repaints only the cells that changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip

from pconc_tui.ui.drawing.lines import Line
from pconc_tui.ui.drawing.themes import Themed

SELECTED = Style(reverse=True)
_NEW = tuple.__new__
_FRAME = re.compile(r"^(│ |[╭╰]─* ?)|([ ─]+[╮╯]| │)$")


class LineView(Themed):
    """A rectangle of lines."""

    DEFAULT_CSS = "LineView { position: absolute; }"

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._strips: list[Strip] = []
        self._width = 0

    def show(self, lines: Sequence[Line], width: int) -> None:
        """Show these lines, each `width` cells wide. The widget may not have been resized to that yet."""
        if (regions := self._taken(lines, width)) is not None:
            self.refresh(*regions)

    def mark(self, lines: Sequence[Line], width: int) -> bool:
        """Have these lines shown by the screen's next `paint`; False: they are shown already.

        Textual's `refresh` has the widget wake up, send a message, and the screen wait for a timer.
        """
        if (regions := self._taken(lines, width)) is None:
            return False
        self._set_dirty(*regions)
        return True

    def _taken(self, lines: Sequence[Line], width: int) -> list[Region] | None:
        """The regions that these lines change, none for all; None: nothing has changed."""
        old = self._lines
        if len(old) != len(lines) or self._width != width or not self._strips:
            self._lines, self._width = [*lines], width
            self._strips = self._made(lines)
            return []
        changed = [y for y, line in enumerate(lines) if line is not old[y] and line != old[y]]
        regions: list[Region] = []
        for y, strip in zip(changed, self._made([lines[y] for y in changed]), strict=True):
            regions.append(Region(0, y, _changed_width(old[y], lines[y], width), 1))
            old[y], self._strips[y] = lines[y], strip
        return regions or None

    @property
    def shown_lines(self) -> Sequence[Line]:
        """The lines as they are shown now."""
        return self._lines

    def get_line_filters(self) -> Sequence[LineFilter]:
        # These lines have no ANSI colours, so this saves a pass over every cell.
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]

    def render_line(self, y: int) -> Strip:
        strip = self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)
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
        spans = ((strip, selection.get_span(y)) for y, strip in enumerate(self._strips))
        rows = (strip.crop(span[0], None if span[1] < 0 else span[1]).text for strip, span in spans if span)
        return "\n".join(_FRAME.sub("", row).rstrip() for row in rows), "\n"

    def notify_style_update(self) -> None:
        super().notify_style_update()
        # The background may have changed.
        self._strips = self._made(self._lines)

    def _made(self, lines: Sequence[Line]) -> list[Strip]:
        """The lines on the background."""
        if not lines:
            return []
        background = Style(bgcolor=self.background_colors[1].rich_color)
        made: dict[Line, Strip] = {}
        found: list[Strip] = []
        for line in lines:
            # The rows of a lane are often alike, and making a strip takes longer than finding one.
            strip = made.get(line)
            if strip is None:
                # `Segment(...)` takes three times as long.
                segments = [_NEW(Segment, (content, _on(background, style), None)) for content, style in line]
                strip = made[line] = Strip(segments, self._width)
            found.append(strip)
        return found


@lru_cache(maxsize=1024)
def _on(background: Style, style: Style) -> Style:
    return background + style


def _changed_width(old: Line, new: Line, width: int) -> int:
    """The columns from the left in which two lines of equal width differ: Textual writes a line from its left end.

    All of them where they differ in most: a whole strip is written faster than a part, and only once for several rows.
    """
    same = 0
    for before, after in zip(reversed(old), reversed(new), strict=False):
        if before != after:
            break
        same += cell_len(after[0])
    return width if 2 * same < width else max(1, width - same)
