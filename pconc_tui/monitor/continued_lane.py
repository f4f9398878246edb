"""One worker's lane by the kernel's records, and sampled from the moment on at which its observer ends.

Between what the last records say and the first sample it is unknown what the worker did. When it has ended, its CPU
clock says how long it ran meanwhile.
"""

from __future__ import annotations

from pconc_tui.monitor.observed_lane import ObservedLane
from pconc_tui.monitor.recorded_lane import RecordedLane
from pconc_tui.monitor.sampler_client import SampledTransitions
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Sampling


class ContinuedLane:
    """The one, then the other. An `ObservedLane`."""

    is_recorded = True

    def __init__(self, recorded: RecordedLane, sampled: SampledTransitions) -> None:
        """`sampled`: the worker is sampled already."""
        self._recorded = recorded
        self._sampled = sampled
        self._lane: ObservedLane = recorded

    @property
    def source(self) -> Source | None:
        """The present one."""
        return self._lane.source

    @property
    def last_ns(self) -> int:
        """Up to when is known what the worker does."""
        return self._lane.last_ns

    @property
    def cpu_ns(self) -> int:
        """Its thread's CPU clock as last read; 0: it was not."""
        return self._lane.cpu_ns

    @property
    def fresh_ns(self) -> int:
        """For how long it is shown as running after it was last seen running."""
        return self._lane.fresh_ns

    @property
    def lost(self) -> int:
        """Transitions that were overwritten before they were read."""
        return self._recorded.lost + self._sampled.lost

    def read(self) -> None:
        """Read what is new."""
        self._lane.read()

    def take(self, own: list[int], header: list[int], used_ns: int) -> tuple[list[int], int, tuple[int, int] | None]:
        """As in `ObservedLane`; its CPU clock corrects nothing, since part of what it ran may be unknown."""
        is_over = self._lane is self._recorded and self._recorded.is_over
        if not is_over:
            words, last_ns, _ = self._lane.take(own, header, used_ns)
            return words, last_ns, None
        later = self._recorded.later(own)
        words, last_ns, _ = self._recorded.take([], header, used_ns)
        # It may have ended meanwhile: until then it ran, as far as it reports itself.
        own_state = State.RUNNING if later and self._recorded.own is not None else self._recorded.own
        self._sampled.resume(own_state, max([last_ns, *(each >> 5 for each in words)]))
        self._lane = self._sampled
        more, sampled_ns, _ = self._sampled.take(later, header, used_ns)
        return [*words, *more], max(last_ns, sampled_ns), None

    def gil(self, own: int) -> int:
        """Which GIL it needs; `own`: by its own word."""
        return self._lane.gil(own)

    def end(self) -> None:
        """The worker has ended."""
        self._sampled.end()

    def view(self, header: list[int], mixed_ns: int = 0) -> Sampling:
        """How its lane is made, for the snapshot."""
        return self._lane.view(header, mixed_ns)
