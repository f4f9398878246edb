"""One worker's transitions, folded into spans that add up to its life."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from pconc_tui.protocol.block import MIXED, State, unpack
from pconc_tui.timeline.gil import Gil
from pconc_tui.timeline.spans import History, Span, Times

PIECE = 256
"""Spans in a piece of history."""
FRESH_NS = 200_000
"""A running worker last seen this long ago, or two of its chunks, is taken to be still in the chunk it was in."""


class SpanBuilder:
    """Follows one worker. Each frame: `take` for all lanes, `Gil.settle`, then `seal` for all lanes."""

    def __init__(self, worker: int, launched_ns: int, pieces: int | None) -> None:
        self.launched_ns = launched_ns
        self.started_ns: int | None = None
        self.ended_ns: int | None = None
        self.gil: Gil | None = None
        """The GIL that the worker needs; None: none."""
        self.mixed_ns = 0
        """How much of its life is mixed: the shares of the states are known, their order is not."""
        self._worker = worker
        self._state = State.STARTING
        self._mixed = False
        self._since_ns = launched_ns
        self._beat_ns = 0
        self._wakes_ns = 0
        self._fresh_ns = FRESH_NS
        self._pending: deque[tuple[int, State, bool]] = deque()
        self._pieces: deque[tuple[Span, ...]] = deque(maxlen=pieces)
        self._spans: list[Span] = []
        self._ns = dict.fromkeys(State, 0)
        self._told_ns = -1
        self._told: tuple[Span, ...] = ()

    def launch_began(self, time_ns: int) -> None:
        """The lab began to start the worker."""
        self.launched_ns = self._since_ns = time_ns
        self._told_ns = -1

    def take(self, words: Iterable[int], beat_ns: int, chunk_ns: int = 0, wakes_ns: int = 0) -> None:
        """Take the worker's new transitions, when it was last seen running, and how long its chunks are.

        `wakes_ns`: the planned end of the sleep that it is in, or was in last.
        """
        for word in words:
            time_ns, state = unpack(word)
            if self.started_ns is None:
                self.started_ns = time_ns
            self._pending.append((time_ns, state, bool(word & MIXED)))
            if self.gil is not None:
                if state is State.RUNNING:
                    self.gil.began(self._worker, time_ns)
                else:
                    self.gil.ended(self._worker, time_ns)
        self._beat_ns = beat_ns
        self._wakes_ns = wakes_ns
        self._fresh_ns = max(FRESH_NS, 2 * chunk_ns)
        if self.gil is not None:
            self.gil.seen(self._worker, beat_ns)

    def seal(self, now_ns: int) -> None:
        """Make final spans of all that had ended by now."""
        self._told_ns = -1
        while self._pending and self._pending[0][0] <= now_ns:
            time_ns, state, mixed = self._pending.popleft()
            self._close(time_ns)
            self._state = State.RUNNING if state is State.RELEASED else state
            self._mixed = mixed
            if state is State.ENDED:
                self.ended_ns = time_ns

    def cut(self, now_ns: int) -> None:
        """The worker is gone without having noted its end."""
        self.seal(now_ns)
        if self.ended_ns is None:
            if self.gil is not None:
                self.gil.ended(self._worker, max(self._beat_ns, self._since_ns))
            for span in self._tail(now_ns):
                self._add(span)
            self._since_ns = self.ended_ns = max(now_ns, self._since_ns)
            self._state = State.ENDED
            self._told_ns = -1

    def state(self, now_ns: int) -> State:
        """What the worker is doing now."""
        tail = self._tail(now_ns)
        return tail[-1].state if tail else self._state

    def times(self, now_ns: int) -> Times:
        """Its whole life up to now, from the first instruction on."""
        ns = dict(self._ns)
        for span in self._tail(now_ns):
            ns[span.state] += span.end_ns - span.start_ns
        return Times(
            running=ns[State.RUNNING] / 1e9,
            gil_wait=ns[State.GIL_WAIT] / 1e9,
            core_wait=ns[State.CORE_WAIT] / 1e9,
            io=ns[State.IO] / 1e9,
            lock_wait=ns[State.LOCK] / 1e9,
            unknown=ns[State.UNKNOWN] / 1e9,
        )

    def history(self, now_ns: int) -> History:
        """All its spans up to now; the last ones may still change."""
        return (*self._pieces, (*self._spans, *self._tail(now_ns)))

    def _tail(self, now_ns: int) -> tuple[Span, ...]:
        """The same as `_untold`, worked out once a frame."""
        if self._told_ns != now_ns:
            self._told_ns, self._told = now_ns, self._untold(now_ns)
        return self._told

    def _untold(self, now_ns: int) -> tuple[Span, ...]:
        """What is not final yet, as far as can be told."""
        if self._state is State.ENDED or now_ns <= self._since_ns:
            return ()
        if self._state is State.WAITING:
            return self._explained(self._since_ns, now_ns)
        if self._state is State.RUNNING and now_ns - self._beat_ns > self._fresh_ns:
            ran_until = max(self._beat_ns, self._since_ns)
            ran = (Span(self._since_ns, ran_until, State.RUNNING, self._mixed),) if ran_until > self._since_ns else ()
            return (*ran, *self._explained(ran_until, now_ns))
        if self._state is State.IO and self._since_ns < self._wakes_ns < now_ns:
            # It could go on, and will say so when it does.
            return (Span(self._since_ns, self._wakes_ns, State.IO), *self._explained(self._wakes_ns, now_ns))
        return (Span(self._since_ns, now_ns, self._state, self._mixed),)

    def _close(self, end_ns: int) -> None:
        if end_ns > self._since_ns:
            waited = self._state is State.WAITING
            gap = Span(self._since_ns, end_ns, self._state, self._mixed)
            for span in self._explained(self._since_ns, end_ns) if waited else (gap,):
                self._add(span)
            self._since_ns = end_ns

    def _add(self, span: Span) -> None:
        self._spans.append(span)
        self._ns[span.state] += span.end_ns - span.start_ns
        if span.mixed:
            self.mixed_ns += span.end_ns - span.start_ns
        if len(self._spans) == PIECE:
            self._pieces.append(tuple(self._spans))
            self._spans.clear()

    def _explained(self, start_ns: int, end_ns: int) -> tuple[Span, ...]:
        """A gap, by what it was spent waiting for."""
        if self.gil is None:
            return (Span(start_ns, end_ns, State.CORE_WAIT),)
        return tuple(self.gil.explain(start_ns, end_ns, self._worker))
