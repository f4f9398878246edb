"""A child process that receives commands on standard input and sends messages through a pipe, as JSON lines."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from pconc_tui.protocol.json_lines import JsonLinesReader, encode_line, write_all

EXIT_TIMEOUT_S = 1
PIPE_BYTES = 1 << 20
"""Room for the messages between two frames, where the system grants a pipe that large."""


class ChildProcess:
    """A process that ends when its standard input is closed: by `end`, or when this process ends, however it does."""

    def __init__(self, command: Callable[[int], Sequence[str]], fds: Sequence[int], **popen: Any) -> None:
        """Start it. `command` receives the descriptor for messages; `fds` are inherited too. Raises OSError."""
        read_fd, write_fd = os.pipe()
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):
                fcntl.fcntl(write_fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.messages = JsonLinesReader(read_fd)
        try:
            self._process = subprocess.Popen(
                command(write_fd),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=(*fds, write_fd),
                start_new_session=True,
                **popen,
            )
        except BaseException:
            os.close(read_fd)
            raise
        finally:
            os.close(write_fd)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, **fields: Any) -> None:
        """Send a command; it is lost if the process has died."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            write_all(self._process.stdin.fileno(), encode_line(fields))

    def exit_code(self) -> int | None:
        """Exit status, or minus the number of the signal that killed it; None while it lives."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Close its standard input: it ends when it has handled the commands sent before."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def end(self) -> None:
        """End the process and wait for it."""
        self.ask_to_end()
        try:
            self._process.wait(EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self.messages.fd)
