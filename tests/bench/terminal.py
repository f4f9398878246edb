"""A program in a terminal of its own: what it writes is read as it comes, and each byte's time is known."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
import threading
import time
from bisect import bisect_left
from pathlib import Path

from tests.support import LONG_S
from tests.terminal import environment_in_a_terminal

TICKS = os.sysconf("SC_CLK_TCK")
QUIT = "\x11\x11"
"""Ctrl+Q, which ends every Textual app; the second one where it asks first."""
PROGRAM = [str(Path(sys.executable).with_name("pconc-tui"))]
"""The program as it is installed beside this interpreter."""


class Terminal:
    """Starts a program; `with` it, for it ends at the end."""

    def __init__(self, command: list[str], columns: int = 160, rows: int = 45) -> None:
        self._fd, terminal = os.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
        self._output = bytearray()
        self._ends: list[int] = []
        self._times: list[float] = []
        self._output_arrived = threading.Condition()
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            preexec_fn=lambda: os.login_tty(terminal),
            pass_fds=[terminal],
            env=environment_in_a_terminal(),
        )
        os.close(terminal)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.press(QUIT)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        os.close(self._fd)

    def press(self, keys: str) -> float:
        """Press keys, all at once; the time."""
        now = time.perf_counter()
        os.write(self._fd, keys.encode())
        return now

    def here(self) -> int:
        """How much has been written so far."""
        return len(self._output)

    def wait(self, text: str, since: int = 0) -> float:
        """Wait until the text has been written after what had been by `since`: the time at which it was."""
        wanted = text.encode()
        with self._output_arrived:
            assert self._output_arrived.wait_for(lambda: self._output.find(wanted, since) >= 0, LONG_S), (
                f"no {text!r} came"
            )
            end = self._output.find(wanted, since) + len(wanted)
            return self._times[bisect_left(self._ends, end)]

    def count(self, text: str, since: int = 0) -> int:
        """How often the text has been written after what had been by `since`."""
        with self._output_arrived:
            return self._output.count(text.encode(), since)

    @property
    def pid(self) -> int:
        return self._process.pid

    def forget(self) -> None:
        """Forget what has been written so far."""
        with self._output_arrived:
            for read in (self._output, self._ends, self._times):
                read.clear()

    def cpu_s(self) -> float:
        """The CPU time of the program's process, without its children."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except OSError:
                return
            with self._output_arrived:
                self._output += data
                self._ends.append(len(self._output))
                self._times.append(time.perf_counter())
                self._output_arrived.notify()
