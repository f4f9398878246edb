"""What the workers print, in the order in which they printed it."""

from __future__ import annotations

from collections import deque

from pconc_tui.snapshot import LogLine

KEPT_LINES = 1000


class Log:
    """The newest lines."""

    def __init__(self, began_ns: int) -> None:
        self.dropped = 0
        """Lines that were printed faster than they could be taken."""
        self._began_ns = began_ns
        self._lines: deque[LogLine] = deque(maxlen=KEPT_LINES)

    def add(self, time_ns: int, worker: str, text: str, error: bool = False) -> None:
        self._lines.append(LogLine((time_ns - self._began_ns) / 1e9, worker, text, error))

    def clear(self) -> None:
        self._lines.clear()
        self.dropped = 0

    @property
    def lines(self) -> tuple[LogLine, ...]:
        return tuple(self._lines)
