"""Blocks the signal of Ctrl+Z where a thread starts a process, so that this process can always be stopped as a whole.

The signal goes to the process group. A child that it stops before it executes its program keeps the thread that starts
it waiting in the kernel (`vfork`), where that thread can't be stopped. Then the shell never learns that the process has
stopped, and the terminal is dead. The main thread needs this less: it is the one that sends the signal.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stop_signal_blocked() -> Iterator[None]:
    """Block SIGTSTP in this thread, and in the processes that it starts meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
