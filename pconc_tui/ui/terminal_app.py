"""What the apps have in common: their themes, keys that a click presses, and that they end with a status."""

from __future__ import annotations

import os
from functools import partial

from textual import events
from textual.app import App

from pconc_tui.ui.drawing.themes import DARK, LIGHT


class TerminalApp(App[None]):
    """An app that any thread can end."""

    ending = False
    """Whether `end` has been called."""

    def __init__(self) -> None:
        # With the terminal's own colours and NO_COLOR, Textual sends no colour at all.
        super().__init__(ansi_color="NO_COLOR" in os.environ)
        for each in (DARK, LIGHT):
            self.register_theme(each)
        self.theme = DARK.name

    async def on_event(self, event: events.Event) -> None:
        # While it ends, the app has no screen, and input that has not been handled would raise ScreenStackError.
        if self.screen_stack or not isinstance(event, events.InputEvent):
            await super().on_event(event)

    def end(self, status: int) -> None:
        """Ask the app to end with this exit status. May be called by any thread and signal handler."""
        self.ending = True
        if self._loop:
            self._loop.call_soon_threadsafe(partial(self.exit, return_code=status))

    def close(self) -> None:
        """End what the app has started. May be called by any thread."""

    def action_press(self, keys: str) -> None:
        """Do what these keys do, one after another."""
        # Sent by the app: Textual does not let a message bubble up to a widget that has sent it.
        for key in keys.split():
            self.call_later(self.simulate_key, key)

    def action_theme(self) -> None:
        """Show the light theme, or the dark one again."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name
