"""The command palette: all commands by topic, each with its keys. Textual's, with its faults worked around."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.css.query import NoMatches
from textual.errors import NoWidget

from pconc_tui.ui.drawing.palette import DIM, KEY
from pconc_tui.ui.key_bindings import COMMANDS, REPLAY_COMMANDS, WATCH_COMMANDS, Command, key_name
from pconc_tui.ui.screens.option_list import SafeOptionList
from pconc_tui.ui.screens.overlay import Overlay

_gather_commands: Any = CommandPalette._gather_commands.__wrapped__  # type: ignore[attr-defined]
"""Textual's own search, without the worker in which it runs."""


class Commands(Provider):
    """The commands of the dashboard, in the order of the help."""

    async def discover(self) -> Hits:
        for command in self._commands:
            yield DiscoveryHit(_prompt(command), self._run(command), command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands:
            found = f"{command.help} {command.group} {command.label}"
            if (score := matcher.match(found)) > 0:
                yield Hit(score, _prompt(command), self._run(command), command.help)

    @property
    def _commands(self) -> Iterable[Command]:
        """Those that can be given now; those of a recording, or of a program that is watched, first."""
        commands = (*REPLAY_COMMANDS, *WATCH_COMMANDS, *COMMANDS)
        return [each for each in commands if self.app.check_action(each.name, ())]

    def _run(self, command: Command) -> Callable[[], Awaitable[object]]:
        return partial(self.app.screen_stack[0].run_action, command.action)


def _prompt(command: Command) -> Text:
    """`Run      t         One more thread of the chosen experiment`."""
    keys = " ".join(map(key_name, command.keys))
    return Text.assemble((f"{command.group:<8} ", DIM), (f"{keys:<10}", KEY), command.help)


class SafeCommandList(CommandList, SafeOptionList, can_focus=False):
    """The palette's list of commands."""


class Palette(CommandPalette, Overlay[None]):
    """The command palette. Textual's ends the app if input arrives before it is laid out, or after it has closed."""

    def __init__(self) -> None:
        super().__init__([Commands], placeholder="Search for a command …")

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield SafeCommandList() if isinstance(widget, CommandList) else widget

    def _on_click(self, event: events.Click) -> None:  # type: ignore[override]
        event.prevent_default()  # Textual would call the base class's method too.
        with suppress(NoWidget):
            super()._on_click(event)

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        # Text may have been typed or pasted before the palette closed: the widgets to search for it are gone then.
        if self.is_active:
            with suppress(NoMatches):
                await _gather_commands(self, search_value)
