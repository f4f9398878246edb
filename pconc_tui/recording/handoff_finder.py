"""Finds hand-offs while lanes are recorded: each start of a run by another worker than ran before under the same GIL.

`timeline/handoffs.py` finds them in finished lanes. Here only the spans that are new in a frame are read, and what ran
last under each GIL is remembered. A run that goes on up to now may turn out to have ended before, so a hand-off from
it waits until the giver's end is known. Example, in ms, with one GIL, where `?` is a run up to now:

    frame   worker 1    worker 2    hand-off
    at 10   0-10 run?   9-10 run?   none yet: when worker 1 released the GIL is not known
    at 20   0-8 run     9-20 run?   at 9, given at 8
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


class _Run(NamedTuple):
    start_ns: int
    end_ns: int
    worker: int
    goes_on: bool
    """Whether it may have ended before."""


class HandoffFinder:
    """Remembers what ran last under each GIL, and the final runs whose givers may still run."""

    def __init__(self) -> None:
        self._last: dict[int, _Run] = {}
        self._held_back: dict[int, list[_Run]] = {}

    def find(self, new: Iterable[NewSpans]) -> list[Change]:
        """The hand-offs that the lanes of a frame make known; of several GILs one after another.

        Each lane is there whose spans may have changed.
        """
        final: dict[int, list[_Run]] = {}
        tails: dict[int, list[_Run]] = {}
        changing = set()
        for lane in new:
            changing.add(lane.worker)
            runs = self._held_back.pop(lane.gil, [])
            final.setdefault(lane.gil, runs).extend(_runs(lane.worker, lane.final, False))
            tails.setdefault(lane.gil, []).extend(_runs(lane.worker, lane.tail, True))
        changes: list[Change] = []
        for gil, of_gil in final.items():
            for run in sorted((*of_gil, *tails[gil])):
                last = self._last.get(gil)
                if last is None or run.worker == last.worker:
                    if last is None or run.start_ns >= last.start_ns:
                        self._last[gil] = run
                elif run.start_ns > last.start_ns:
                    if last.goes_on and last.worker in changing:
                        self._held_back[gil] = [each for each in of_gil if each.start_ns >= run.start_ns]
                        break
                    given_ns = max(last.start_ns, min(last.end_ns, run.start_ns) - 1)
                    changes.append(Change(given_ns, last.worker, run.start_ns, run.worker))
                    self._last[gil] = run
        return changes


def _runs(worker: int, spans: Sequence[Span], provisional: bool) -> list[_Run]:
    """The runs among these spans; where they are provisional, the last may go on."""
    last = len(spans) - 1 if provisional else -1
    return [
        _Run(span.start_ns, span.end_ns, worker, number == last)
        for number, span in enumerate(spans)
        if span.state is State.RUNNING
    ]
