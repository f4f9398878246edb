"""The installed program in a pseudo-terminal whose screen a test can read."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

from tests.support import LONG_S

PROGRAM = str(Path(sys.executable).with_name("pconc-tui"))
# Private sequences, which pyte does not know and would print.
_UNKNOWN = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p|\x1bP[^\x1b]*\x1b\\")
# A sequence of which the rest has not been read yet.
_BEGUN = re.compile(rb"\x1b(\[[<>=?\d;$]*|P[^\x1b]*\x1b?)?\Z")


def environment_in_a_terminal() -> dict[str, str]:
    """This program's environment, without what would override the terminal's size and colours."""
    overriding = {"NO_COLOR", "TEXTUAL", "COLUMNS", "LINES"}
    kept = {name: value for name, value in os.environ.items() if name not in overriding}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Terminal:
    """A program that runs in its own pseudo-terminal, and its screen."""

    def __init__(self, *command: str, columns: int = 160, lines: int = 45, **environment: str) -> None:
        self.screen = pyte.Screen(columns, lines)
        self.raw = b""
        """Everything that the program has written."""
        self._stream = pyte.ByteStream(self.screen)
        self._begun = b""
        """The start of a sequence that is not on the screen yet."""
        self.status: int | None = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # Ignored where the tests run in the background of a shell, or by nohup.
            for number in (signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.execvpe(command[0], command, {**environment_in_a_terminal(), **environment})
        termios.tcsetwinsize(self.fd, (lines, columns))
        self.attributes = termios.tcgetattr(self.fd)

    @property
    def text(self) -> str:
        """The screen as of the last read."""
        return "\n".join(self.screen.display)

    def send(self, keys: str) -> None:
        """Type these keys."""
        os.write(self.fd, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size."""
        self.screen.resize(lines, columns)
        termios.tcsetwinsize(self.fd, (lines, columns))
        os.kill(self.pid, signal.SIGWINCH)

    def read(self, timeout_s: float = 0.05) -> bool:
        """Read what the program writes within the time; False if it has closed the terminal."""
        if select.select([self.fd], [], [], timeout_s)[0]:
            try:
                data = os.read(self.fd, 1 << 16)
            except OSError:
                return False
            if not data:
                return False
            self.raw += data
            data = _UNKNOWN.sub(b"", self._begun + data)
            begun = _BEGUN.search(data)
            self._begun = begun[0] if begun else b""
            self._stream.feed(data.removesuffix(self._begun))
        return True

    def until(self, condition: Callable[[str], object] | str, timeout_s: float = LONG_S) -> str:
        """Read until the screen contains the text or fulfils the condition, and return the screen."""
        holds = condition if callable(condition) else lambda text: condition in text
        deadline = time.monotonic() + timeout_s
        while not holds(self.text):
            assert time.monotonic() < deadline, f"not on screen within {timeout_s} s: {condition}\n{self.text}"
            assert self.read(), f"the program ended:\n{self.raw[-2000:]!r}"
        return self.text

    def wait_until_ready(self) -> None:
        """Read until the dashboard has its lab."""
        self.until("take a tour")
        self.until("GIL on")

    def wait(self, timeout_s: float = LONG_S) -> int:
        """Wait until the program has ended, and return its exit status, or minus the signal that killed it."""
        deadline = time.monotonic() + timeout_s
        while self.status is None:
            assert time.monotonic() < deadline, f"still running after {timeout_s} s\n{self.text}"
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def drain(self) -> None:
        """Read what the program has already written."""
        while select.select([self.fd], [], [], 0)[0] and self.read(0):
            pass

    def restored(self) -> bool:
        """Whether the terminal has the settings that it had before the program ran."""
        self.drain()
        left = self.raw.rpartition(b"\x1b[?1049h")[2]
        return (
            b"\x1b[?1049l" in left
            and left.rfind(b"\x1b[?25h") > left.rfind(b"\x1b[?25l")
            and b"\x1b[?1000l" in left
            and termios.tcgetattr(self.fd) == self.attributes
        )

    def close(self) -> None:
        """Close the terminal, and kill the program if it still runs."""
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
