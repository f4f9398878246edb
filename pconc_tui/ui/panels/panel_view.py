"""The widget of a panel: draws it when what it depends on has changed, and reports what mouse events mean."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message

from pconc_tui.ui.drawing.line_view import LineView
from pconc_tui.ui.explanations import explanation
from pconc_tui.ui.hints import is_hint, without_hints
from pconc_tui.ui.panels.panel import Frame, Panel


class PanelView(LineView):
    """One panel on the screen."""

    def __init__(self, panel: Panel) -> None:
        super().__init__(type(panel).__name__)
        self.panel = panel
        self._frame: Frame | None = None
        self._inputs: tuple[object, ...] = ()

    def place(self, region: Region | None) -> None:
        """Move to this region of the screen, or hide."""
        self.display = region is not None
        self._inputs = ()
        if region is not None:
            self.styles.offset = region.offset
            self.styles.width, self.styles.height = region.size

    def update(self, frame: Frame, region: Region, inert: frozenset[str]) -> bool:
        """Draw this frame, for a widget that may not have this size yet; True: there is something to paint.

        `inert`: the keys of which no hints are shown.
        """
        self._frame = frame
        depends_on = self.panel.depends_on(frame)
        inert -= self.panel.own_keys
        inputs = region.size, frame.wide, frame.projector, frame.focused, frame.scroll, inert, depends_on
        if depends_on is not None and inputs == self._inputs:
            return False
        self._inputs = inputs
        return self.mark(without_hints(self.panel.lines(frame, *region.size), inert), region.width)

    @property  # type: ignore[misc]
    def tooltip(self) -> Content | None:  # type: ignore[override]
        """What is under the mouse. Textual asks for it once the mouse rests, so it costs nothing before."""
        x, y = self.app.mouse_position - self.region.offset
        if self._frame is None or not 0 <= y < len(self.shown_lines):
            return None
        return explanation(self.panel.explained(self._frame, self.shown_lines, x, y))

    def on_click(self, event: events.Click) -> None:
        # A drag ends with a click too.
        if self._frame and self.text_selection is None and not is_hint(event.style):
            self._post(self.panel.clicked(self._frame, *self.size, event.x, event.y))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._post(self.panel.scrolled(-1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._post(self.panel.scrolled(1))

    def _post(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.post_message(message)
