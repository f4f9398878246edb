"""The screen of a comparison: shows the newest one, gives it up or runs it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from pconc_tui.snapshot import Comparison, Snapshot
from pconc_tui.views import comparison
from pconc_tui.views.panel import Panel


class CompareScreen(ModalScreen[None]):
    """Drawn anew when a measurement has come or a second of the time left has passed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "close"),
        Binding("r", "again", "again"),
        Binding("up", "scroll(-1)", "up"),
        Binding("down", "scroll(1)", "down"),
        Binding("pageup", "scroll(-10)", "page up"),
        Binding("pagedown", "scroll(10)", "page down"),
        Binding("home", "scroll(-100000)", "first"),
        Binding("end", "scroll(100000)", "last"),
    ]

    def __init__(self, start: Callable[[], object], give_up: Callable[[], object]) -> None:
        super().__init__()
        self._start, self._give_up = start, give_up
        self._panel = Panel("comparison")
        self._shown: Comparison | None = None
        self._back = 0

    def compose(self) -> ComposeResult:
        yield self._panel

    def on_resize(self) -> None:
        self._panel.styles.width, self._panel.styles.height = self.size
        self._draw()

    def show(self, snapshot: Snapshot) -> None:
        """Draw a new snapshot's comparison."""
        if snapshot.comparison != self._shown:
            self._shown = snapshot.comparison
            self._draw()

    def _draw(self) -> None:
        width, height = self.size
        if width > 0 and height > 0:
            self._panel.show(comparison.lines(self._shown, self._back, width, height), width)

    def action_scroll(self, by: int) -> None:
        self._back = max(0, min(self._back + by, comparison.length(self._shown)))
        self._draw()

    def action_again(self) -> None:
        if self._shown is None or self._shown.current is None:
            self._start()

    def action_leave(self) -> None:
        if self._shown is not None and self._shown.current is not None:
            self._give_up()
        self.dismiss(None)
