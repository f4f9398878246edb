"""What `Watch` needs of whatever observes the threads of a process tree: the kernel's records, or samples."""

from __future__ import annotations

from typing import Any, Protocol

from pconc_tui.protocol.lane_source import Source

FOREVER_NS = 1 << 58
"""Later than any transition."""


class WatchedTree(Protocol):
    """What observes the threads."""

    threads: Any
    processes: Any
    died: bool
    not_shown: int
    problem: str | None

    @property
    def ready(self) -> bool:
        """Whether it observes, or never will."""

    @property
    def source(self) -> Source | None:
        """Where lanes come from; None: it can't observe."""

    @property
    def overload(self) -> str | None:
        """That it can't keep up; None: it does."""

    @property
    def until_ns(self) -> int:
        """Up to when all is known."""

    @property
    def has_unread(self) -> bool:
        """Whether there is something to receive."""

    def receive(self) -> None:
        """Receive what is new."""

    def forget(self, thread: Any) -> None:
        """Forget a thread that has ended."""

    def abandon(self) -> None:
        """Let it end, whatever it has not read yet."""

    def close(self) -> None:
        """End it."""
