"""Textual's command palette, with its faults worked around."""

from __future__ import annotations

from contextlib import suppress

from textual.command import CommandPalette

from pconc_tui.ui.screens.overlay import Overlay


class Palette(CommandPalette, Overlay[None]):
    """The command palette. Textual's ends the app if input arrives before it is laid out, or after it has closed."""

    def _action_command_list(self, action: str) -> None:
        # `OptionList` looks its lines up before they exist: PageDown in a new or empty list raises KeyError.
        with suppress(LookupError):
            super()._action_command_list(action)

    def _gather_commands(self, search_value: str) -> object:  # type: ignore[override]
        # Text that was typed or pasted before it closed would be searched for in widgets that are gone.
        return super()._gather_commands(search_value) if self.is_active else None
