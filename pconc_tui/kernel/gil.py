"""A GIL: which thread holds it, which wait for it, and how often it was handed over. Pure."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from pconc_tui.kernel.gil_use import GilUse

T = TypeVar("T")


class Gil(NamedTuple):
    """Addresses in a `_gil_runtime_state`: each begins a lock at which threads wait; `end` follows the last."""

    cond: int
    mutex: int
    switch_cond: int
    switch_mutex: int
    end: int


class Hold(NamedTuple):
    """A thread held a GIL; it may have released it meanwhile and taken it again, if no other took it."""

    began_ns: int
    ended_ns: int
    tid: int


class Holder(Generic[T]):
    """The threads around one GIL."""

    def __init__(self) -> None:
        self.thread: T | None = None
        """The one that holds it; None: none, or unknown."""
        self.before: T | None = None
        """The last that held it before that."""
        self.taken_ns = 0
        self.released_ns = 0
        self.requested_ns = 0
        """When a thread that waits last asked for it."""
        self.waiting: set[T] = set()
        """Those that are blocked at `cond`."""
        self.use = GilUse()
        self.handoffs = 0
        """How often another thread took it than the last time."""
        self._last: T | None = None

    def take(self, thread: T, time_ns: int) -> None:
        """The thread takes it; it must be free."""
        if self._last is not thread:
            self.handoffs += self._last is not None
            self._last = thread
        self.thread, self.taken_ns = thread, time_ns

    def release(self, time_ns: int) -> None:
        """The thread that holds it releases it."""
        self.before, self.thread, self.released_ns = self.thread, None, time_ns

    def forget(self, thread: T) -> None:
        """The thread has ended."""
        self.waiting.discard(thread)
        if self._last is thread:
            self._last = None
        if self.before is thread:
            self.before = None
