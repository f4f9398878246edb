"""A page of text in a box."""

from __future__ import annotations

from pconc_tui.ui.drawing.lines import Line, add_title, fit, heading, inner_size, text
from pconc_tui.ui.hints import ESC_CLOSES
from pconc_tui.ui.screens.scroll_screen import ScrollScreen


class Page(ScrollScreen):
    """A title and lines, in the middle of a screen that is wider than `max_width`."""

    def __init__(self, title: str, max_width: int = 150) -> None:
        super().__init__()
        self._title, self._max_width = title, max_width

    def content(self, width: int) -> list[Line]:
        """The lines, each at most `width` cells wide."""
        raise NotImplementedError

    def lines(self, scroll: int, width: int, height: int) -> list[Line]:
        page_width = min(width, self._max_width)
        margin = text(" " * ((width - page_width) // 2))
        content = self._content(width, height)[scroll:]
        page = add_title(content, heading(self._title), ESC_CLOSES, page_width, height, True, True)
        return [fit((*margin, *line), width) for line in page]

    def scroll_limit(self, width: int, height: int) -> int:
        return max(0, len(self._content(width, height)) - inner_size(width, height, True)[1])

    def _content(self, width: int, height: int) -> list[Line]:
        return self.content(inner_size(min(width, self._max_width), height, True)[0])
