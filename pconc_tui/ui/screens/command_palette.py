"""Textual's command palette, with its faults worked around."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from textual import work
from textual.command import CommandPalette
from textual.css.query import NoMatches

from pconc_tui.ui.screens.overlay import Overlay

_gather_commands: Any = CommandPalette._gather_commands.__wrapped__  # type: ignore[attr-defined]
"""Textual's own search, without the worker in which it runs."""


class Palette(CommandPalette, Overlay[None]):
    """The command palette. Textual's ends the app if input arrives before it is laid out, or after it has closed."""

    def _action_command_list(self, action: str) -> None:
        # `OptionList` looks its lines up before they exist: PageDown in a new or empty list raises KeyError.
        with suppress(LookupError):
            super()._action_command_list(action)

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        # Text may have been typed or pasted before the palette closed: the widgets to search for it are gone then.
        if self.is_active:
            with suppress(NoMatches):
                await _gather_commands(self, search_value)
