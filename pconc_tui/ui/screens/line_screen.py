"""A screen of lines, whose text can be selected by dragging the mouse."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from textual.errors import NoWidget
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from pconc_tui.ui.drawing.line_view import LineView

Result = TypeVar("Result")


class LineScreen(Screen[Result]):
    """Tells Textual where in a `LineView` the mouse is. A selection stays in the one in which it was begun.

    Textual finds that in the styles of rendered segments, which would have to be made for every line in every frame.
    """

    def paint(self, views: Collection[LineView]) -> None:
        """Paint now what is marked in these views.

        It is what Textual does after messages from each widget and a timer, which take as long as painting itself.
        """
        if views:
            self._dirty_widgets.update(views)
            self._on_timer_update()

    def text_select_all(self) -> None:
        """Select nothing: Textual calls this on a triple click, which here is three clicks."""

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        began = self._select_state.start.content_widget if self._selecting and self._select_state else None
        try:
            view = began if isinstance(began, LineView) else self.get_widget_at(x, y)[0]
        except NoWidget:
            return None, None
        if not isinstance(view, LineView):
            return super().get_widget_and_offset_at(x, y)
        place = Offset(x, y) - view.region.offset
        width, height = view.size
        return view, Offset(max(0, min(place.x, width)), max(0, min(place.y, height - 1)))
