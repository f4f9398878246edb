"""What workers print: `sys.stdout` and `sys.stderr`, replaced by a file that sends log events."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from io import TextIOBase

from pconc_tui.lab.events import MAX_TEXT_CHARS, Events

_worker: ContextVar[int] = ContextVar("_worker", default=0)
"""The id of the worker whose code the calling thread or task runs; 0: none."""
_partial_line: ContextVar[str] = ContextVar("_partial_line", default="")


class OutputCapture(TextIOBase):
    """A text file that sends each line written to it as a log event of the worker that wrote it."""

    def __init__(self, events: Events) -> None:
        self._events = events

    @classmethod
    def install(cls, events: Events) -> OutputCapture:
        """Replace this process's standard output and error."""
        sys.stdout = sys.stderr = capture = cls(events)
        return capture

    def start_worker(self, worker: int) -> None:
        """Attribute what the calling thread or task writes from now on to this worker."""
        _worker.set(worker)
        _partial_line.set("")

    def finish_worker(self) -> None:
        """Send what the worker wrote without an end of line."""
        if _partial_line.get():
            self.write("\n")

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, rest = (_partial_line.get() + text).split("\n")
        _partial_line.set(rest)
        for line in lines:
            self._events.log(_worker.get(), line[:MAX_TEXT_CHARS])
        return len(text)
