"""What an experiment's `setup(model)` receives to make what its workers share: `model.Lock()`, `model.Value("q", 0)`.

`multiprocessing`'s contexts have the same three attributes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable


@dataclass(frozen=True)
class Primitives:
    """A model's lock, shared number and queue: classes, or functions that make one."""

    Lock: Callable[[], Any]
    Value: Callable[[str, float], Any]
    Queue: Callable[[int], Any]


class Number:
    """A number shared by the threads of one interpreter, with the interface of `multiprocessing.Value`."""

    def __init__(self, typecode: str, value: float) -> None:
        self.value = value
