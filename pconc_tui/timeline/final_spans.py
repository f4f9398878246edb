"""A lane's final spans, which only its CPU clock may still change: kept in pieces, and counted by state."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from pconc_tui.protocol.block import RUNS, WITHOUT_GIL, State
from pconc_tui.timeline.spans import History, PackedSpans, Span, Times

PIECE = 256
"""Spans in a piece of history."""


class FinalSpans:
    """The spans that are kept, and for how long each state lasted in all."""

    def __init__(self, max_pieces: int | None) -> None:
        """Keep at most `max_pieces` pieces, and the newest spans; None: all."""
        self.spans: list[Span] = []
        """The newest, which don't fill a piece yet."""
        self.ns = dict.fromkeys(State, 0)
        """For how long each state lasted, also in spans that are no longer kept."""
        self.mixed_ns = 0
        """How much of them is mixed: the order of their states is unknown."""
        self._pieces: deque[PackedSpans] = deque(maxlen=max_pieces)

    @property
    def running_ns(self) -> int:
        """For how long the worker ran."""
        return sum(self.ns[state] for state in RUNS)

    @property
    def released_ns(self) -> int:
        """For how much of that it had released the GIL."""
        return sum(self.ns[state] for state in WITHOUT_GIL)

    def keep_at_least(self, pieces: int) -> None:
        """Keep this many pieces, if that is more than so far."""
        if self._pieces.maxlen is not None and self._pieces.maxlen < pieces:
            self._pieces = deque(self._pieces, pieces)

    def append(self, span: Span) -> None:
        """Append this."""
        start_ns, end_ns, state, mixed = span
        self.spans.append(span)
        self.ns[state] += end_ns - start_ns
        if mixed:
            self.mixed_ns += end_ns - start_ns

    def pack(self) -> None:
        """Make pieces of as many spans as fill them."""
        spans = self.spans
        while len(spans) >= PIECE:
            self._pieces.append(PackedSpans(spans[:PIECE]))
            del spans[:PIECE]

    def take_back(self) -> Span | None:
        """Remove the last span; None: there is none."""
        if not self.spans and self._pieces:
            self.spans.extend(self._pieces.pop())
        if not self.spans:
            return None
        span = self.spans.pop()
        self.ns[span.state] -= span.end_ns - span.start_ns
        if span.mixed:
            self.mixed_ns -= span.end_ns - span.start_ns
        return span

    def count_as_running(self, ns: int) -> None:
        """The worker ran for so much of what is unknown in spans that are no longer kept, or for all of it."""
        found_ns = min(ns, self.ns[State.UNKNOWN])
        self.ns[State.UNKNOWN] -= found_ns
        self.ns[State.RUNNING] += found_ns

    def history(self, launched_ns: int, tail: tuple[Span, ...]) -> History:
        """All spans since the launch, followed by these. Of what is no longer kept, the state is unknown."""
        kept = (*self._pieces, (*self.spans, *tail))
        if self._pieces and (first_ns := self._pieces[0].start_ns) > launched_ns:
            return ((Span(launched_ns, first_ns, State.UNKNOWN),), *kept)
        return kept


def times_in(ns: Mapping[State, int]) -> Times:
    """The time in each state in seconds, of what it is in ns."""
    released_ns = ns[State.RELEASED] + ns[State.ASKING]
    return Times(
        running=(ns[State.RUNNING] + released_ns) / 1e9,
        released=released_ns / 1e9,
        gil_wait=ns[State.GIL_WAIT] / 1e9,
        core_wait=ns[State.CORE_WAIT] / 1e9,
        io=(ns[State.IO] + ns[State.BLOCKED_WITH_GIL]) / 1e9,
        lock_wait=ns[State.LOCK] / 1e9,
        unknown=ns[State.UNKNOWN] / 1e9,
        blocked_with_gil=ns[State.BLOCKED_WITH_GIL] / 1e9,
    )
