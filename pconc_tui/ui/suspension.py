"""Suspends the app on Ctrl+Z or SIGTSTP, and draws it again after it was stopped and continued.

After SIGSTOP, Textual's own handlers take the app's settings of the terminal for the terminal's own. They may also
deadlock, as they write wherever they interrupt a write.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

POLL_S = 0.1
"""How often a process that was continued in the background checks whether it is in the foreground."""


class Suspension:
    """Handles SIGTSTP and SIGCONT in the event loop."""

    def __init__(self, app: App[None], report: Callable[[bool], object], is_ending: Callable[[], bool]) -> None:
        """`report` is called with True when the terminal has been restored, and with False when it no longer is.

        `is_ending` says whether the app has been asked to end.
        """
        self._app, self._report, self._is_ending = app, report, is_ending
        self._loop = asyncio.get_running_loop()
        self._install_handlers()

    def _install_handlers(self) -> None:
        self._loop.add_signal_handler(signal.SIGTSTP, self._suspend, signal.SIGTSTP)
        self._loop.add_signal_handler(signal.SIGCONT, self._suspend, None)

    def _suspend(self, number: signal.Signals | None) -> None:
        """Restore the terminal, stop by this signal, and start again when continued in the foreground."""
        with self._app.suspend():
            self._report(True)
            for handled in (signal.SIGTSTP, signal.SIGCONT):
                self._loop.remove_signal_handler(handled)
            if number is not None:
                # To this thread, so that it is stopped before the call returns. The system ignores the signal where no
                # shell could continue the process.
                signal.pthread_kill(threading.get_ident(), number)
            # The terminal is the shell's, and a process that is about to be ended leaves it alone. Were it stopped once
            # more, it could miss SIGTERM: with SIGCONT right after it, another thread may be the one that receives it.
            while _in_background() or self._is_ending():
                time.sleep(POLL_S)
            self._install_handlers()
            self._report(False)


def _in_background() -> bool:
    """Whether the terminal now belongs to another process group, such as the shell's."""
    try:
        return sys.__stdin__ is not None and os.tcgetpgrp(sys.__stdin__.fileno()) != os.getpgrp()
    except OSError:
        return False
