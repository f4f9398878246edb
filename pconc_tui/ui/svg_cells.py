"""Reads a screenshot of Textual back into cells, so that screenshots can be compared cell by cell.

A screenshot is an SVG image: a `<text>` for each run of characters, with the number of its row in the name of its clip
path, and a `<rect>` for each background.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree import ElementTree

from rich.cells import cell_len

SVG = "{http://www.w3.org/2000/svg}"
CELL = 12.2, 24.4
"""Width and height of a cell, in pixels."""
BACKGROUND_TOP = 1.5
"""How far below the top of its row a background begins, in pixels."""


class Cell(NamedTuple):
    """A character of the terminal, and how it is drawn."""

    character: str = " "
    """Empty: the right half of the character before it."""
    style: str = ""
    """CSS of the character; empty for a blank."""
    background: str = ""
    """A colour; empty: there is none."""


BLANK = Cell()
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Screenshot:
    """A screenshot as cells."""

    size: tuple[float, float]
    """Width and height of the image, in pixels."""
    origin: tuple[float, float]
    """Where the cells begin."""
    chrome: str
    """The terminal's window around them, as SVG."""
    rows: tuple[Row, ...]


def read(svg: str) -> Screenshot:
    """The cells of a screenshot; ValueError if it is none that Textual made."""
    chrome = re.search(r"</defs>(.*?)<g transform=\"translate\(([\d.]+), ([\d.]+)\)\" clip-path", svg, re.DOTALL)
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    clip = re.search(r'clip-terminal">\s*<rect x="0" y="0" width="([\d.]+)" height="([\d.]+)"', svg)
    if chrome is None or size is None or clip is None:
        raise ValueError("not a screenshot of Textual")
    width, height = round((float(clip[1]) + 1) / CELL[0]), round((float(clip[2]) + 1) / CELL[1])
    styles = dict(re.findall(r"\.([\w-]+-r\d+) \{ (.*?) \}", svg))
    title = r'<text class="[\w-]+-title"'
    rows = [[BLANK] * width for _ in range(height)]
    root = ElementTree.fromstring(svg)
    for rect in root.iter(f"{SVG}rect"):
        if rect.get("shape-rendering") == "crispEdges":
            left, count = _columns(float(rect.get("x", "0")), float(rect.get("width", "0")))
            top = round((float(rect.get("y", "0")) - BACKGROUND_TOP) / CELL[1])
            for column in range(left, min(left + count, width)):
                rows[top][column] = rows[top][column]._replace(background=rect.get("fill", ""))
    for text in root.iter(f"{SVG}text"):
        line = re.search(r"-line-(\d+)\)", text.get("clip-path", ""))
        if line is not None and (row := int(line[1])) < height:
            column = round(float(text.get("x", "0")) / CELL[0])
            style = styles.get(text.get("class", ""), "")
            for character in (text.text or "").replace("\xa0", " "):
                for shown in (character, "")[: cell_len(character)]:
                    if column < width:
                        background = rows[row][column].background
                        rows[row][column] = Cell(shown, style if shown != " " else "", background)
                    column += 1
    window = re.sub(title, '<text font-family="arial" font-size="18" font-weight="bold"', " ".join(chrome[1].split()))
    return Screenshot(
        (float(size[1]), float(size[2])), (float(chrome[2]), float(chrome[3])), window, tuple(map(tuple, rows))
    )


def _columns(x: float, width: float) -> tuple[int, int]:
    return round(x / CELL[0]), round(width / CELL[0])
