"""A page of text in a box."""

from __future__ import annotations

from typing import ClassVar

from pconc_tui.ui.drawing.lines import Line, add_title, heading, inner_size
from pconc_tui.ui.hints import ESC_CLOSES
from pconc_tui.ui.screens.scroll_screen import ScrollScreen


class Page(ScrollScreen):
    """A title and lines."""

    max_width = 150
    keys: ClassVar[Line] = ESC_CLOSES
    """At the right of the title."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def content(self, width: int) -> list[Line]:
        """The lines, each at most `width` cells wide."""
        raise NotImplementedError

    def title_line(self) -> Line:
        """The line at the top of the box."""
        return heading(self._title)

    def lines(self, scroll: int, width: int, height: int) -> list[Line]:
        content = self._content(width, height)[scroll:]
        return add_title(content, self.title_line(), self.keys, width, height, True, True)

    def scroll_limit(self, width: int, height: int) -> int:
        return max(0, len(self._content(width, height)) - inner_size(width, height, True)[1])

    def _content(self, width: int, height: int) -> list[Line]:
        return self.content(inner_size(width, height, True)[0])
