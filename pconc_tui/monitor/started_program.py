"""A program that is started to be watched: it waits until it is observed, and ends with this object's process.

A small Python process stands in its place first. It waits for a byte, then executes the program: so the lanes cover the
program from its first instruction on, and nothing is put into it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

from pconc_tui.monitor.thread_cpu import thread_use
from pconc_tui.requests import RequestError

END_S = 3.0
"""How long it has to end when it is asked to (SIGTERM), before it is killed."""
LONGEST_LINE = 10_000
PIPE_BYTES = 1 << 20
"""It is read ten times a second: a program that prints much would wait for that with a pipe of the usual 64 KiB."""
_PLACEHOLDER = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)  # PR_SET_PDEATHSIG, SIGTERM: its parent has died.
if os.read(int(sys.argv[1]), 1):
    os.close(int(sys.argv[1]))
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        sys.exit(f"{sys.argv[2]}: {error.strerror}")
"""


class StartedProgram:
    """Owns the process; `start` lets it run."""

    def __init__(self, command: Sequence[str], output: int | IO[Any] | None = None) -> None:
        """`output`: where its standard output goes; None: it is kept for `lines`, its errors too, and it has no input.

        Raises RequestError if there is no such program, or it can't be executed.
        """
        if shutil.which(command[0]) is None:
            raise RequestError(
                f"{command[0]}{' is not executable' if os.path.isfile(command[0]) else ': no such program'}"
            )
        self.command = " ".join(command)
        self.cpu_before_ns = 0
        """CPU time of what waited in its place."""
        self._started = False
        self._unread = b""
        read_fd, self._start_fd = os.pipe()
        kept = output is None
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PLACEHOLDER, str(read_fd), *command],
                stdin=subprocess.DEVNULL if kept else None,
                stdout=subprocess.PIPE if kept else output,
                stderr=subprocess.STDOUT if kept else None,
                pass_fds=[read_fd],
                start_new_session=kept,
            )
        finally:
            os.close(read_fd)
        if self._process.stdout is not None:
            os.set_blocking(self._process.stdout.fileno(), False)
            with suppress(OSError):  # A user may have few large pipes.
                fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> bool:
        """Let it run; returns whether it did not yet."""
        if self._started:
            return False
        self._started = True
        use = thread_use(self.pid, self.pid)
        self.cpu_before_ns = 0 if use is None else use.cpu_ns
        with suppress(BrokenPipeError):
            os.write(self._start_fd, b"\n")
        os.close(self._start_fd)
        return True

    @property
    def exit_status(self) -> int | None:
        """Its exit status, or minus the number of the signal that killed it; None: it lives."""
        return self._process.poll()

    def lines(self) -> Iterator[str]:
        """The lines that it has printed since the last call."""
        if self._process.stdout is None:
            return
        with suppress(BlockingIOError):
            while data := os.read(self._process.stdout.fileno(), 1 << 16):
                self._unread += data
        *lines, self._unread = self._unread.split(b"\n")
        if len(self._unread) > LONGEST_LINE or (self._unread and self.exit_status is not None):
            lines, self._unread = [*lines, self._unread], b""
        for line in lines:
            yield line[:LONGEST_LINE].decode(errors="replace")

    def end(self) -> None:
        """End it and what it has started in its session, and wait for that."""
        self.start()
        if self._process.stdout is not None:  # It has a session of its own.
            self._end_group()
        elif self.exit_status is None:
            self._process.terminate()
            self._wait_or_kill()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _end_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._wait_or_kill()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _wait_or_kill(self) -> None:
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
