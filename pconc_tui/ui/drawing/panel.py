"""The one widget that live data is drawn with: it is given lines and repaints only what differs from the last ones."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from pconc_tui.ui.drawing.lines import Line


class Panel(Widget):
    """A rectangle of lines. What they say is worked out elsewhere."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Panel { position: absolute; }"

    class Clicked(Message):
        """The mouse was pressed on a cell."""

        def __init__(self, panel: str, x: int, y: int) -> None:
            super().__init__()
            self.panel, self.x, self.y = panel, x, y

    class Wheeled(Message):
        """The mouse wheel was turned: up (-1) or down (+1)."""

        def __init__(self, panel: str, by: int) -> None:
            super().__init__()
            self.panel, self.by = panel, by

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._strips: list[Strip] = []
        self._width = 0

    def show(self, lines: Sequence[Line], width: int) -> None:
        """Draw these lines, each of this width, from now on. The widget may still be about to get this size."""
        old = self._lines
        if len(old) != len(lines) or self._width != width or not self._strips:
            self._lines, self._width = [*lines], width
            self._strips = [self._strip(line) for line in lines]
            self.refresh()
            return
        for y, line in enumerate(lines):
            if line is old[y] or line == old[y]:
                continue
            start, end = _difference(old[y], line, width)
            old[y] = line
            self._strips[y] = self._strip(line)
            self.refresh(Region(start, y, end - start, 1))

    def get_line_filters(self) -> Sequence[LineFilter]:
        # There are no ANSI colours in these lines, so one pass over every cell can be saved.
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]

    def render_line(self, y: int) -> Strip:
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        # Another background may lie under every cell.
        self._strips = [self._strip(line) for line in self._lines]

    def _strip(self, line: Line) -> Strip:
        under = self.background_style
        return Strip([Segment(content, under + style) for content, style in line], self._width)

    @property
    def background_style(self) -> Style:
        return Style(bgcolor=self.background_colors[1].rich_color)

    @property
    def shown(self) -> list[str]:
        """The text of its lines."""
        return [strip.text for strip in self._strips]

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Clicked(self.id or "", event.x, event.y))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Wheeled(self.id or "", -1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Wheeled(self.id or "", 1))


def _difference(old: Line, new: Line, width: int) -> tuple[int, int]:
    """The columns between which two lines of equal width differ, to the run."""
    start = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        start += Segment(after[0]).cell_length
    end = width
    for before, after in zip(reversed(old), reversed(new), strict=False):
        if before != after or end <= start:
            break
        end -= Segment(after[0]).cell_length
    return start, max(end, start + 1)
