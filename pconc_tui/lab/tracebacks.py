"""An exception in words: its summary, and its traceback without our frames. Describing one never fails."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from traceback import TracebackException, format_exception_only, format_tb
from typing import Any, Iterator, List, NamedTuple, Optional

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OURS = tuple(os.path.join(_PACKAGE, name, "") for name in ("lab", "worker"))
_IMPORT_AND_ASYNCIO = (
    "<frozen importlib",
    *(os.path.join(os.path.dirname(os.path.abspath(os.__file__)), name, "") for name in ("asyncio", "importlib")),
)
MAX_CHAINED = 20
"""How many exceptions of a chain of causes are shown; the number of the others is."""
MAX_LINES = 400
"""How many lines of a traceback are shown, half of them the last ones; the number of the others is."""
RECURSION_LIMIT = 1000
_CHAIN: List[Any] = [vars(BaseException)[name] for name in ("__cause__", "__context__", "__suppress_context__")]


class Description(NamedTuple):
    """An exception in words."""

    summary: str
    """Its type and message."""
    traceback: List[str]
    """The lines of its traceback."""


def describe(error: BaseException) -> Description:
    """The exception in words: in fewer where even describing it raises exceptions."""
    for prepare in (lambda _: None, _release):
        # Anything may be raised: by the exception's own methods, for lack of memory, by a recursion limit.
        with suppress(BaseException):
            prepare(error)
            return Description(_summary(error), _traceback(error))
    summary, lines = _plain_name(type(error)), []
    with suppress(BaseException):
        lines = [line for part in format_tb(error.__traceback__) for line in part.splitlines()]
    with suppress(BaseException):
        summary += f": {error}"
    return Description(summary, [*lines[-MAX_LINES:], summary])


def _summary(error: BaseException) -> str:
    with _shortened_chain(error):
        parts = format_exception_only(type(error), error)
    return parts[-1 if isinstance(error, SyntaxError) else 0].strip()


def _traceback(error: BaseException) -> List[str]:
    with _shortened_chain(error) as left_out:
        traceback = TracebackException.from_exception(error)
        _strip(traceback)
        lines = "".join(traceback.format()).rstrip("\n").split("\n")
    if len(lines) > MAX_LINES:
        half = MAX_LINES // 2
        lines[half:-half] = [f"  [{len(lines) - 2 * half:,} lines are not shown]"]
    return [f"[{left_out:,} earlier exceptions of the chain are not shown]", "", *lines] if left_out else lines


@contextmanager
def _shortened_chain(error: BaseException) -> Iterator[int]:
    """A context in which at most `MAX_CHAINED` exceptions are chained; its value is the number of the others.

    `traceback` needs recursion for each cause, before CPython 3.11, and time for each everywhere.
    """
    last: Optional[BaseException] = error
    for _ in range(MAX_CHAINED - 1):
        last = None if last is None else _reason(last)
    if last is None or _reason(last) is None:
        yield 0
        return
    seen, other = {id(last)}, _reason(last)
    while other is not None and id(other) not in seen:
        seen.add(id(other))
        other = _reason(other)
    before = [field.__get__(last, type(last)) for field in _CHAIN]
    try:
        for field, value in zip(_CHAIN, (None, None, False)):
            field.__set__(last, value)
        yield len(seen) - 1
    finally:
        for field, value in zip(_CHAIN, before):
            field.__set__(last, value)


def _reason(error: BaseException) -> Optional[BaseException]:
    """The exception that is shown before this one."""
    cause, context, suppressed = (field.__get__(error, type(error)) for field in _CHAIN)
    return cause if cause is not None else None if suppressed else context


def _strip(traceback: TracebackException) -> None:
    """Remove our frames, and those of `import` and asyncio that come first."""
    pending: List[Any] = [traceback]
    while pending:
        each = pending.pop()
        if each.stack:
            # Ours may be between the user's: a coroutine awaits through our code.
            frames = [frame for frame in each.stack if not frame.filename.startswith(_OURS)]
            while frames and frames[0].filename.startswith(_IMPORT_AND_ASYNCIO):
                del frames[0]
            each.stack[:] = frames
            if not frames:
                each.stack = None
        others = each.__cause__, each.__context__, *(getattr(each, "exceptions", None) or ())
        pending += [other for other in others if other is not None]


def _release(error: BaseException) -> None:
    """Give back what the failed code took and describing its exception needs: stack, files, memory."""
    sys.setrecursionlimit(max(RECURSION_LIMIT, sys.getrecursionlimit()))
    traceback = error.__traceback__
    while traceback is not None:
        with suppress(RuntimeError):  # The frame still runs.
            traceback.tb_frame.clear()
        traceback = traceback.tb_next


def _plain_name(kind: type) -> str:
    """The name of a class, whatever its metaclass makes of `__name__`."""
    name = vars(type)["__name__"].__get__(kind, type)
    return name if isinstance(name, str) else "?"
