"""The result of a function on its way from a pool's worker to the parent: as its executor sends it, but measured.

The worker pickles the result once and sends the bytes; the parent unpickles them where the executor would.
"""

from __future__ import annotations

import pickle
from typing import Any, Callable, NamedTuple, Optional, Tuple


class ReceivedResult(NamedTuple):
    """What a parent has received."""

    value: Any
    sent_bytes: Optional[int]
    """The size of the pickled result; None: unknown, since it was not pickled."""


class SentResult:
    """A pickled result, which is unpickled as `ReceivedResult`."""

    def __init__(self, result: Any, dumps: Callable[[Any], Any]) -> None:
        """Pickle the result. Raises what its pickling raises."""
        self._data = bytes(dumps(result))

    def __reduce__(self) -> Tuple[Any, ...]:
        return _receive, (self._data,)


def to_process(result: Any) -> SentResult:
    """A result for another process, pickled as `ProcessPoolExecutor` does."""
    from multiprocessing.reduction import ForkingPickler  # Not needed in interpreters, which import each module anew.

    return SentResult(result, ForkingPickler.dumps)


def to_interpreter(result: Any, is_shareable: Callable[[Any], bool]) -> Any:
    """A result for another interpreter of the process, pickled only where `InterpreterPoolExecutor` does."""
    if not is_shareable(result):
        return SentResult(result, pickle.dumps)
    return result, None if isinstance(result, tuple) else len(pickle.dumps(result))


def _receive(data: bytes) -> ReceivedResult:
    return ReceivedResult(pickle.loads(data), len(data))
