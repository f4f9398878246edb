"""What another process sees of a worker that runs a user's function: by the kernel's records, or sampled."""

from __future__ import annotations

from typing import Protocol

from pconc_tui.protocol.block import REPORTING_SINCE
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Sampling


class ObservedLane(Protocol):
    """One worker's lane, seen from outside. Each frame: `read`, then the worker's own slot is read, then `take`."""

    is_recorded: bool
    """Whether it is exact but for what is unknown, at least in the beginning."""

    @property
    def source(self) -> Source | None:
        """Where the lane comes from; None: not known yet."""

    @property
    def last_ns(self) -> int:
        """Up to when is known what the worker does."""

    @property
    def cpu_ns(self) -> int:
        """Its thread's CPU clock as last read; 0: it was not."""

    @property
    def fresh_ns(self) -> int:
        """For how long it is shown as running after it was last seen running."""

    @property
    def lost(self) -> int:
        """Transitions that were overwritten before they were read."""

    def read(self) -> None:
        """Read what is new."""

    def take(self, own: list[int], header: list[int], used_ns: int) -> tuple[list[int], int, tuple[int, int] | None]:
        """Its new transitions, when it was last known to run, and a time and how long it had run by then; all in ns.

        `own`: its new own transitions; `header`: of its slot; `used_ns`: its CPU time at the last of them. The last is
        None where the transitions need no correction.
        """

    def gil(self, own: int) -> int:
        """Which GIL it needs; `own`: by its own word."""

    def end(self) -> None:
        """The worker has ended: its slot is about to be another worker's."""

    def view(self, header: list[int], mixed_ns: int = 0) -> Sampling:
        """How the lane was made, for the snapshot; `mixed_ns`: how much of it is mixed."""


class NotObservedYet:
    """Stands for the lane of a worker whose launch waits until it can be observed."""

    is_recorded = False
    source = None
    last_ns = cpu_ns = fresh_ns = lost = 0

    def read(self) -> None:
        """Nothing can be read yet."""

    def take(self, own: list[int], header: list[int], used_ns: int) -> tuple[list[int], int, tuple[int, int] | None]:
        """The worker has no transitions yet."""
        del header, used_ns
        return own, 0, None

    def gil(self, own: int) -> int:
        """By its own word."""
        return own

    def end(self) -> None:
        """It ended before it started."""

    def view(self, header: list[int], mixed_ns: int = 0) -> Sampling:
        """Nothing is known."""
        del mixed_ns
        return Sampling(None, header[REPORTING_SINCE] > 0, None)
