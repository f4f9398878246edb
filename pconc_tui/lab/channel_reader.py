"""Reads all channels of a lab, in the controller: forwards lines and events to the monitor, in their order."""

from __future__ import annotations

import json
import os
import selectors
import socket
from functools import partial
from io import TextIOBase
from time import perf_counter_ns
from typing import Any, Callable, Dict, Iterator, List, Tuple

from pconc_tui.lab.channel import EVENT, HEADER, MARK_BYTES, OWNER, PID, PRINTED, ChannelOpener
from pconc_tui.lab.events import Events
from pconc_tui.lab.printed_lines import PrintedLines

READ_BYTES = 1 << 20
UNFRAMED = -1

Frame = Tuple[int, int, int, bytes]
"""Kind, worker, time in ns, payload."""


class FrameParser:
    """Splits the bytes of one pipe into frames and what is between them, of kind `UNFRAMED`."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._rest = b""

    def parse(self, data: bytes) -> Iterator[Frame]:
        """The frames that these bytes complete."""
        data = self._rest + data
        start = 0
        while True:
            found = data.find(self._mark, start)
            end = len(data) - self._partial_mark(data, start) if found < 0 else found
            if end > start:
                yield UNFRAMED, 0, 0, data[start:end]
            payload = end + MARK_BYTES + HEADER.size
            if found < 0 or len(data) < payload:
                break
            kind, worker, time_ns, length = HEADER.unpack_from(data, end + MARK_BYTES)
            if len(data) < payload + length:
                break
            yield kind, worker, time_ns, data[payload : payload + length]
            start = payload + length
        self._rest = data[end:]

    def _partial_mark(self, data: bytes, start: int) -> int:
        """How many bytes at the end may be the beginning of a mark."""
        most = min(MARK_BYTES - 1, len(data) - start)
        return next((length for length in range(most, 0, -1) if data.endswith(self._mark[:length])), 0)


def _with_times(frames: List[Frame], now_ns: int) -> List[Frame]:
    """The same, where what is between frames has the time of the next frame, or of now: it was written before."""
    for number in range(len(frames) - 1, -1, -1):
        kind, worker, time_ns, payload = frames[number]
        if kind == UNFRAMED:
            frames[number] = kind, worker, now_ns, payload
        else:
            now_ns = time_ns
    return frames


class _Reader:
    """The reading end of one channel."""

    def __init__(self, fd: int, mark: bytes) -> None:
        self.fd = fd
        self._parser = FrameParser(mark)
        self._owner = 0
        self._last_ns = 0
        self._lines: Dict[int, PrintedLines] = {}
        os.set_blocking(fd, False)

    def read(self, events: Events, take: Callable[[Dict[str, Any]], None]) -> bool:
        """Send the lines that have arrived, and `take` the events; returns False once the pipe is closed."""
        try:
            data = os.read(self.fd, READ_BYTES)
        except BlockingIOError:
            return True
        for kind, worker, time_ns, payload in _with_times(list(self._parser.parse(data)), perf_counter_ns()):
            # What is unframed has the time at which it was read, which may be later than that of the next frame.
            self._last_ns = time_ns = max(self._last_ns, time_ns)
            if kind == EVENT:
                take(json.loads(payload))
            elif kind == OWNER:
                self._owner = worker
            else:
                writer = worker if kind == PRINTED else self._owner
                lines = self._lines.setdefault(writer, PrintedLines())
                for line in lines.add(payload, time_ns):
                    events.log(writer, line, time_ns)
        return bool(data)

    def finish(self, worker: int, events: Events) -> None:
        """Send what this worker wrote without an end of line."""
        if worker in self._lines:
            for line in self._lines.pop(worker).finish(perf_counter_ns()):
                events.log(worker, line)

    def finish_all(self, events: Events) -> None:
        """The same for all workers."""
        for worker in list(self._lines):
            self.finish(worker, events)


class ChannelReader:
    """All channels. They arrive through a socket from the processes that have opened them."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._mark = new_mark()
        self._socket, sender = socket.socketpair()
        self._socket.setblocking(False)
        self.opener = ChannelOpener(self._mark, sender.detach())
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ, self._accept)
        self._readers: Dict[int, _Reader] = {}
        self._pending: List[Tuple[_Reader, Dict[str, Any]]] = []

    @property
    def fd(self) -> int:
        """Descriptor that is readable when something has arrived."""
        return self._selector.fileno()

    def read(self) -> None:
        """Forward what has arrived.

        Events wait until everything that was printed before them, in whichever process, has been read.
        """
        while True:
            before = len(self._pending)
            for key, _ in self._selector.select(0):
                key.data()
            if len(self._pending) == before:
                break
        pending, self._pending = self._pending, []
        for reader, event in pending:
            if event["event"] == "ended":
                for each in self._readers.values():
                    each.finish(event["worker"], self._events)
            elif event["event"] == "finished":
                reader.finish_all(self._events)
            self._events.forward(event)

    def _accept(self) -> None:
        """Receive the channels that have been opened, and read them: what is in them may be awaited by an event."""
        while True:
            try:
                _, (fd,), _, _ = socket.recv_fds(self._socket, PID.size, 1)
            except (BlockingIOError, ValueError):
                return
            reader = self._readers[fd] = _Reader(fd, self._mark)
            self._selector.register(fd, selectors.EVENT_READ, partial(self._read, reader))
            self._read(reader)

    def _read(self, reader: _Reader) -> None:
        if not reader.read(self._events, lambda event: self._take(reader, event)):
            self._selector.unregister(reader.fd)
            del self._readers[reader.fd]
            reader.finish_all(self._events)
            os.close(reader.fd)

    def _take(self, reader: _Reader, event: Dict[str, Any]) -> None:
        if event["event"] == "trace":
            self._events.forward(event)
        else:
            self._pending.append((reader, event))


def new_mark() -> bytes:
    """A random mark. It begins with a byte that no text has: what ends with it is held back, as a mark may follow."""
    return b"\xff" + os.urandom(MARK_BYTES - 1)


class ControllerOutput(TextIOBase):
    """The controller's standard output: an experiment's report may print."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._lines = PrintedLines()

    def write(self, text: str) -> int:
        now_ns = perf_counter_ns()
        for line in self._lines.add(text.encode(errors="backslashreplace"), now_ns):
            self._events.log(0, line, now_ns)
        return len(text)
