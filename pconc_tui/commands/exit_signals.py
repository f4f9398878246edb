"""Ends the dashboard on SIGINT, SIGTERM, SIGHUP and a closed terminal, in time whatever the app is doing."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

GRACE_S = 0.7
"""How long the app may take to end before it is ended by force."""
CLOSE_S = 0.6
"""How long the labs may take to end after that. They end by themselves after the process, but then no process waits."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""A key that is pressed in the app is no SIGINT, but another process may send one."""


class Ending:
    """Asks the app to end; if it doesn't, closes the labs and ends the process.

    The app may be unable to: Textual's main thread blocks where its writer thread can't write.
    """

    def __init__(self, ask: Callable[[int], object], close: Callable[[], object]) -> None:
        """`ask`, which returns at once, receives the exit status; `close` ends the labs. Both are thread-safe."""
        self._ask, self._close = ask, close
        self._begun = threading.Lock()

    def begin(self, number: int) -> None:
        """End the process as this signal would. Only the first call counts."""
        if self._begun.acquire(blocking=False):
            threading.Thread(target=self._force, args=(128 + number,), daemon=True).start()
            self._ask(128 + number)

    def _force(self, status: int) -> None:
        time.sleep(GRACE_S)
        closing = threading.Thread(target=self._try_to_close, daemon=True)
        closing.start()
        closing.join(CLOSE_S)
        # The terminal is restored by the process that guards it.
        os._exit(status)

    def _try_to_close(self) -> None:
        with suppress(Exception):
            self._close()

    @contextmanager
    def on_signals_and_hang_up(self) -> Iterator[None]:
        """Begin on each of these signals that is not ignored, and when the terminal is closed."""

        def received(number: int, frame: FrameType | None) -> None:
            self.begin(number)

        # Not by the event loop, which may be blocked.
        handled = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, received) for number in handled}
        threading.Thread(target=self._wait_for_hang_up, args=(sys.stdin.fileno(),), daemon=True).start()
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wait_for_hang_up(self, tty: int) -> None:
        terminal = select.poll()
        # No event is asked for, but a hang-up is always reported.
        terminal.register(tty, 0)
        # Where a terminal can't be polled, as on some systems, that is reported too.
        if any(event & select.POLLHUP for _, event in terminal.poll()):
            self.begin(signal.SIGHUP)
