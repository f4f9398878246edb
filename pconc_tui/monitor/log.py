"""The lines that workers printed, and the monitor's own messages, in order."""

from __future__ import annotations

from collections import deque

from pconc_tui.snapshot import LogLine

MAX_LINES = 1000


class Log:
    """The newest lines."""

    def __init__(self, began_ns: int) -> None:
        """Start the log; times of lines count from `began_ns`."""
        self.dropped = 0
        """Lines that were printed faster than they could be sent, and are lost."""
        self.cut = 0
        """Older lines that are no longer kept."""
        self.began_ns = began_ns
        self._lines: deque[LogLine] = deque(maxlen=MAX_LINES)

    def add(self, time_ns: int, worker: str, text: str, error: bool = False) -> None:
        """Add a line of this worker; `error`: it belongs to a traceback."""
        self.cut += len(self._lines) == MAX_LINES
        self._lines.append(LogLine((time_ns - self.began_ns) / 1e9, worker, text, error))

    def clear(self) -> None:
        """Remove all lines."""
        self._lines.clear()
        self.dropped = self.cut = 0

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """The lines, oldest first."""
        return tuple(self._lines)
