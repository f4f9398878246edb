"""Puts the lines of one writer together, as a terminal would show them: a carriage return overwrites. Pure."""

from __future__ import annotations

from typing import List

MAX_BYTES = 2000
"""How much of a line is shown; the number of the other bytes is."""
PROGRESS_NS = 1_000_000_000
"""How often an overwritten line, such as one of a progress bar, is shown too."""


class PrintedLines:
    """The line that is being written. Time and memory are linear in what is written, however long a line is."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._cut = 0
        """Bytes of the line that are not kept."""
        self._returned = False
        """Whether the next text overwrites the line."""
        self._shown_ns = 0

    def add(self, data: bytes, time_ns: int) -> List[str]:
        """Add what was written; returns the lines that are complete, and those that are overwritten but shown."""
        found: List[str] = []
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._add(line, time_ns, found)
            found.append(self._take(time_ns))
        self._add(rest, time_ns, found)
        return found

    def finish(self, time_ns: int) -> List[str]:
        """The line that has no end, if there is one."""
        return [self._take(time_ns)] if self._text else []

    def _add(self, part: bytes, time_ns: int, found: List[str]) -> None:
        for number, text in enumerate(part.split(b"\r")):
            self._returned = self._returned or number > 0
            if not text:
                continue
            if self._returned:
                if self._text and time_ns - self._shown_ns >= PROGRESS_NS:
                    found.append(self._take(time_ns))
                self._clear()
            room = MAX_BYTES - len(self._text)
            self._text += text[:room]
            self._cut += max(0, len(text) - room)

    def _take(self, time_ns: int) -> str:
        text = self._text.decode(errors="backslashreplace")
        cut = f" ... ({self._cut:,} more bytes)" if self._cut else ""
        self._clear()
        self._shown_ns = time_ns
        return text + cut

    def _clear(self) -> None:
        self._text.clear()
        self._cut = 0
        self._returned = False
