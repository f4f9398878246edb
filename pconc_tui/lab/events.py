"""What the lab tells the monitor besides the shared block: JSON lines on one pipe that all its processes write."""

from __future__ import annotations

import os
import select
import sys
from contextvars import ContextVar
from io import TextIOBase
from time import perf_counter_ns
from typing import Any, Dict, Tuple

from pconc_tui.protocol.json_lines import encode_line

# A line of at most PIPE_BUF bytes is written whole or not at all, so writers need no lock between them.
LONGEST_LINE = min(select.PIPE_BUF, 4096)
LONGEST_TEXT = 2000


_printing: ContextVar[int] = ContextVar("_printing", default=0)
_unfinished: ContextVar[str] = ContextVar("_unfinished", default="")


class Events:
    """The writing end of the pipe. It never waits for the reader where a worker is concerned."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._dropped = 0

    def __reduce__(self) -> Tuple[Any, ...]:
        from multiprocessing.reduction import DupFd

        return _from_duplicate, (DupFd(self.fd),)

    def send(self, event: str, **fields: object) -> None:
        """Send an event that must arrive, waiting for room if need be."""
        data = _fitting({"event": event, "t_ns": perf_counter_ns(), **fields})
        while not self._write(data):
            select.select([], [self.fd], [])

    def log(self, worker: int, text: str) -> None:
        """Send a line that worker number `worker` (0: the workers' parent) printed; where the pipe is full, drop it."""
        fields = {"event": "log", "t_ns": perf_counter_ns(), "worker": worker, "text": text, "dropped": self._dropped}
        if self._write(_fitting(fields)):
            self._dropped = 0
        else:
            self._dropped += 1

    def _write(self, data: bytes) -> bool:
        try:
            os.write(self.fd, data)
        except BlockingIOError:
            return False
        except BrokenPipeError:
            pass  # The app is gone; so will this process be, in a moment.
        return True


def _fitting(fields: Dict[str, Any]) -> bytes:
    """A line that is short enough: what people wrote is cut until it is."""
    data = encode_line(fields)
    for text in ("text", "ending"):
        while text in fields and len(data) > LONGEST_LINE:
            fields[text] = fields[text][: len(fields[text]) // 2] + " ..."
            data = encode_line(fields)
    return data


def _from_duplicate(duplicate: Any) -> Events:
    return Events(duplicate.detach())


class OutputCapture(TextIOBase):
    """Stands in for `sys.stdout`: what a worker prints becomes a log line of that worker's, whole lines at a time."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def claim(self, worker: int) -> None:
        """From now on what the calling thread or task prints was printed by `worker`."""
        _printing.set(worker)
        _unfinished.set("")

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, rest = (_unfinished.get() + text).split("\n")
        _unfinished.set(rest)
        for whole in lines:
            self._events.log(_printing.get(), whole[:LONGEST_TEXT])
        return len(text)

    def finish(self) -> None:
        """What it printed without an end of line becomes a line as well."""
        if _unfinished.get():
            self.write("\n")

    @classmethod
    def install(cls, events: Events) -> OutputCapture:
        """Take the place of this process's standard streams."""
        printed = cls(events)
        sys.stdout = sys.stderr = printed
        return printed
