"""Watch the GIL serialize CPU work: threads and processes launched on demand, measured and drawn live.

Imported in every process; imports the standard library only (CPython 3.9 on).
"""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` takes 10 ms to import.
    from typing import Any

__version__ = "0.1.0"

current: ContextVar[Any] = ContextVar("pconc_tui.current", default=None)
"""The worker whose code the calling thread or task runs; set by the lab."""


def probe() -> None:
    """Report that your function runs. Called in its loop, it makes the lane exact and counts one iteration.

    Outside a lab it does nothing. In a worker that is asked to stop it raises an exception that ends the worker.
    """
    worker = current.get()
    if worker is not None:
        worker.probe()
