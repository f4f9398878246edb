"""Draws a row of cells as SVG, briefly: a shape for each background, shapes for blocks, and texts for words.

The row's text stands on y = 0, so that a row can be drawn once and be moved to where it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

from pconc_tui.ui.svg_cells import Cell, Row

W, H = 10, 20
"""Width and height of a cell in units of the image."""
BASELINE = 15
"""How far the text stands below the top of its row."""
GAP = 2
"""Words in one style with at most this many blanks between them are one text."""
LEVELS = "▁▂▃▄▅▆▇█"
BOXES = {
    **{character: (0.0, 1 - (level + 1) / 8, 1.0, (level + 1) / 8) for level, character in enumerate(LEVELS)},
    **{character: (0.0, 0.0, eighths / 8, 1.0) for eighths, character in zip(range(7, 0, -1), "▉▊▋▌▍▎▏", strict=True)},
    "▀": (0.0, 0.0, 1.0, 0.5),
    "▐": (0.5, 0.0, 0.5, 1.0),
}
"""Left, top, width and height of what a block character fills of its cell. Drawn as shapes, they need no font."""


class Styles:
    """Short names for the styles that are drawn."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def name(self, css: str) -> str:
        """The class of a style."""
        return self.names.setdefault(css, f"s{len(self.names)}")


def drawn(row: Row, base: str, styles: Styles) -> str:
    """The row as SVG; `base` is the background that is there already."""
    backgrounds: dict[str, str] = {}
    blocks: dict[str, str] = {}
    texts = ""
    for column, cells in _runs(row):
        colour = cells[0].background
        if colour not in ("", base):
            css = f"fill:{colour}"
            backgrounds[css] = backgrounds.get(css, "") + _box(column, 0, len(cells), 1)
    for column, style, text in pieces(row):
        if text[0] in BOXES:
            left, top, width, height = BOXES[text[0]]
            width = len(text) if width == 1 else width
            blocks[style] = blocks.get(style, "") + _box(column + left, top, width, height)
        else:
            length = f' textLength="{len(text) * W}"' if len(text) > 1 else ""
            x = f' x="{column * W}"' if column else ""
            texts += f'<text class="{styles.name(style)}"{x}{length}>{escape(text, quote=False)}</text>'
    return _paths(backgrounds, styles) + _paths(blocks, styles) + texts


def pieces(row: Row) -> Iterator[tuple[int, str, str]]:
    """Column, style and text of each piece: words of one style, or equal blocks side by side."""
    start, style, text, blanks = 0, "", "", 0
    for column, cell in enumerate(row):
        if cell.character == " ":
            blanks += 1
            continue
        if text and cell.style == style and _continues(text, cell, blanks):
            text += " " * blanks + cell.character
        else:
            if text:
                yield start, style, text
            start, style, text = column, cell.style, cell.character
        blanks = 0
    if text:
        yield start, style, text


def _continues(text: str, cell: Cell, blanks: int) -> bool:
    if text[-1] in BOXES or cell.character in BOXES:
        return blanks == 0 and text[-1] == cell.character and BOXES[text[-1]][2] == 1
    return blanks <= GAP


def _runs(row: Row) -> Iterator[tuple[int, Row]]:
    """Cells side by side with one background."""
    column = 0
    for _, group in groupby(row, lambda cell: cell.background):
        cells = tuple(group)
        yield column, cells
        column += len(cells)


def _paths(paths: dict[str, str], styles: Styles) -> str:
    return "".join(f'<path class="{styles.name(css)}" d="{path}"/>' for css, path in paths.items())


def _box(column: float, top: float, columns: float, rows: float) -> str:
    """A rectangle as a path, from columns and parts of a row."""
    across = number(columns * W)
    return f"M{number(column * W)} {number(top * H - BASELINE)}h{across}v{number(rows * H)}h-{across}z"


def number(value: float) -> str:
    """A number in as few characters as two decimals need."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
