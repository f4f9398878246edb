"""Tables of text with columns of fixed widths, which drop the least important columns where the table is too wide.

`rich.table` can't do this: it shortens or wraps the cells of all columns but never drops one by rank, and importing it
takes 35 ms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Generic, TypeVar
from unicodedata import category, east_asian_width

T = TypeVar("T")


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column: its title, and the text that it shows of a `T`, the subject of a row."""

    title: str
    width: int
    """In terminal cells."""
    rank: int
    """The column of the highest rank is dropped first; one of rank 1 is never dropped."""
    value: Callable[[T], str]
    left: bool = False
    """Whether it is aligned to the left; numbers are aligned to the right."""


def fitting(columns: Iterable[Column[T]], width: int, gap: int = 1) -> tuple[Column[T], ...]:
    """The columns that fit a width; of two with the same rank, the right one is dropped first."""
    shown = list(columns)
    while total_width(shown, gap) > width:
        last = max(reversed(shown), key=lambda column: column.rank)
        if last.rank == 1:
            break
        shown.remove(last)
    return tuple(shown)


def total_width(columns: Iterable[Column[T]], gap: int = 1) -> int:
    """The width of the table in cells, with a gap after each column."""
    return sum(column.width + gap for column in columns)


def header(columns: Sequence[Column[T]], gap: int = 1) -> str:
    """The columns' titles."""
    return (" " * gap).join(aligned(column.title, column) for column in columns).rstrip()


def row(columns: Sequence[Column[T]], subject: T, gap: int = 1) -> str:
    """The values of one row; a value wider than its column moves the rest of the row to the right."""
    return (" " * gap).join(aligned(column.value(subject), column) for column in columns).rstrip()


def aligned(text: str, column: Column[T]) -> str:
    """The text padded to the column's width."""
    padding = " " * (column.width - display_width(text))
    return text + padding if column.left else padding + text


def wrapped(text: str, width: int | None, indent: int = 0) -> list[str]:
    """The text on as many lines as it needs to fit `width` cells, at least one; no word is cut. None: on one line.

    Lines after the first begin with `indent` spaces.
    """
    if width is None or display_width(text) <= width:
        return [text]
    room = max(width, indent + 8)
    return wrap(text, room, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False) or [""]


_NUMBERED = re.compile(r"(.*-\d+) \(.*$")
"""Of a thread without a name of its own, since CPython 3.10 with the function that it executes; the system cuts it."""


def cut(text: str, width: int) -> str:
    """The text, cut to a width in cells; an ellipsis shows that it was cut."""
    if display_width(text) <= width:
        return text
    kept = text[: width - 1]
    while display_width(kept) >= width:
        kept = kept[:-1]
    return f"{kept}…"


def cut_inside(text: str, width: int) -> str:
    """The text, cut to a width in cells, its end kept: names of threads differ there."""
    kept = width * 2 // 5
    if display_width(text) <= width or not text.isascii():
        return cut(text, width)
    return f"{text[: width - kept - 1]}…{text[len(text) - kept :]}"


def cut_command(command: str, width: int) -> str:
    """A command line, cut to a width in cells; where it is too long, its program without the folder: the arguments say
    more of it. `/usr/bin/python3 work.py` becomes `python3 work.py`.
    """
    if display_width(command) > width:
        program, space, arguments = command.partition(" ")
        command = f"{program.rpartition('/')[2]}{space}{arguments}"
    return cut(command, width)


def cut_name(name: str, width: int) -> str:
    """A thread's name, cut to a width in cells: `Thread-12 (crunch)` becomes `Thread-12`, others are cut inside."""
    numbered = _NUMBERED.match(name)
    return cut_inside(name if numbered is None or display_width(name) <= width else numbered[1], width)


def display_width(text: str) -> int:
    """The width of a text in terminal cells."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
