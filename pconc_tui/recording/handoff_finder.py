"""Finds hand-offs while lanes are recorded: each start of a run by another worker than ran before under the same GIL.

`timeline/handoffs.py` finds them in finished lanes. Here only the spans that are new in a frame are read, and what ran
last under each GIL is remembered. The newest spans of a lane may still change: what follows a run may turn out to have
started earlier. So a run among them counts once the next frame has it too; until then, nothing later is read.
Example, in ms, with one GIL:

    frame   worker 1            worker 2            hand-off
    at 10   0-10 run            9-10 run            none yet: when worker 1 released the GIL is not known
    at 20   0-8 run, 8-20 wait  9-20 run            none yet: 0-8 is new
    at 30   0-8 run, 8-30 wait  9-25 run, 25-30 IO  at 9, given at 8
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import Span


class Change(NamedTuple):
    """A GIL was handed from one worker to another."""

    given_ns: int
    """The last moment at which the giver still ran."""
    giver: int
    taken_ns: int
    """When the taker began to run."""
    taker: int


class NewSpans(NamedTuple):
    """What a frame says of a lane that needs a GIL."""

    worker: int
    gil: int
    final: Sequence[Span]
    """The spans that have become final."""
    tail: Sequence[Span]
    """Those after them that may still change."""
    tail_before: Sequence[Span]
    """The same in the frame before."""


class _Run(NamedTuple):
    start_ns: int
    end_ns: int
    worker: int
    started: bool
    """Whether it is known that it started then."""
    ended: bool
    """Whether it is known that it ended then."""


class HandoffFinder:
    """Remembers what ran last under each GIL, and the final runs that have not been read yet."""

    def __init__(self) -> None:
        self._last: dict[int, _Run] = {}
        self._unread: dict[int, list[_Run]] = {}

    def find(self, new: Iterable[NewSpans]) -> list[Change]:
        """The hand-offs that the lanes of a frame make known; of several GILs one after another.

        Each lane is there whose last spans are new or may still change.
        """
        final: dict[int, list[_Run]] = {}
        tails: dict[int, list[_Run]] = {}
        changing = set()
        for lane in new:
            changing.add(lane.worker)
            runs = self._unread.pop(lane.gil, [])
            final.setdefault(lane.gil, runs).extend(_final(lane))
            tails.setdefault(lane.gil, []).extend(_provisional(lane))
        changes: list[Change] = []
        for gil, of_gil in final.items():
            for run in sorted((*of_gil, *tails[gil])):
                last = self._last.get(gil, run)
                taken = run.worker != last.worker and run.start_ns > last.start_ns
                if not run.started or (taken and not last.ended and last.worker in changing):
                    self._unread[gil] = [each for each in of_gil if each.start_ns >= run.start_ns]
                    break
                if taken:
                    given_ns = max(last.start_ns, min(last.end_ns, run.start_ns) - 1)
                    changes.append(Change(given_ns, last.worker, run.start_ns, run.worker))
                if taken or (run.worker == last.worker and run.start_ns >= last.start_ns):
                    self._last[gil] = run
        return changes


def _final(lane: NewSpans) -> Iterator[_Run]:
    for span in lane.final:
        if span.state is State.RUNNING:
            yield _Run(span.start_ns, span.end_ns, lane.worker, True, True)


def _provisional(lane: NewSpans) -> Iterator[_Run]:
    before = {span.start_ns: span.end_ns for span in lane.tail_before if span.state is State.RUNNING}
    for span, after in zip_longest(lane.tail, lane.tail[1:]):
        if span.state is State.RUNNING:
            ended = after is not None and before.get(span.start_ns) == span.end_ns
            yield _Run(span.start_ns, span.end_ns, lane.worker, span.start_ns in before, ended)
