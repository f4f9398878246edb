"""A process's channel to the controller: one pipe for what it prints and for its events, which so stay in order.

The pipe is the process's standard output and error, so C code and child processes write into it too. What we write is
in *frames*: a mark that no other code writes, a header, and the payload. A frame is written at once, so that no other
writer comes between. Two threads that print, and a child process that does, may write:

    [mark PRINTED 1 "half a l"] "the child's line" [mark PRINTED 2 "a whole line"] [mark PRINTED 1 "ine"]

The controller (`channel_reader`) puts the lines of each worker together again.
"""

from __future__ import annotations

import os
import select
from struct import Struct
from typing import Any, Optional, Tuple

MARK_BYTES = 16
HEADER = Struct("<BIqH")
"""Kind of the frame, worker, time in ns, length of the payload."""
MAX_PAYLOAD = min(select.PIPE_BUF, 4096) - MARK_BYTES - HEADER.size
"""The system writes at most PIPE_BUF bytes at once."""
PRINTED, OWNER, EVENT = range(3)
"""Kinds: text that a worker printed; the worker whose all unframed output is from now on; an event as JSON."""
PID = Struct("<q")


class Channel:
    """The writing end, in the process."""

    def __init__(self, fd: int, mark: bytes, opener: Optional[ChannelOpener] = None) -> None:
        self.fd = fd
        self.mark = mark
        self.opener = opener
        """Opens channels for child processes; None in an interpreter, which has none."""
        self._file = _file(fd)

    def write(self, kind: int, worker: int, time_ns: int, payload: bytes, fd: Optional[int] = None) -> None:
        """Write one frame, waiting while the pipe is full; `fd`: another descriptor of the pipe."""
        frame = self.mark + HEADER.pack(kind, worker, time_ns, len(payload)) + payload
        while True:
            try:
                os.write(self.fd if fd is None else fd, frame)
            except BlockingIOError:  # A child process has made the pipe non-blocking.
                poll = select.poll()
                poll.register(self.fd, select.POLLOUT)
                poll.poll()
            except BrokenPipeError:
                return  # The controller has ended; this process is about to be killed.
            else:
                return

    def is_behind(self, fd: int) -> bool:
        """Whether the descriptor is one of this pipe: user code may have redirected it."""
        return _file(fd) == self._file


class ChannelOpener:
    """Created by the controller, which receives channels from `socket`, and passed to its child processes."""

    def __init__(self, mark: bytes, sender: int) -> None:
        self._mark = mark
        self._sender = sender

    def __reduce__(self) -> Tuple[Any, ...]:
        from multiprocessing.reduction import DupFd  # Not needed in interpreters, which import each module anew.

        return _from_duplicate, (self._mark, DupFd(self._sender))

    def open(self) -> Channel:
        """Make a new channel this process's standard output and error."""
        import socket

        read_fd, write_fd = os.pipe()
        with socket.socket(fileno=os.dup(self._sender)) as sender:
            socket.send_fds(sender, [PID.pack(os.getpid())], [read_fd])
        os.close(read_fd)
        for standard in (1, 2):
            os.dup2(write_fd, standard)
        return Channel(write_fd, self._mark, self)


def _file(fd: int) -> Tuple[int, int]:
    found = os.fstat(fd)
    return found.st_dev, found.st_ino


def _from_duplicate(mark: bytes, duplicate: Any) -> ChannelOpener:
    return ChannelOpener(mark, duplicate.detach())
