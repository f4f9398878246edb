"""What CPython itself keeps of its GIL, read from outside the process that it runs in. Linux only, and says so."""

from pconc_tui.cpython.memory import NotReadableError, ended
from pconc_tui.cpython.runtime import GilState, Runtime, open_runtime

__all__ = ["GilState", "NotReadableError", "Runtime", "ended", "open_runtime"]
