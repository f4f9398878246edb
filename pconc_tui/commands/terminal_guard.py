"""Restores the terminal where the app can't do it itself, because it was killed."""

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
"""Resets every mode that Textual may have set, the kitty keyboard protocol and the hidden cursor included."""


@contextmanager
def terminal_guard() -> Iterator[None]:
    """Fork a small process that restores the terminal if this process dies within the `with` block."""
    tty = sys.stdin.fileno()
    attributes = termios.tcgetattr(tty)
    read_fd, write_fd = os.pipe()
    if os.fork() == 0:
        os.close(write_fd)
        _restore_at_end_of_file(read_fd, tty, attributes)
    os.close(read_fd)
    try:
        yield
    finally:
        os.write(write_fd, b"the app restores the terminal itself")
        os.close(write_fd)
        os.wait()


def _restore_at_end_of_file(read_fd: int, tty: int, attributes: list[object]) -> None:
    # In its own session it doesn't receive the terminal's signals, and may still set the terminal's attributes.
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if not os.read(read_fd, 1):
        with suppress(OSError, termios.error):
            os.write(tty, RESET)
            termios.tcsetattr(tty, termios.TCSANOW, attributes)  # type: ignore[arg-type]
    os._exit(0)
