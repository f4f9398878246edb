"""Events of the lab's processes: the controller sends JSON lines to the monitor, the others send them to it."""

from __future__ import annotations

import os
import select
from time import perf_counter_ns
from typing import Any, Dict, Optional

from pconc_tui.lab.channel import EVENT, MAX_PAYLOAD, PRINTED, Channel
from pconc_tui.lab.launch import Launch
from pconc_tui.protocol.json_lines import encode_line

MAX_LINE_BYTES = min(select.PIPE_BUF, 4096)
"""The system writes a longer line only in part where the pipe is nearly full."""
MAX_TEXT_CHARS = 2000
MAX_ENDING_CHARS = 500


class EventSender:
    """What every process of the lab can report."""

    def send(self, event: str, **fields: object) -> None:
        """Send an event, waiting while the pipe is full."""
        self.forward({"event": event, "t_ns": perf_counter_ns(), **fields})

    def forward(self, event: Dict[str, Any]) -> None:
        """Send an event that has its time."""
        raise NotImplementedError

    def send_ended(
        self, worker: int, ending: str, sent_bytes: Optional[int] = None, cpu_ns: Optional[int] = None
    ) -> None:
        """Send the event that a worker has ended, and how; the first one of a worker counts.

        `sent_bytes`: the size of its result; `cpu_ns`: CPU time of its thread, if it could not record that itself.
        """
        self.send("ended", worker=worker, ending=ending[:MAX_ENDING_CHARS], sent_bytes=sent_bytes, cpu_ns=cpu_ns)

    def send_not_started(self, worker: int, reason: object) -> None:
        """Send the event that a worker could not be started."""
        self.send_ended(worker, f"could not start: {reason}")

    def send_refused(self, launch: Launch, error: OSError) -> None:
        """Send the event that no worker of a launch can start, since what they share can't be made."""
        for spec in launch.workers:
            self.send_not_started(spec.id, f"can't make what the workers share: {error.strerror}")


class ChannelEvents(EventSender):
    """Events of a host or worker process, through its channel to the controller."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def forward(self, event: Dict[str, Any]) -> None:
        self.channel.write(EVENT, 0, event["t_ns"], encode_fitting(event, MAX_PAYLOAD))

    def log(self, worker: int, text: str) -> None:
        """Send a line for the log, as if the worker (0: the workers' parent) had printed it."""
        self.channel.write(PRINTED, worker, perf_counter_ns(), f"{text}\n".encode()[:MAX_PAYLOAD])


class Events(EventSender):
    """The controller's events: the writing end of the pipe to the monitor."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._dropped = 0

    def forward(self, event: Dict[str, Any]) -> None:
        while not self._report_drops():
            self._wait()
        data = encode_fitting(event, MAX_LINE_BYTES)
        while not self._write(data):
            self._wait()

    def log(self, worker: int, text: str, time_ns: int = 0) -> None:
        """Send a line that a worker printed (0: the workers' parent), or count it as dropped if the pipe is full."""
        fields = {"event": "log", "t_ns": time_ns or perf_counter_ns(), "worker": worker, "text": text}
        if not (self._report_drops() and self._write(encode_fitting(fields, MAX_LINE_BYTES))):
            self._dropped += 1

    def _report_drops(self) -> bool:
        """Send how many lines were dropped since the last report, if any were; returns False if the pipe is full."""
        event = {"event": "dropped", "t_ns": perf_counter_ns(), "lines": self._dropped}
        if self._dropped and self._write(encode_line(event)):
            self._dropped = 0
        return not self._dropped

    def _wait(self) -> None:
        """Wait until there is room in the pipe."""
        poll = select.poll()
        poll.register(self.fd, select.POLLOUT)
        poll.poll()

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


def encode_fitting(fields: Dict[str, Any], size: int) -> bytes:
    """The event as a line of at most `size` bytes; longer text is cut, and says by how many characters."""
    data = encode_line(fields)
    for name in ("text", "ending"):
        text = fields.get(name, "")
        kept = len(text)
        while kept and len(data) > size:
            kept = kept * 3 // 4
            data = encode_line({**fields, name: f"{text[:kept]} ... ({len(text) - kept:,} more characters)"})
    return data
