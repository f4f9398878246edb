"""Textual's command palette, with its faults worked around."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from textual import work
from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches

from pconc_tui.ui.screens.option_list import SafeOptionList
from pconc_tui.ui.screens.overlay import Overlay

_gather_commands: Any = CommandPalette._gather_commands.__wrapped__  # type: ignore[attr-defined]
"""Textual's own search, without the worker in which it runs."""


class SafeCommandList(CommandList, SafeOptionList, can_focus=False):
    """The palette's list of commands."""


class Palette(CommandPalette, Overlay[None]):
    """The command palette. Textual's ends the app if input arrives before it is laid out, or after it has closed."""

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield SafeCommandList() if isinstance(widget, CommandList) else widget

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        # Text may have been typed or pasted before the palette closed: the widgets to search for it are gone then.
        if self.is_active:
            with suppress(NoMatches):
                await _gather_commands(self, search_value)
