"""Which sign of the glossary stands at, above or before a cell of the screen. Pure; only done where the mouse rests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import cell_len
from textual.content import Content

from pconc_tui.text.glossary import TOPICS, Entry
from pconc_tui.ui.drawing.lines import Line

_PART = re.compile(r"(?:(?!\s\s| · |[│╭╮╰╯]|──).)+")
"""What stands between gaps, dots and borders."""
_GROUP = re.compile(r"(?:(?! · |[│╭╮╰╯]|──).)+")
"""What stands between dots and borders, such as a word and a number that is aligned to the right."""


class Explained:
    """Lines on the screen, whose signs are those of some topics of the glossary."""

    def __init__(self, topics: Sequence[str], lines: Sequence[Line]) -> None:
        self._signs = _signs(tuple(topics))
        self._lines = lines

    def sign_at(self, x: int, y: int) -> Entry | None:
        """Of the signs in the part of the line that is at this cell, the one there, else the longest."""
        place, found = self._in_same(_PART, x, y)
        here = [each for each in found if each[0] <= place < each[1]]
        return max(here or found, key=lambda each: each[1] - each[0])[2] if found else None

    def sign_near(self, x: int, y: int) -> Entry | None:
        """The sign nearest to this cell, up to the next dots or borders."""
        place, found = self._in_same(_GROUP, x, y)
        return min(found, key=lambda each: max(each[0] - place, place - each[1]))[2] if found else None

    def _in_same(self, kind: re.Pattern[str], x: int, y: int) -> tuple[int, list[tuple[int, int, Entry]]]:
        """The place of this cell in the line, and the signs in the same part of this kind."""
        line, place = _text(self._lines[y]), _character(self._lines[y], x)
        part = next((each for each in kind.finditer(line) if each.start() <= place < each.end()), None)
        return place, list(self._found(line, part.start(), part.end())) if part and part[0].strip() else []

    def title_above(self, x: int, y: int) -> Entry | None:
        """The nearest sign above what is at this cell, such as a column's title above a number."""
        line, place = _text(self._lines[y]), _character(self._lines[y], x)
        part = next((each for each in _PART.finditer(line) if each.start() <= place < each.end()), None)
        if part is None or not part[0].strip():
            return None
        for row in range(y - 1, -1, -1):
            above = _text(self._lines[row])
            found = [
                each for each in self._found(above, 0, len(above)) if each[0] < part.end() and part.start() < each[1]
            ]
            if found:
                return min(found, key=lambda each: max(each[0] - place, place - each[1]))[2]
        return None

    def label_before(self, y: int) -> Entry | None:
        """The first sign of this line, such as a row's label; without one, of the nearest line above."""
        for row in range(y, -1, -1):
            line = _text(self._lines[row])
            if found := min(self._found(line, 0, len(line)), default=None):
                return found[2]
        return None

    def _found(self, line: str, start: int, end: int) -> Iterator[tuple[int, int, Entry]]:
        for pattern, entry in self._signs:
            for match in pattern.finditer(line, start, end):
                yield match.start(), match.end(), entry


def entry(topics: Sequence[str], sign: str) -> Entry | None:
    """What one of these topics says about this sign."""
    return next((each for pattern, each in _signs(tuple(topics)) if pattern.fullmatch(sign)), None)


def explanation(found: Entry | None) -> Content | None:
    """What a tooltip says about this sign."""
    return found and Content.assemble((found.sign, "bold"), f"\n{found.meaning}")


@lru_cache(maxsize=32)
def _signs(topics: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], Entry], ...]:
    """All signs of these topics, to be found as whole words."""
    return tuple(
        (re.compile(_pattern(sign)), each)
        for topic in TOPICS
        if topic.name in topics
        for each in topic.entries
        for sign in each.signs
    )


def _pattern(sign: str) -> str:
    """A word as a whole, in which # is any number; or any of these glyphs."""
    if not any(map(str.isalnum, sign)):
        return f"[{re.escape(sign)}]+"
    return rf"(?<!\w){re.escape(sign)}(?!\w)".replace(r"\#", r"\d[\d.,]*")


def character_at(line: Line, x: int) -> str:
    """The character at this column."""
    return _text(line)[_character(line, x) :][:1]


def _text(line: Line) -> str:
    return "".join(content for content, _ in line)


def _character(line: Line, x: int) -> int:
    """The index of the character at this column."""
    text = _text(line)
    return x if text.isascii() else next((at for at in range(len(text)) if cell_len(text[: at + 1]) > x), len(text))
