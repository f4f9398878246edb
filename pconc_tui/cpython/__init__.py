"""Reads a running CPython's GIL from outside, on Linux only. Runs in the app and the sampler; standard library only."""

from pconc_tui.cpython.gil_state import GilLocks, GilState
from pconc_tui.cpython.locate import embeds_python
from pconc_tui.cpython.parking_lot import Parked
from pconc_tui.cpython.remote_memory import NotReadableError, ended, living_thread
from pconc_tui.cpython.runtime import Runtime

__all__ = ["GilLocks", "GilState", "NotReadableError", "Parked", "Runtime", "embeds_python", "ended", "living_thread"]
