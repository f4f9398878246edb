"""Large digits made of block characters, readable from afar."""

from __future__ import annotations

from rich.style import Style

from pconc_tui.ui.drawing.lines import Line

ROWS, SMALL_ROWS = 5, 3

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
    ",": (" ", " ", " ", "█", "█"),
    "<": ("  █", " █ ", "█  ", " █ ", "  █"),
    " ": (" ", " ", " ", " ", " "),
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
