"""Textual's list of options, with its faults worked around."""

from __future__ import annotations

from contextlib import suppress

from textual import events
from textual.widgets import OptionList

from pconc_tui.ui.drawing.themes import Themed


class SafeOptionList(OptionList, Themed):
    """A list that ignores input for lines that don't exist yet, or no longer; `OptionList` raises LookupError.

    PageUp and PageDown may come before it is laid out, a click after the line that was clicked has been replaced.
    """

    def action_page_up(self) -> None:
        with suppress(LookupError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        with suppress(LookupError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    async def _on_click(self, event: events.Click) -> None:
        event.prevent_default()  # Textual would call the base class's method too.
        with suppress(LookupError):
            await super()._on_click(event)
