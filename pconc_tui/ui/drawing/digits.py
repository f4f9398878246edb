"""Large digits and capital letters made of block characters, readable from afar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from textwrap import wrap

from rich.style import Style

from pconc_tui.ui.drawing.lines import Line, width_of

ROWS, SMALL_ROWS = 5, 3
SIZES = (4, 2), (2, 1), (1, 1)
"""Columns and rows of a dot of large text, the largest first."""

_GLYPHS = {
    "0": ("███", "█ █", "█ █", "█ █", "███"),
    "1": (" █ ", "██ ", " █ ", " █ ", "███"),
    "2": ("███", "  █", "███", "█  ", "███"),
    "3": ("███", "  █", "███", "  █", "███"),
    "4": ("█ █", "█ █", "███", "  █", "  █"),
    "5": ("███", "█  ", "███", "  █", "███"),
    "6": ("███", "█  ", "███", "█ █", "███"),
    "7": ("███", "  █", "  █", "  █", "  █"),
    "8": ("███", "█ █", "███", "█ █", "███"),
    "9": ("███", "█ █", "███", "  █", "███"),
    ".": (" ", " ", " ", " ", "█"),
    "-": ("   ", "   ", "███", "   ", "   "),
    ",": ("  ", "  ", "  ", " █", "█ "),
    "<": ("  █", " █ ", "█  ", " █ ", "  █"),
    " ": (" ", " ", " ", " ", " "),
    "A": (" █ ", "█ █", "███", "█ █", "█ █"),
    "B": ("██ ", "█ █", "██ ", "█ █", "██ "),
    "C": ("███", "█  ", "█  ", "█  ", "███"),
    "D": ("██ ", "█ █", "█ █", "█ █", "██ "),
    "E": ("███", "█  ", "██ ", "█  ", "███"),
    "F": ("███", "█  ", "██ ", "█  ", "█  "),
    "G": ("███", "█  ", "█ █", "█ █", "███"),
    "H": ("█ █", "█ █", "███", "█ █", "█ █"),
    "I": ("███", " █ ", " █ ", " █ ", "███"),
    "J": ("  █", "  █", "  █", "█ █", "███"),
    "K": ("█ █", "█ █", "██ ", "█ █", "█ █"),
    "L": ("█  ", "█  ", "█  ", "█  ", "███"),
    "M": ("█   █", "██ ██", "█ █ █", "█   █", "█   █"),
    "N": ("█  █", "██ █", "█ ██", "█  █", "█  █"),
    "O": ("███", "█ █", "█ █", "█ █", "███"),
    "P": ("███", "█ █", "███", "█  ", "█  "),
    "Q": ("███", "█ █", "█ █", "███", "  █"),
    "R": ("██ ", "█ █", "██ ", "█ █", "█ █"),
    "S": ("███", "█  ", "███", "  █", "███"),
    "T": ("███", " █ ", " █ ", " █ ", " █ "),
    "U": ("█ █", "█ █", "█ █", "█ █", "███"),
    "V": ("█ █", "█ █", "█ █", "█ █", " █ "),
    "W": ("█   █", "█   █", "█ █ █", "██ ██", "█   █"),
    "X": ("█ █", "█ █", " █ ", "█ █", "█ █"),
    "Y": ("█ █", "█ █", " █ ", " █ ", " █ "),
    "Z": ("███", "  █", " █ ", "█  ", "███"),
    "?": ("███", "  █", " ██", "   ", " █ "),
    "=": ("   ", "███", "   ", "███", "   "),
    "+": ("   ", " █ ", "███", " █ ", "   "),
    ":": (" ", "█", " ", "█", " "),
    "'": ("█", "█", " ", " ", " "),
}


def large(content: str, style: Style, columns: int, rows: int) -> list[Line]:
    """Digits whose dots take this many columns and rows each: five dots tall."""
    glyphs = [_GLYPHS[character] for character in content]
    return [
        (((" " * columns).join("".join(dot * columns for dot in glyph[dots]) for glyph in glyphs), style),)
        for dots in range(ROWS)
        for _ in range(rows)
    ]


def small(content: str, style: Style) -> list[Line]:
    """The same digits three rows tall: a cell holds two dots, one above the other."""
    rows = [" ".join(_GLYPHS[character][row] for character in content) for row in range(ROWS)]
    rows.append(" " * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    halves = {("█", "█"): "█", ("█", " "): "▀", (" ", "█"): "▄", (" ", " "): " "}
    return [(("".join(map(halves.__getitem__, zip(above, below, strict=True))), style),) for above, below in pairs]


def large_text(
    content: str, style: Style, width: int, height: int, sizes: Sequence[tuple[int, int]] = SIZES
) -> list[Line]:
    """A sentence in capitals as large as it fits these cells, or else in ordinary letters."""
    capitals = content.upper()
    if all(character in _GLYPHS for character in capitals):
        for columns, rows in sizes:
            found = _wrapped(capitals, width, partial(large, style=style, columns=columns, rows=rows))
            if 0 < len(found) <= height:
                return found
        found = _wrapped(capitals, width, partial(small, style=style))
        if 0 < len(found) <= height:
            return found
    return [((part, style),) for part in wrap(content, max(1, width))]


def _wrapped(content: str, width: int, drawn: Callable[[str], list[Line]]) -> list[Line]:
    """The words in drawn lines with a blank row after each; empty: a word is wider than that."""
    lines: list[str] = []
    for word in content.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _drawn_width(drawn(longer)) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
        if _drawn_width(drawn(word)) > width:
            return []
    return [row for part in lines for row in (*drawn(part), ((" ", Style.null()),))]


def _drawn_width(drawn: list[Line]) -> int:
    return max(width_of(line) for line in drawn)
