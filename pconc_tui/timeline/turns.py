"""Turns: when which worker held a GIL, and which waiter's request ended a turn. Pure.

A worker holds the GIL while it runs, and while it waits for a core after that, or is blocked without having released
it. Spans show this exactly. What they do not show is the *drop request*, by which a waiting thread asks for the GIL; it
follows from CPython's rule (`take_gil` in `ceval_gil.c`): a thread that waits for the GIL waits for one switch interval
at a time, and if no other thread has taken the GIL meanwhile, it asks. The holder obeys at its next check. Example, in
ms, with a switch interval of 5 and the last hand-off at 0:

    worker 1   0-5.1 running            since 5.1 GIL wait
    worker 2   since -10.0 GIL wait     waits -5 to 0, then 0 to 5: no hand-off in that, so it asks at 5.0
    worker 3   since -4.9 GIL wait      waits -4.9 to 0.1: the hand-off at 0 is in that; 0.1 to 5.1: too late
    worker 4   5.2-10.3 running         asked for nothing, but woke up first: a turn need not follow a request

A lane whose requests were measured carries them in `requests_ns`; only for the others they are inferred, and none where
a lane is sampled: its edges are known to no better than a switch interval.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pconc_tui.protocol.block import KEEPS_GIL, RELEASING_NS, State
from pconc_tui.timeline.spans import Span

MOMENT_NS = 20_000
"""A thread that takes the GIL may wait for its mutex for less than this, which the kernel's records show."""
NOISE_NS = 300_000
"""A turn that ends earlier than the inferred request by no more than this was ended by it: ends are known to about a
chunk, and a thread wakes up late."""


class LaneSpans(NamedTuple):
    """What a worker did in a period."""

    worker: int
    gil: int | None
    """The GIL that it needs; None: none."""
    spans: Sequence[Span]
    """In order, without holes, the first and the last uncut."""
    thread: object = None
    """The thread it runs in: workers of one thread never ask each other. None: a thread of its own."""
    blur_ns: int = 0
    """Of a sampled lane: from one sample to the next. Its edges are known to that; others to a chunk."""
    ended_ns: int | None = None
    """When it ended; None: it has not."""
    requests_ns: Sequence[int] | None = None
    """When its waits of one switch interval ended, where that was measured; None: it was not, so requests are inferred.
    Such a wait ends with a request unless the GIL changed hands in it."""

    def span_at(self, time_ns: int) -> Span | None:
        """What it did at this time; None: nothing is known."""
        index = bisect_right(self.spans, time_ns, key=_start) - 1
        return self.spans[index] if index >= 0 and time_ns < self.spans[index].end_ns else None


class Request(NamedTuple):
    """A drop request: a waiting worker asks for the GIL."""

    time_ns: int
    worker: int
    waited_ns: int
    """For how long it had waited."""
    measured: bool
    """False: it follows from CPython's rule."""


class Turn(NamedTuple):
    """A stretch in which a worker held a GIL."""

    start_ns: int
    end_ns: int
    worker: int
    giver: int | None
    """The worker that held the GIL before; None: the same one, or it is not known."""
    waited_ns: int
    """For how long it had waited for the GIL."""
    then: State | None
    """What the worker did next; None: the turn has not ended, or that is not known."""
    request: Request | None
    """The first request of the turn."""

    @property
    def ended_by_request(self) -> bool:
        """Whether the worker released the GIL because it was asked to."""
        return self.request is not None and self.then is State.GIL_WAIT


def turns(lanes: Sequence[LaneSpans], switch_ns: int) -> list[Turn]:
    """The turns of these lanes, which share a GIL, in order; `switch_ns`: their switch interval."""
    held = _merged(sorted(each for lane in lanes for each in _runs(lane)))
    threads = {lane.worker: lane.thread if lane.thread is not None else lane.worker for lane in lanes}
    blurred = {lane.worker for lane in lanes if lane.blur_ns}
    found: list[Turn] = []
    last: int | None = None
    switched_ns = held[0].start_ns if held else 0
    for start_ns, end_ns, worker, waited_ns, then in held:
        giver = last if last != worker else None
        if giver is not None:
            switched_ns = start_ns
        others = [lane for lane in lanes if threads[lane.worker] != threads[worker] and lane.blur_ns == 0]
        request = None if worker in blurred else _request(others, start_ns, switched_ns, end_ns, switch_ns, giver)
        if request is not None and request.time_ns > end_ns:
            request = request._replace(time_ns=end_ns) if then is State.GIL_WAIT else None
        found.append(Turn(start_ns, end_ns, worker, giver, waited_ns, then, request))
        last = worker
    return found


