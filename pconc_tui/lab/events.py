"""Events from the lab to the monitor: JSON lines in one pipe, which all processes of the lab write."""

from __future__ import annotations

import os
import select
from time import perf_counter_ns
from typing import Any, Dict, Optional, Tuple

from pconc_tui.protocol.json_lines import encode_line

# The system writes at most PIPE_BUF bytes at once, so processes need no lock to keep their lines apart.
MAX_LINE_BYTES = min(select.PIPE_BUF, 4096)
MAX_TEXT_CHARS = 2000
MAX_ENDING_CHARS = 500


class Events:
    """The writing end of the pipe."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._dropped = 0

    def __reduce__(self) -> Tuple[Any, ...]:
        from multiprocessing.reduction import DupFd

        return _from_duplicate, (DupFd(self.fd),)

    def send(self, event: str, **fields: object) -> None:
        """Send an event, waiting while the pipe is full."""
        data = _encode({"event": event, "t_ns": perf_counter_ns(), **fields})
        while not self._write(data):
            select.select([], [self.fd], [])

    def send_ended(self, worker: int, ending: str, sent_bytes: Optional[int] = None) -> None:
        """Send the event that a worker has ended, how, and the size of its result; the first one of a worker counts."""
        self.send("ended", worker=worker, ending=ending[:MAX_ENDING_CHARS], sent_bytes=sent_bytes)

    def send_not_started(self, worker: int, reason: object) -> None:
        """Send the event that a worker could not be started."""
        self.send_ended(worker, f"could not start: {reason}")

    def log(self, worker: int, text: str) -> None:
        """Send a line that a worker printed (0: the workers' parent), or drop it if the pipe is full."""
        fields = {"event": "log", "t_ns": perf_counter_ns(), "worker": worker, "text": text, "dropped": self._dropped}
        if self._write(_encode(fields)):
            self._dropped = 0
        else:
            self._dropped += 1

    def _write(self, data: bytes) -> bool:
        try:
            os.write(self.fd, data)
        except BlockingIOError:
            return False
        except BrokenPipeError:
            pass  # The monitor has ended; this process is about to be killed.
        return True


def describe_exit(exitcode: Optional[int]) -> str:
    """How a process ended, in words, from the exit code that `multiprocessing` gives it."""
    return f"killed by signal {-exitcode}" if exitcode and exitcode < 0 else f"exited with status {exitcode}"


def _encode(fields: Dict[str, Any]) -> bytes:
    """The event as a line of at most `MAX_LINE_BYTES`; longer text is truncated."""
    data = encode_line(fields)
    for name in ("text", "ending"):
        while name in fields and len(data) > MAX_LINE_BYTES:
            fields[name] = fields[name][: len(fields[name]) // 2] + " ..."
            data = encode_line(fields)
    return data


def _from_duplicate(duplicate: Any) -> Events:
    return Events(duplicate.detach())
