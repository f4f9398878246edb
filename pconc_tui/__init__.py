"""Watch the GIL serialize CPU work: threads and processes launched on demand, measured and drawn live."""

from contextvars import ContextVar
from typing import Any

__version__ = "0.1.0"

current: ContextVar[Any] = ContextVar("pconc_tui.current", default=None)
"""The worker that the calling thread or task is; set by the lab."""


def probe() -> None:
    """Tell that your function runs: called in its loop, it makes the lane exact, and counts one iteration.

    Where nobody watches it does nothing. In a worker that is to stop it does not return.
    """
    worker = current.get()
    if worker is not None:
        worker.probe()
