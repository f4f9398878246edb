"""Screens over the dashboard that show lines, which can be scrolled."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.drawing.line_view import LineView
from pconc_tui.ui.drawing.lines import BLANK, Line
from pconc_tui.ui.drawing.palette import FROZEN, TEXT
from pconc_tui.ui.explanations import Explained, explanation
from pconc_tui.ui.screens.line_screen import LineScreen
from pconc_tui.ui.screens.overlay import Overlay


class ScrollScreen(LineScreen[None], Overlay[None]):
    """Shows lines in one widget.

    The help takes 14 ms of CPU time to open, as a `Static` in a `VerticalScroll` 27 ms, as a `DataTable` 50 ms.
    """

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll(-1)", "up"),
        Binding("down", "scroll(1)", "down"),
        Binding("pageup", "scroll(-10)", "page up"),
        Binding("pagedown,space", "scroll(10)", "page down"),
        Binding("home", "scroll(-100000)", "first"),
        Binding("end", "scroll(100000)", "last"),
        Binding("w,ctrl+s", "app.save", "save"),
    ]

    max_width: ClassVar[int] = 1000
    """On a screen that is wider, the lines stand in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self._view = LineView("page")
        self._scroll = 0

    @property  # type: ignore[misc]
    def tooltip(self) -> Content | None:  # type: ignore[override]
        x, y = self.app.mouse_position - self._view.region.offset
        lines = self._view.shown_lines
        if not 0 <= y < len(lines):
            return None
        shown = Explained((self.topic,), lines)
        return explanation(shown.sign_at(x, y) or shown.title_above(x, y))

    def compose(self) -> ComposeResult:
        yield self._view

    def lines(self, scroll: int, width: int, height: int) -> list[Line]:
        """The whole screen, its content scrolled by this many rows."""
        raise NotImplementedError

    def scroll_limit(self, width: int, height: int) -> int:
        """By how many rows the content can be scrolled."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw the present content."""
        width, height = min(self.size.width, self.max_width), self.size.height
        if width > 0 and height > 0:
            self._scroll = max(0, min(self._scroll, self.scroll_limit(width, height)))
            self._view.show(self.lines(self._scroll, width, height), width)

    def on_resize(self) -> None:
        width = min(self.size.width, self.max_width)
        self._view.styles.width, self._view.styles.height = width, self.size.height
        self._view.styles.offset = (self.size.width - width) // 2, 0
        self.draw()

    def action_scroll(self, by: int) -> None:
        self._scroll += by
        self.clear_selection()
        self.draw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.action_scroll(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.action_scroll(3)


class LiveScreen:
    """A screen over the dashboard that shows the newest snapshot."""

    recorded = False
    """Whether the snapshots are of a recording."""

    @property
    def mark(self) -> Line:
        """What its title says besides its name: that it is recorded, if it is."""
        return ((" ", TEXT), (" RECORDED ", FROZEN)) if self.recorded else BLANK

    def show(self, snapshot: Snapshot) -> None:
        """Draw a new snapshot."""
        raise NotImplementedError
