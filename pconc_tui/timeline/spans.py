"""Spans, a worker's history made of them, and the time spent in each state."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

from pconc_tui.protocol.block import MIXED, STATES, State


class Span(NamedTuple):
    """A stretch in one state, in `time.perf_counter_ns` time."""

    start_ns: int
    end_ns: int
    state: State
    mixed: bool = False
    """Whether it took turns with its neighbours that are mixed too: the lengths are right, the order is unknown."""


class Piece(Sequence[Span]):
    """Spans without holes that are final, and what they have in common."""

    __slots__ = ()

    @property
    def start_ns(self) -> int:
        """The start of the first span."""
        raise NotImplementedError

    @property
    def end_ns(self) -> int:
        """The end of the last span."""
        raise NotImplementedError

    @property
    def mixed(self) -> bool:
        """Whether any of them is mixed."""
        raise NotImplementedError

    @property
    def shares(self) -> dict[State, float]:
        """The part of the whole in each state, 0 to 1."""
        raise NotImplementedError


class PackedSpans(Piece):
    """Spans in 8 bytes each, a tenth of what tuples take: packed as transitions, then the last end."""

    __slots__ = ("_shares", "_words", "end_ns", "mixed", "start_ns")
    start_ns: int
    end_ns: int
    mixed: bool

    def __init__(self, spans: Sequence[Span]) -> None:
        starts_ns, ends_ns, states, mixed = zip(*spans, strict=True)
        # As `pack` does, without calling it for each.
        words = [ns << 5 | mix << 4 | state for ns, mix, state in zip(starts_ns, mixed, states, strict=True)]
        self._words = array("q", words)
        self.start_ns, self.end_ns, self.mixed = starts_ns[0], ends_ns[-1], any(mixed)
        self._shares: dict[State, float] | None = None

    @property
    def shares(self) -> dict[State, float]:
        """The part of the whole in each state, 0 to 1; computed when first asked for, as most never are."""
        if self._shares is None:
            times_ns = dict.fromkeys(State, 0)
            for start_ns, end_ns, state, _ in self:
                times_ns[state] += end_ns - start_ns
            self._shares = {state: ns / (self.end_ns - self.start_ns) for state, ns in times_ns.items() if ns}
        return self._shares

    def __len__(self) -> int:
        return len(self._words)

    @overload
    def __getitem__(self, index: int) -> Span: ...

    @overload
    def __getitem__(self, index: slice) -> list[Span]: ...

    def __getitem__(self, index: int | slice) -> Span | list[Span]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._unpacked(start, stop) if step == 1 else [*self][index]
        start = range(len(self))[index]
        return self._unpacked(start, start + 1)[0]

    def __iter__(self) -> Iterator[Span]:
        return iter(self._unpacked(0, len(self)))

    def _unpacked(self, start: int, stop: int) -> list[Span]:
        words = self._words[start : stop + 1]
        times_ns = [*[word >> 5 for word in words], self.end_ns]
        return [
            _new(Span, (start_ns, end_ns, STATES[word & 15], word & MIXED > 0))
            for word, start_ns, end_ns in zip(words[: stop - start], times_ns, times_ns[1:], strict=False)
        ]


_new = tuple.__new__
"""Faster than calling the class."""


History = tuple[Sequence[Span], ...]
"""A worker's spans in order, without holes or overlaps, in pieces; frames share all pieces but the last."""


PROVISIONAL = 3
"""So many spans at the end of a lane may still change: what ran, then a wait for a core and one for the GIL."""
PROVISIONAL_SAMPLED = 24
"""The same of a sampled lane, whose last spans may be corrected."""


def pieces_between(history: History, start_ns: int, end_ns: int) -> Iterator[Sequence[Span]]:
    """The pieces that overlap the window, in order; the first may end before it."""
    first = max(0, bisect_right(history, start_ns, key=lambda piece: piece_start_ns(piece) if piece else end_ns) - 1)
    for piece in history[first:]:
        if piece and piece_start_ns(piece) >= end_ns:
            return
        yield piece


def piece_start_ns(piece: Sequence[Span]) -> int:
    """The start of a piece that is not empty."""
    return piece.start_ns if isinstance(piece, Piece) else piece[0].start_ns


def spans_of(piece: Sequence[Span], start_ns: int, end_ns: int) -> Iterator[Span]:
    """The spans of a piece that overlap the window, in order and uncut."""
    skip = max(0, bisect_right(piece, start_ns, key=lambda span: span.start_ns) - 1)
    for span in piece[skip:]:
        if span.start_ns >= end_ns:
            return
        if span.end_ns > start_ns:
            yield span


@dataclass(frozen=True)
class Times:
    """Seconds in each state; they add up to the wall time."""

    running: float = 0.0
    gil_wait: float = 0.0
    core_wait: float = 0.0
    io: float = 0.0
    lock_wait: float = 0.0
    unknown: float = 0.0
    """Of a sampled lane: the sampler could not determine the state."""
    released: float = 0.0
    """The part of `running` in which it ran without the GIL: code that had released it, or asked for it."""
    blocked_with_gil: float = 0.0
    """The part of `io` in which it had not released the GIL."""

    @property
    def io_without_gil(self) -> float:
        """The part of `io` in which it had released the GIL, or needed none."""
        return max(0.0, self.io - self.blocked_with_gil)

    @property
    def wall(self) -> float:
        """Wall time in seconds."""
        return self.running + self.gil_wait + self.core_wait + self.io + self.lock_wait + self.unknown


TIMED = {
    State.RUNNING: "running",
    State.RELEASED: "released",
    State.ASKING: "asking",
    State.GIL_WAIT: "gil_wait",
    State.CORE_WAIT: "core_wait",
    State.IO: "io",
    State.BLOCKED_WITH_GIL: "blocked_with_gil",
    State.LOCK: "lock_wait",
    State.UNKNOWN: "unknown",
}
"""The states in which a worker lives, by the names of their `Times`; there, `running` includes `released`, which
includes the moments of asking for the GIL, and `io` includes `blocked_with_gil`."""
