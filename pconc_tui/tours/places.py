"""Where keys stand in a TOML file: `tomllib` has lines only for errors of syntax."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[\[?\s*([^]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_LONG_STRINGS = '"""', "'''"


class Places:
    """The line of each table, and of each key in it; table 0 is what stands above the first header."""

    def __init__(self, text: str) -> None:
        self._tables: list[int] = [1]
        self._keys: dict[tuple[int, str], int] = {}
        inside: str | None = None
        for number, line in enumerate(text.splitlines(), 1):
            if inside is None:
                if _HEADER.fullmatch(line):
                    self._tables.append(number)
                elif key := _KEY.match(line):
                    self._keys.setdefault((len(self._tables) - 1, key[1]), number)
            inside = _string_at_end(line, inside)

    def line(self, table: int, key: str | None = None) -> int:
        """The line of the key, or else of the table's header."""
        header = self._tables[min(table, len(self._tables) - 1)]
        return header if key is None else self._keys.get((table, key), header)


def _string_at_end(line: str, inside: str | None) -> str | None:
    """The quotes of the string of several lines in which the line ends; None: in none."""
    at = 0
    while True:
        if inside is None:
            starts = [(found, quotes) for quotes in _LONG_STRINGS if (found := line.find(quotes, at)) >= 0]
            if not starts:
                return None
            at, inside = min(starts)
            at += 3
        end = line.find(inside, at)
        if end < 0:
            return inside
        at, inside = end + 3, None
