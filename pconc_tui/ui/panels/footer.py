"""The footer's line: the keys that matter most, as many as fit, each of them to be clicked as well."""

from __future__ import annotations

from functools import lru_cache

from pconc_tui.ui.commands import COMMANDS, Command
from pconc_tui.ui.drawing.lines import Line
from pconc_tui.ui.drawing.palette import DIM, KEY, TEXT


def _size(command: Command) -> int:
    return len(command.key) + len(command.label) + 3


@lru_cache(maxsize=32)
def placed(width: int) -> tuple[tuple[int, Command], ...]:
    """The commands that fit, in the table's order, with the columns at which they start."""
    room = width - 1
    kept: list[Command] = []
    for command in sorted((each for each in COMMANDS if each.footer < 99), key=lambda each: each.footer):
        if _size(command) <= room:
            kept.append(command)
            room -= _size(command)
    at = 1
    places: list[tuple[int, Command]] = []
    for command in COMMANDS:
        if command in kept:
            places.append((at, command))
            at += _size(command)
    return tuple(places)


@lru_cache(maxsize=32)
def line(width: int) -> Line:
    parts: Line = ((" ", TEXT),)
    for _, command in placed(width):
        parts = (*parts, (command.key, KEY), (f" {command.label}  ", DIM))
    return parts


def command_at(x: int, width: int) -> Command | None:
    """The command under the mouse."""
    for start, command in placed(width):
        if start <= x < start + _size(command) - 1:
            return command
    return None
