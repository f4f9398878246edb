"""A screen over the dashboard that is one page of lines, longer than the screen perhaps."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.drawing.lines import Line
from pconc_tui.ui.drawing.panel import Panel


class Reader(Screen[None]):
    """Shows `lines`, which are drawn in one panel: a screen of widgets takes Textual several times as long to open."""

    AUTO_FOCUS = None
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll(-1)", "up"),
        Binding("down", "scroll(1)", "down"),
        Binding("pageup", "scroll(-10)", "page up"),
        Binding("pagedown,space", "scroll(10)", "page down"),
        Binding("home", "scroll(-100000)", "first"),
        Binding("end", "scroll(100000)", "last"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._panel = Panel("page")
        self._back = 0

    def compose(self) -> ComposeResult:
        yield self._panel

    def lines(self, back: int, width: int, height: int) -> list[Line]:
        """The whole screen, scrolled by so many lines."""
        raise NotImplementedError

    def length(self, width: int, height: int) -> int:
        """By how many lines it can be scrolled."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what there is to show now."""
        width, height = self.size
        if width > 0 and height > 0:
            self._back = max(0, min(self._back, self.length(width, height)))
            self._panel.show(self.lines(self._back, width, height), width)

    def on_resize(self) -> None:
        self._panel.styles.width, self._panel.styles.height = self.size
        self.draw()

    def action_scroll(self, by: int) -> None:
        self._back += by
        self.draw()

    def on_panel_wheeled(self, message: Panel.Wheeled) -> None:
        self.action_scroll(3 * message.by)


class LiveReader(Reader):
    """One whose lines change with the newest snapshot."""

    def show(self, snapshot: Snapshot) -> None:
        """Draw a new snapshot."""
        raise NotImplementedError
