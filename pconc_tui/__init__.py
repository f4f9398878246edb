"""Watch the GIL serialize CPU work. This module is imported in every process and imports no other of the package."""

from contextvars import ContextVar
from typing import Any

__version__ = "0.1.0"

current: ContextVar[Any] = ContextVar("pconc_tui.current", default=None)
"""The worker that runs in the calling thread or task; the lab sets it."""


def probe() -> None:
    """Record that your function runs: called in its loop, it makes the lane exact and counts one iteration.

    Outside a lab it does nothing. In a worker that is asked to stop it does not return.
    """
    worker = current.get()
    if worker is not None:
        worker.probe()
