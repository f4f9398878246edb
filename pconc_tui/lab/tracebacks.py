"""Tracebacks as the person who wrote the code wants them: from their own first line on, without what called it."""

from __future__ import annotations

import os
from traceback import FrameSummary, TracebackException, format_exception_only
from typing import List

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OURS = tuple(os.path.join(_PACKAGE, name, "") for name in ("lab", "worker"))
_CALLERS = (
    "<frozen importlib",
    *(os.path.join(os.path.dirname(os.path.abspath(os.__file__)), name, "") for name in ("asyncio", "importlib")),
)


def trace(error: BaseException) -> List[str]:
    """The traceback, line by line."""
    told = TracebackException.from_exception(error)
    _strip(told)
    return "".join(told.format()).rstrip("\n").split("\n")


def summary(error: BaseException) -> str:
    """The exception's type and message."""
    parts = format_exception_only(type(error), error)
    return parts[-1 if isinstance(error, SyntaxError) else 0].strip()


def _strip(told: TracebackException) -> None:
    if told.stack:
        # Ours are not only the first: what a coroutine awaits may raise through us.
        frames = [frame for frame in told.stack if not frame.filename.startswith(_OURS)]
        while frames and _calls(frames[0]):
            del frames[0]
        told.stack[:] = frames
        if not frames:
            told.stack = None  # type: ignore[assignment]
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            _strip(other)


def _calls(frame: FrameSummary) -> bool:
    return frame.filename.startswith(_CALLERS)
