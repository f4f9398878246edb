"""The footer: the most important keys, as many as fit. A click on one runs its command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from textual.message import Message

from pconc_tui.text.glossary import Entry
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import Line, width_of
from pconc_tui.ui.drawing.palette import DIM, KEY, TEXT
from pconc_tui.ui.key_bindings import COMMANDS, Command, key_name
from pconc_tui.ui.panels.panel import CommandClicked, Frame, Panel


class FooterPanel(Panel):
    """One line of keys, the least important ones left out where it is narrow.

    Textual's `Footer` cuts the last keys instead, and mounts a widget for each key: a screen with it takes 87 ms of CPU
    time to open, a screen with this line 13 ms.
    """

    area = Area.FOOT

    def depends_on(self, frame: Frame) -> object:
        return ()

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return [line(width)]

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        command = command_at(x, sum(map(width_of, lines)))
        return Entry(" ".join(map(key_name, command.keys)), command.help) if command else None

    def clicked(self, frame: Frame, width: int, height: int, x: int, y: int) -> Iterable[Message]:
        command = command_at(x, width)
        return [CommandClicked(command)] if command else []


def _width(command: Command) -> int:
    return len(command.key) + len(command.label) + 3


@lru_cache(maxsize=32)
def positions(width: int) -> tuple[tuple[int, Command], ...]:
    """The commands that fit, in the order of the table, each with its first column."""
    room = width - 1
    fitting: list[Command] = []
    ranked = [each for each in COMMANDS if each.footer_rank is not None]
    for command in sorted(ranked, key=lambda each: each.footer_rank or 0):
        if _width(command) <= room:
            fitting.append(command)
            room -= _width(command)
    column = 1
    found: list[tuple[int, Command]] = []
    for command in COMMANDS:
        if command in fitting:
            found.append((column, command))
            column += _width(command)
    return tuple(found)


@lru_cache(maxsize=32)
def line(width: int) -> Line:
    """The footer's line."""
    parts: Line = ((" ", TEXT),)
    for _, command in positions(width):
        parts = (*parts, (command.key, KEY), (f" {command.label}  ", DIM))
    return parts


def command_at(x: int, width: int) -> Command | None:
    """The command at this column: of two keys before one label, such as `- +`, the command of the key that is there."""
    for start, command in positions(width):
        if start <= x < start + _width(command) - 1:
            key = command.key[x - start : x - start + 1] if " " in command.key else ""
            return next((each for each in COMMANDS if key in map(key_name, each.keys)), command)
    return None
