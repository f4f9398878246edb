"""Tracebacks that begin at the user's own first frame and leave out ours."""

from __future__ import annotations

import os
from traceback import TracebackException, format_exception_only
from typing import List

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OURS = tuple(os.path.join(_PACKAGE, name, "") for name in ("lab", "worker"))
_IMPORT_AND_ASYNCIO = (
    "<frozen importlib",
    *(os.path.join(os.path.dirname(os.path.abspath(os.__file__)), name, "") for name in ("asyncio", "importlib")),
)


def format_traceback(error: BaseException) -> List[str]:
    """The lines of the traceback."""
    traceback = TracebackException.from_exception(error)
    _strip(traceback)
    return "".join(traceback.format()).rstrip("\n").split("\n")


def summarize(error: BaseException) -> str:
    """The exception's type and message."""
    parts = format_exception_only(type(error), error)
    return parts[-1 if isinstance(error, SyntaxError) else 0].strip()


def _strip(traceback: TracebackException) -> None:
    if traceback.stack:
        # Ours may be between the user's: a coroutine awaits through our code.
        frames = [frame for frame in traceback.stack if not frame.filename.startswith(_OURS)]
        while frames and frames[0].filename.startswith(_IMPORT_AND_ASYNCIO):
            del frames[0]
        traceback.stack[:] = frames
        if not frames:
            traceback.stack = None  # type: ignore[assignment]
    for other in (traceback.__cause__, traceback.__context__, *(getattr(traceback, "exceptions", None) or ())):
        if other is not None:
            _strip(other)
