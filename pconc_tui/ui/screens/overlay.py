"""What all screens over the dashboard have in common."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.errors import NoWidget
from textual.screen import Screen

Result = TypeVar("Result")


class Overlay(Screen[Result]):
    """A screen that closes once, however often it is dismissed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1", "app.help", "help")]
    topic: ClassVar[str] = ""
    """What the help opens at: a topic of the glossary, or one of its pages; empty: its beginning."""

    def on_click(self, event: events.Click) -> None:
        """Close where nothing of it is: outside."""
        # The screen may have become smaller since.
        with suppress(NoWidget):
            if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
                self.dismiss(None)

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        # `Screen.dismiss` closes whichever screen is on top. A second Enter or click may have been sent before the
        # first closed this one, and would then close another screen, or the last one, which ends the app.
        return super().dismiss(result) if self.is_active else AwaitComplete.nothing()  # type: ignore[no-untyped-call]
