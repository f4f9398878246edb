"""Restores the terminal's settings at every end of the app: here, or in a small process where the app was killed.

That process then also removes the socket of a tour.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pconc_tui.presenter import folder
from pconc_tui.ui.terminal_title import RESTORE_TITLE

LEAVE = b"".join(
    b"\x1b[?%dl" % mode
    # Mouse reports, focus reports, bracketed paste, synchronized output, in-band resize, the alternate screen.
    for mode in (1000, 1002, 1003, 1006, 1015, 1016, 1004, 2004, 2026, 2048, 1049)
)
RESET = LEAVE + b"\x1b[<u\x1b[0m\x1b[?7h\x1b[?25h" + RESTORE_TITLE.encode()
"""Resets all that the app may have set: modes, the kitty keyboard protocol, the hidden cursor, the title."""
CHANGED, RESTORED = b"c", b"r"
"""What the app sends to the process that guards it: whether the terminal has the app's settings or its own."""


@contextmanager
def terminal_guard() -> Iterator[Callable[[bool], None]]:
    """Restore the terminal at the end of the `with` block, also if this process dies within it.

    Gives a function to report that the terminal has been restored meanwhile, or no longer is.
    """
    tty = sys.stdin.fileno()
    attributes = termios.tcgetattr(tty)
    read_fd, write_fd = os.pipe()
    app = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(write_fd)
        _restore_at_end_of_file(read_fd, tty, attributes, app)
    os.close(read_fd)

    def report(restored: bool) -> None:
        # The process that reads it may have been killed.
        with suppress(BrokenPipeError):
            os.write(write_fd, RESTORED if restored else CHANGED)

    try:
        yield report
    finally:
        # Textual restores what it found when it started last, which after SIGCONT may be its own settings.
        with suppress(termios.error):
            termios.tcsetattr(tty, termios.TCSANOW, attributes)
        # It has nothing left to do, and where it is stopped it would not end by itself.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        os.close(write_fd)


def _restore_at_end_of_file(read_fd: int, tty: int, attributes: list[object], app: int) -> None:
    """Wait until the app, whose process id this is, has ended, and do what it no longer could."""
    # In its own session it doesn't receive the terminal's signals, and may still set the terminal's attributes.
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    last = CHANGED
    while data := os.read(read_fd, 4096):
        last = data[-1:]
    if last == CHANGED:
        with suppress(OSError, termios.error):
            termios.tcsetattr(tty, termios.TCSANOW, attributes)  # type: ignore[arg-type]
            # A terminal that takes no output has no room for more.
            termios.tcflush(tty, termios.TCOFLUSH)
            os.write(tty, RESET)
    folder.remove_left(app)
    os._exit(0)
