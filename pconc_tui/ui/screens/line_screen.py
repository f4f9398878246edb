"""A screen of lines, whose text can be selected by dragging the mouse."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from textual.errors import NoWidget
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from pconc_tui.ui.drawing.line_update import LineUpdate, Part
from pconc_tui.ui.drawing.line_view import LineView

Result = TypeVar("Result")


class LineScreen(Screen[Result]):
    """Reports to Textual where in a `LineView` the mouse is. A selection stays in the one in which it started.

    Textual finds that in the styles of rendered segments, which would have to be made for every line in every frame.
    """

    def paint(self, views: Collection[LineView]) -> None:
        """Paint now what is marked in these views.

        Textual does it after messages from each widget and a timer, which take as long as painting itself.
        """
        if not views:
            return
        update = self._directly(views)
        if update is not None:
            self.app._display(self, update)
            return
        for view in views:
            view.mark_dirty()
        self._dirty_widgets.update(views)
        self._on_timer_update()

    def _directly(self, views: Collection[LineView]) -> LineUpdate | None:
        """What is marked in these views, where nothing lies over them and nothing else waits to be drawn; else None."""
        app, compositor = self.app, self._compositor
        waits = self._layout_required or self._scroll_required or self._repaint_required or self._recompose_required
        if waits or self._dirty_widgets or self._callbacks or compositor._dirty_regions:
            return None
        if not self.is_current or app.is_inline or app._batch_count:
            return None
        visible = compositor.visible_widgets
        if any(not isinstance(each, LineView) and each is not self for each in visible):
            return None
        found: list[Part] = []
        for view in views:
            region, clip = visible.get(view, (None, None))
            parts = view.parts(region) if region and clip and clip.contains_region(region) else None
            if parts is None:
                return None
            found += parts
        return LineUpdate(found)

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
