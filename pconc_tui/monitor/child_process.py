"""A process of ours beside the monitor: told what to do on standard input, tells what happens by a pipe."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from pconc_tui.protocol.json_lines import JsonLinesReader, encode_line

PATIENCE_S = 1
PIPE_BYTES = 1 << 20
"""Room for what it tells between two frames, where the system lets us have that much."""


class ChildProcess:
    """Ends when its standard input is closed: with `end`, or with this process, however that ends."""

    def __init__(self, command: Callable[[int], Sequence[str]], fds: Sequence[int], **more: Any) -> None:
        """`command` is given the descriptor to tell by; `fds` are the others that it gets. Raises OSError."""
        read_fd, tell_fd = os.pipe()
        os.set_blocking(read_fd, False)
        os.set_blocking(tell_fd, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):
                fcntl.fcntl(tell_fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.news = JsonLinesReader(read_fd)
        try:
            self._process = subprocess.Popen(
                command(tell_fd),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=(*fds, tell_fd),
                start_new_session=True,
                **more,
            )
        except BaseException:
            os.close(read_fd)
            raise
        finally:
            os.close(tell_fd)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, **fields: Any) -> None:
        """Tell it; lost where it has died."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            os.write(self._process.stdin.fileno(), encode_line(fields))

    def exit_code(self) -> int | None:
        """Its exit status, or minus the signal that killed it; None: it lives."""
        return self._process.poll()

    def end(self) -> None:
        """End it, and wait until it is gone."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self.news.fd)
