"""Gives the terminal back as it was even where the app can't: when it has been killed."""

from __future__ import annotations

import os
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LEAVE = b"".join(
    b"\x1b[?%dl" % mode
    # Mouse reports, focus reports, bracketed paste, synchronized output, in-band resize, the alternate screen.
    for mode in (1000, 1002, 1003, 1006, 1015, 1016, 1004, 2004, 2026, 2048, 1049)
)
RESET = LEAVE + b"\x1b[<u\x1b[0m\x1b[?25h"
"""What undoes all that Textual may have set, the kitty keyboard protocol and the hidden cursor included."""


@contextmanager
def guarded_terminal() -> Iterator[None]:
    """While this lasts, a small process stands by that restores the terminal if this one dies."""
    tty = sys.stdin.fileno()
    before = termios.tcgetattr(tty)
    read_fd, write_fd = os.pipe()
    if os.fork() == 0:
        os.close(write_fd)
        _stand_by(read_fd, tty, before)
    os.close(read_fd)
    try:
        yield
    finally:
        os.write(write_fd, b"all is well")
        os.close(write_fd)
        os.wait()


def _stand_by(read_fd: int, tty: int, before: list[object]) -> None:
    # In a session of its own the terminal's signals don't reach it, and it may still set the terminal.
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if not os.read(read_fd, 1):
        with suppress(OSError, termios.error):
            os.write(tty, RESET)
            termios.tcsetattr(tty, termios.TCSANOW, before)  # type: ignore[arg-type]
    os._exit(0)
