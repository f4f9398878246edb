"""The screen of a comparison: shows the newest one, gives it up or runs it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from pconc_tui.snapshot import Comparison, Snapshot
from pconc_tui.ui.drawing.lines import Line
from pconc_tui.ui.panels import comparison
from pconc_tui.ui.screens.reader import LiveReader


class CompareScreen(LiveReader):
    """Drawn anew when a measurement has come or a second of the time left has passed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "close"),
        Binding("r", "again", "again"),
    ]

    def __init__(self, start: Callable[[], object], give_up: Callable[[], object]) -> None:
        super().__init__()
        self._start, self._give_up = start, give_up
        self._shown: Comparison | None = None

    def lines(self, back: int, width: int, height: int) -> list[Line]:
        return comparison.lines(self._shown, back, width, height)

    def length(self, width: int, height: int) -> int:
        return comparison.length(self._shown)

    def show(self, snapshot: Snapshot) -> None:
        """Draw a new snapshot's comparison."""
        if snapshot.comparison != self._shown:
            self._shown = snapshot.comparison
            self.draw()

    def action_again(self) -> None:
        if self._shown is None or self._shown.current is None:
            self._start()

    def action_leave(self) -> None:
        """Give up a comparison in progress, whose rows stay on the screen; else close the screen."""
        if self._shown is not None and self._shown.current is not None:
            self._give_up()
        else:
            self.dismiss(None)
