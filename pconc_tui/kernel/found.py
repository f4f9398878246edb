"""What records say of threads: the result of `Episodes`. Pure."""

from __future__ import annotations

from typing import NamedTuple

from pconc_tui.kernel.gil import Hold
from pconc_tui.protocol.block import State

WITHOUT_CORE = 1
"""The thread is not blocked: it lost its core while it needed the GIL."""


class Transition(NamedTuple):
    """From this time on a thread is in this state."""

    time_ns: int
    tid: int
    state: State
    detail: int = 0
    """Address of the futex of a `LOCK`. `WITHOUT_CORE`: a `GIL_WAIT`, as far as another holds the GIL meanwhile."""


class Request(NamedTuple):
    """A thread that has waited for the GIL for a switch interval asks its holder to release it."""

    time_ns: int
    tid: int


class Found(NamedTuple):
    """What records say; transitions are ordered by time for each thread, the others altogether."""

    transitions: list[Transition]
    requests: list[Request]
    holds: list[Hold]
