"""Folds one worker's transitions into spans that cover its life without holes or overlaps.

A transition is `(time, state)`; the worker stays in that state until its next transition. `add` queues transitions,
`finalize` makes final spans of those up to the frame's time. It does so in two steps because a gap (state WAITING) can
only be explained when the runs of all workers under the same GIL are known. Example, in ms:

    worker 1 records   1 RUNNING    5 WAITING    10 RUNNING    12 ENDED      (worker 2 runs from 5 to 10)
    its spans          0-1 starting    1-5 running    5-10 GIL wait    10-12 running

Spans after the last transition are provisional (the *tail*), since a worker that does not run can't record that. But it
records when it last ran, after each chunk. With the last transition at 1 RUNNING and the last chunk finished at 5, the
tail at 10 is 1-5 running and the gap 5-10, explained by the runs known now. For FRESH_NS, or two chunks, after it last
ran a worker counts as running, but not in a mixed stretch, in which it runs for a moment at a time. A sleep past its
planned end is a gap too: the thread could run but does not.

The sampler knows how long a worker ran to some ms only. Once the worker's CPU clock is known exactly (`ran`), its last
spans are changed by as little as that takes. A transition of the sampler may be *mixed*: the durations of its span and
of the mixed ones beside it are right, their order is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from pconc_tui.protocol.block import MIXED, RUNS, STATES, State
from pconc_tui.timeline.corrections import corrected, filled
from pconc_tui.timeline.final_spans import FinalSpans, times_in
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.holds import HOLDS
from pconc_tui.timeline.longest_hold import LongestHold
from pconc_tui.timeline.spans import History, Span, Times

FRESH_NS = 200_000
"""A worker that last ran no longer ago than this counts as running."""


class SpanBuilder:
    """One worker's lane. Each frame: `add` for all lanes, `Gil.update`, then `finalize` for all lanes."""

    def __init__(self, worker: int, launched_ns: int, max_pieces: int | None) -> None:
        """Keep at most `max_pieces` pieces of history, and the newest spans; None: all."""
        self.launched_ns = launched_ns
        self.started_ns: int | None = None
        """Time of the worker's first instruction, or from which on its thread waited for the GIL to execute that."""
        self.ended_ns: int | None = None
        self.released = False
        """Whether the worker ran code that had released the GIL."""
        self.needs_gil_to_start = False
        """Whether it is a thread of its own, which waits for the GIL to execute its first instruction."""
        self.gil: Gil | None = None
        """The GIL that the worker needs; None: it needs none."""
        self.is_observed = False
        """Whether other processes observe what it does: where they have seen nothing for long, that is unknown."""
        self.hides_releases = False
        """Whether its transitions don't show that it releases the GIL and takes it again while no other waits."""
        self.hold: LongestHold | None = LongestHold(worker)
        """The longest time for which it did not release the GIL; None: it is not computed here."""
        self._worker = worker
        self._state = State.STARTING
        self._mixed = False
        self._since_ns = launched_ns
        """End of the final spans, and start of `_state`."""
        self._last_ran_ns = 0
        self._sleep_end_ns = 0
        self._fresh_ns = FRESH_NS
        self._pending: list[int] = []
        self._runs = False
        """Whether its newest transition says that it runs, and so has started a run of its GIL."""
        self._ran: tuple[int, int] | None = None
        self._final = FinalSpans(max_pieces)
        self._tail_ns = -1
        """The time that `_tail` and `_times` were computed for."""
        self._tail: tuple[Span, ...] = ()
        self._times: Times | None = None

    def set_launched(self, time_ns: int) -> None:
        """Correct the time of launch to when the lab started to start the worker."""
        self.launched_ns = self._since_ns = time_ns
        self._tail_ns = -1

    def keep_at_least(self, pieces: int) -> None:
        """Keep this many pieces of history, if that is more than so far."""
        self._final.keep_at_least(pieces)

    @property
    def mixed_ns(self) -> int:
        """How much of the final spans is mixed: the order of their states is unknown."""
        return self._final.mixed_ns

    @property
    def released_share(self) -> float:
        """The part of the time in which it ran, by its final spans, for which it had released the GIL."""
        return self._final.released_ns / max(1, self._final.running_ns)

    def add(
        self,
        words: Sequence[int],
        last_ran_ns: int,
        fresh_ns: int = 0,
        sleep_end_ns: int = 0,
        ran: tuple[int, int] | None = None,
    ) -> None:
        """Add the worker's new transitions, and when it last ran.

        What it did when it last ran counts for `fresh_ns` after it, or for FRESH_NS if that is longer; `sleep_end_ns`
        is the planned end of its current or last sleep; `ran` a time and how long it had run by then, None where that
        is not known.
        """
        gil = self.gil
        for word in words:
            state = word & 15
            if state == _RUNNING:
                if gil is not None:
                    gil.start_run(self._worker, word >> 5)
                    self._runs = True
            else:
                if state == _RELEASED:
                    self.released = True
                if self._runs:
                    self._runs = False
                    if gil is not None:
                        gil.end_run(self._worker, word >> 5)
        self._pending += words
        if self.started_ns is None and self._pending:
            self.started_ns = self._pending[0] >> 5
        self._last_ran_ns = last_ran_ns
        self._sleep_end_ns = sleep_end_ns
        self._ran = ran or self._ran
        self._fresh_ns = max(FRESH_NS, fresh_ns)
        if gil is not None:
            gil.extend_run(self._worker, last_ran_ns)
            if self.hides_releases:
                gil.queue.add(self._worker, words)

    def use_gil(self, gil: Gil | None) -> None:
        """Set the GIL that the worker needs from now on."""
        if gil is not self.gil and self.gil is not None:
            self.gil.end_run(self._worker, max(self._last_ran_ns, self._since_ns))
            self._runs = False
        self.gil = gil

    def finalize(self, now_ns: int) -> None:
        """Make final spans of the states that ended by now."""
        self._tail_ns = -1
        state, mixed, since_ns = self._state, self._mixed, self._since_ns
        final, hold, ready = self._final, self.hold, 0
        spans, ns = final.spans, final.ns
        for word in self._pending:
            time_ns = word >> 5
            if time_ns > now_ns:
                break
            ready += 1
            if time_ns > since_ns:
                if mixed or state in _EXPLAINED:
                    self._append(self._made_of(state, mixed, since_ns, time_ns))
                else:  # As `FinalSpans.append` does, for the most frequent case.
                    span = _new(Span, (since_ns, time_ns, state, False))
                    spans.append(span)
                    ns[state] += time_ns - since_ns
                    if hold is not None and (state in HOLDS or hold.began_ns is not None):
                        hold.add(span, self.gil, self.hides_releases)
                since_ns = time_ns
            state, mixed = STATES[word & 15], word & MIXED > 0
            if state is _ENDED:
                self.ended_ns = time_ns
        del self._pending[:ready]
        self._state, self._mixed, self._since_ns = state, mixed, since_ns
        final.pack()
        if self._ran is not None and self._ran[0] <= now_ns:
            self._close(self._ran[0])
            self.correct(self._ran[1])
            self._ran = None

    def end(self, now_ns: int) -> None:
        """End the lane; a worker that did not record its own end, such as a killed one, ended now."""
        self.finalize(now_ns)
        if self.ended_ns is None:
            if self.gil is not None:
                self.gil.end_run(self._worker, max(self._last_ran_ns, self._since_ns))
            tail = self._current_tail(now_ns)
            if tail and tail[-1].state is State.CORE_WAIT and self._state in RUNS:
                # It may have ended at any time since it last ran.
                tail = (*tail[:-1], tail[-1]._replace(state=State.UNKNOWN))
            self._append(tail)
            self._since_ns = self.ended_ns = max(now_ns, self._since_ns)
            self._state = State.ENDED
            self._tail_ns = -1

    def fill_unknown(self, ran_ns: int) -> None:
        """It ran for so long in all: what is missing of that is in its unknown spans, whose order is unknown, too."""
        self._tail_ns = -1
        self._append_again(filled(self._final, ran_ns))

    def correct(self, ran_ns: int) -> None:
        """Change the last final spans until they show that the worker ran for so long in all."""
        self._append_again(corrected(self._final, ran_ns, self._explain))

    def state(self, now_ns: int) -> State:
        """The worker's state now."""
        tail = self._current_tail(now_ns)
        return tail[-1].state if tail else self._state

    def state_before(self, time_ns: int, now_ns: int) -> State:
        """The worker's state at this time, shortly before now; if it has ended since, that."""
        if self.ended_ns is None:
            for span in chain(reversed(self._current_tail(now_ns)), reversed(self._final.spans)):
                if span.start_ns < time_ns:
                    return span.state
        return self.state(now_ns)

    def since_ns(self, now_ns: int) -> int:
        """When the worker's present state began."""
        tail = self._current_tail(now_ns)
        return tail[-1].start_ns if tail else self._since_ns

    def times(self, now_ns: int) -> Times:
        """Time in each state from the worker's first instruction until now."""
        tail = self._current_tail(now_ns)
        if self._times is None:
            ns = dict(self._final.ns)
            for span in tail:
                ns[span.state] += span.end_ns - span.start_ns
            self._times = times_in(ns)
        return self._times

    def held_s(self, now_ns: int) -> float | None:
        """The longest time in which it did not release the GIL, as far as is known; None: its spans show none."""
        known_ns = self._last_ran_ns if self.is_observed else now_ns
        if self.hold is None:
            return None
        longest_ns = self.hold.with_tail(self._current_tail(now_ns), known_ns, self.gil, self.hides_releases)
        return longest_ns / 1e9 if longest_ns else None

    def history(self, now_ns: int) -> History:
        """All spans up to now; the last ones may still change. Of what is no longer kept, the state is unknown."""
        return self._final.history(self.launched_ns, self._current_tail(now_ns))

    def _current_tail(self, now_ns: int) -> tuple[Span, ...]:
        """The provisional spans up to now, computed once a frame."""
        if self._tail_ns != now_ns:
            self._tail_ns, self._tail, self._times = now_ns, self._compute_tail(now_ns), None
        return self._tail

    def _compute_tail(self, now_ns: int) -> tuple[Span, ...]:
        if self._state is State.ENDED or now_ns <= self._since_ns:
            return ()
        known_ns = max(self._since_ns, self._last_ran_ns + self._fresh_ns)
        if self.is_observed and self._last_ran_ns and known_ns < now_ns:
            return (*self._provisional(known_ns), Span(known_ns, now_ns, State.UNKNOWN))
        return self._provisional(now_ns)

    def _provisional(self, now_ns: int) -> tuple[Span, ...]:
        """What it does since its last transition, as far as that shows."""
        if self._state is State.WAITING:
            return self._explain(self._since_ns, now_ns)
        fresh_ns = 0 if self._mixed else self._fresh_ns
        if self._state in RUNS and now_ns - self._last_ran_ns > fresh_ns:
            ran_until = max(self._last_ran_ns, self._since_ns)
            ran = (Span(self._since_ns, ran_until, self._state, self._mixed),) if ran_until > self._since_ns else ()
            return (*ran, *self._explain(ran_until, now_ns))
        if self._state is State.IO and self._since_ns < self._sleep_end_ns < now_ns:
            return (Span(self._since_ns, self._sleep_end_ns, State.IO), *self._explain(self._sleep_end_ns, now_ns))
        if self._state is State.STARTING:
            return self._explain_start(self._since_ns, now_ns)
        return (Span(self._since_ns, now_ns, self._state, self._mixed),)

    def _close(self, end_ns: int) -> None:
        """Make final spans of the current state, which ended at this time."""
        if end_ns > self._since_ns:
            self._append(self._made_of(self._state, self._mixed, self._since_ns, end_ns))
            self._since_ns = end_ns

    def _made_of(self, state: State, mixed: bool, start_ns: int, end_ns: int) -> tuple[Span, ...]:
        """The spans that this one consists of: a gap, or the time before the worker's first instruction, of several."""
        if state is _WAITING:
            return self._explain(start_ns, end_ns)
        if state is not _STARTING:
            return (Span(start_ns, end_ns, state, mixed),)
        spans = self._explain_start(start_ns, end_ns)
        self.started_ns = next((span.start_ns for span in spans if span.state is not _STARTING), self.started_ns)
        return spans

    def _append(self, found: Iterable[Span]) -> None:
        for span in found:
            self._final.append(span)
            if self.hold is not None:
                self.hold.add(span, self.gil, self.hides_releases)
        self._final.pack()

    def _append_again(self, found: Iterable[Span]) -> None:
        """Append these in place of others that were taken back, and that have counted as holds."""
        for span in found:
            self._final.append(span)
        self._final.pack()

    def _explain_start(self, start_ns: int, end_ns: int) -> tuple[Span, ...]:
        """The start of a thread: once another worker runs, the thread exists and waits for the GIL."""
        if self.gil is None or not self.needs_gil_to_start:
            return (Span(start_ns, end_ns, State.STARTING),)
        gap = self.gil.explain_gap(start_ns, end_ns, self._worker)
        return tuple(span if span.state is State.GIL_WAIT else span._replace(state=State.STARTING) for span in gap)

    def _explain(self, start_ns: int, end_ns: int) -> tuple[Span, ...]:
        """The waits that a gap consists of."""
        if self.gil is None:
            return (Span(start_ns, end_ns, State.CORE_WAIT),)
        return tuple(self.gil.explain_gap(start_ns, end_ns, self._worker))


_new = tuple.__new__
# Found faster than through their class.
_RUNNING, _RELEASED = State.RUNNING, State.RELEASED
_WAITING, _STARTING, _ENDED = State.WAITING, State.STARTING, State.ENDED
_EXPLAINED = frozenset({_WAITING, _STARTING})
"""States that other workers' runs explain."""