class _Run(NamedTuple):
    """A run, with the wait for a core after it."""

    start_ns: int
    end_ns: int
    worker: int
    waited_ns: int
    """For how long it had waited for the GIL."""
    then: State | None
    """What the worker did next; None: not known."""


def _runs(lane: LaneSpans) -> Iterator[_Run]:
    """Those of a lane; where the order of states is unknown, none."""
    run: _Run | None = None
    waited_ns = 0
    for span in lane.spans:
        if run is not None and span.state in KEEPS_GIL and not span.mixed:
            run = run._replace(end_ns=span.end_ns)
            continue
        if run is not None:
            yield run._replace(then=_then(span))
            run = None
        if span.state is State.RUNNING and not span.mixed:
            run = _Run(span.start_ns, span.end_ns, lane.worker, waited_ns, None)
        waited_ns = span.end_ns - span.start_ns if span.state is State.GIL_WAIT else 0
    if run is not None:
        ended = lane.ended_ns is not None and run.end_ns >= lane.ended_ns
        yield run._replace(then=State.ENDED if ended else None)


def _then(span: Span) -> State | None:
    """What a worker does in this span, after its run."""
    if span.state is State.RELEASED and span.end_ns - span.start_ns == RELEASING_NS:
        return State.GIL_WAIT  # It only gives the GIL up: it has no core to go on.
    return None if span.mixed else span.state


def _goes_on(last: _Run, run: _Run) -> bool:
    """Whether a worker held the GIL from its last run to this one, or lost it for no longer than taking it needs."""
    waited = last.then is State.GIL_WAIT and run.start_ns - last.end_ns <= MOMENT_NS
    return waited or last.end_ns == run.start_ns


def _merged(runs: Iterable[_Run]) -> list[_Run]:
    """One after another: runs between which a worker only waited for a core are one, if no other worker ran there."""
    found: list[_Run] = []
    for run in runs:
        last = found[-1] if found else None
        if last is not None and last.worker == run.worker and _goes_on(last, run):
            found[-1] = last._replace(end_ns=run.end_ns, then=run.then)
            continue
        if last is not None and last.end_ns > run.start_ns:
            # Runs overlap by the noise of their ends, and a short one may lie in what was taken for a wait for a core.
            found[-1] = last._replace(end_ns=run.start_ns)
        found.append(run)
    return found


def _request(
    others: Iterable[LaneSpans], start_ns: int, switched_ns: int, end_ns: int, switch_ns: int, giver: int | None
) -> Request | None:
    """The first request in a turn, perhaps one that is inferred up to `NOISE_NS` after its end; None: there was none.

    `switched_ns`: when the GIL last went to another worker; `giver`: the worker that then released it.
    """
    found: list[Request] = []
    for lane in others:
        if lane.requests_ns is not None:
            found += _measured(lane, lane.requests_ns, start_ns, switched_ns, end_ns, giver)
            continue
        if end_ns + NOISE_NS < switched_ns + switch_ns:
            continue
        waiting = lane.span_at(end_ns - 1)
        if waiting is None or waiting.state is not State.GIL_WAIT or waiting.mixed:
            continue
        # A worker that has just been made to release the GIL begins to wait once another has taken it.
        since_ns = max(waiting.start_ns, switched_ns) if lane.worker == giver else waiting.start_ns
        # Of its waits of one switch interval, those that began before the last hand-off ended without a request.
        earlier = max(0, -(-(switched_ns - since_ns) // switch_ns))
        asked_ns = since_ns + (earlier + 1) * switch_ns
        if start_ns <= asked_ns <= end_ns + NOISE_NS:
            found.append(Request(asked_ns, lane.worker, asked_ns - since_ns, False))
    return min(found, default=None)


def _measured(
    lane: LaneSpans, ends_ns: Sequence[int], start_ns: int, switched_ns: int, end_ns: int, giver: int | None
) -> Iterator[Request]:
    """The first request in the turn by a lane whose waits of one switch interval ended at these times."""
    for index in range(bisect_left(ends_ns, start_ns), len(ends_ns)):
        asked_ns = ends_ns[index]
        span = lane.span_at(asked_ns)
        if asked_ns > end_ns or span is None:
            return
        began_ns = max([span.start_ns, *ends_ns[max(0, index - 1) : index]])
        if began_ns >= switched_ns or (lane.worker == giver and began_ns == span.start_ns):
            since_ns = max(span.start_ns, switched_ns) if lane.worker == giver else span.start_ns
            yield Request(asked_ns, lane.worker, asked_ns - since_ns, True)
            return


def _start(span: Span) -> int:
    return span.start_ns
