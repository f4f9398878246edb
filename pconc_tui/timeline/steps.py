"""Steps: what happened one after another in a period, from the spans of all lanes. Pure.

A hand-off is four steps, and a blocking call ends a turn without a request. Example, in ms, switch interval 5:

    worker 1   0-5.1 running, then GIL wait         5.0  2 asks for the GIL       (inferred, see `turns`)
    worker 2   0-5.2 GIL wait, 5.2-6.0 running,     5.1  1 releases it, after 5.1
               6.0-8.0 I/O                          5.2  2 takes it from 1, after a wait of 5.2
                                                    6.0  2 begins I/O, and so releases it
                                                    8.0  2's I/O ends

The steps of one hand-off may fall into one moment: they are in this order then too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from itertools import pairwise, zip_longest
from typing import NamedTuple

from pconc_tui.protocol.block import BLOCKED, RELEASING_NS, RUNS, State
from pconc_tui.timeline.spans import Span
from pconc_tui.timeline.turns import LaneSpans, Turn, turns

SHORTEST_CORE_WAIT_NS = 200_000
"""A shorter wait for a core is no step."""


class Kind(IntEnum):
    """What happens, in this order where several happen at the same time."""

    UNBLOCKS = auto()
    """A blocking call has ended."""
    GETS_CORE = auto()
    ASKS = auto()
    """A waiting worker asks for the GIL: the drop request."""
    RELEASES = auto()
    """The holder releases the GIL and waits for it again."""
    BLOCKS = auto()
    """A blocking call starts, and releases the GIL where there is one."""
    ENDS = auto()
    LOSES_CORE = auto()
    RUNS_WITHOUT = auto()
    """It releases the GIL, and goes on running without it."""
    TAKES = auto()
    """A worker has woken up and takes the GIL."""
    RUNS = auto()
    """A worker that shares no GIL begins to run."""


class Step(NamedTuple):
    """Something that happens."""

    time_ns: int
    kind: Kind
    worker: int
    other: int | None = None
    """`ASKS`: the holder; `RELEASES`: the worker that asked; `TAKES`: the worker that held it before. None: none."""
    lasted_ns: int = 0
    """How long what ends here lasted: a wait, a turn, a blocking call."""
    state: State | None = None
    """`BLOCKS`, `UNBLOCKS`: that of the blocking call; `LOSES_CORE`: how it ran."""
    measured: bool = True
    """False: it follows from CPython's rules."""
    exact: bool = True
    """False: its time is known to the next sample only."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What all lanes did in a period. Equal to itself alone, so that what is drawn of it can be kept."""

    start_ns: int
    end_ns: int
    lanes: tuple[LaneSpans, ...]
    turns: dict[int, list[Turn]]
    """Of each GIL."""
    steps: list[Step]

    @classmethod
    def of(cls, lanes: Sequence[LaneSpans], switch_ns: int, start_ns: int, end_ns: int) -> Scene:
        """The scene of these lanes, whose spans may reach beyond the period."""
        gils = sorted({lane.gil for lane in lanes if lane.gil is not None})
        by_gil = {gil: turns([lane for lane in lanes if lane.gil == gil], switch_ns) for gil in gils}
        exact = {lane.worker: not lane.blur_ns for lane in lanes}
        # Where a GIL is needed by one worker alone, it matters to none when that holds it.
        shared = {gil for gil in gils if sum(lane.gil == gil for lane in lanes) > 1}
        found = [
            *(step for gil in shared for step in _of_turns(by_gil[gil])),
            *(step for lane in lanes for step in _of_lane(lane, lane.gil in shared)),
        ]
        shown = (each for each in found if start_ns <= each.time_ns < end_ns)
        steps = [
            each if exact[each.worker] else each._replace(exact=False)
            for each in sorted(shown, key=lambda step: step[:3])
        ]
        return cls(start_ns, end_ns, tuple(lanes), by_gil, steps)

    def step_before(self, time_ns: int) -> int:
        """The index of the last step at or before this time; -1: there is none."""
        return bisect_right(self.steps, time_ns, key=lambda step: step.time_ns) - 1

    def turn_at(self, gil: int, time_ns: int) -> Turn | None:
        """The last turn that began by this time."""
        of = self.turns[gil]
        index = bisect_right(of, time_ns, key=lambda turn: turn.start_ns) - 1
        return of[index] if index >= 0 else None

    def next_turn(self, gil: int, time_ns: int) -> Turn | None:
        """The first turn that begins later."""
        of = self.turns[gil]
        index = bisect_right(of, time_ns, key=lambda turn: turn.start_ns)
        return of[index] if index < len(of) else None

    def holder(self, gil: int, time_ns: int) -> int | None:
        """The worker that holds this GIL now; None: none does, or it is not known."""
        turn = self.turn_at(gil, time_ns)
        return turn.worker if turn and time_ns < turn.end_ns else None


def _of_turns(of: Sequence[Turn]) -> Iterator[Step]:
    """The steps of the turns of one GIL."""
    for turn, after in zip_longest(of, of[1:]):
        yield Step(turn.start_ns, Kind.TAKES, turn.worker, turn.giver, turn.waited_ns)
        asked = turn.request
        if asked is not None:
            yield Step(asked.time_ns, Kind.ASKS, asked.worker, turn.worker, asked.waited_ns, measured=asked.measured)
        lasted_ns = turn.end_ns - turn.start_ns
        if turn.then is State.GIL_WAIT or (after is not None and _is_on_request(turn, after)):
            yield Step(turn.end_ns, Kind.RELEASES, turn.worker, asked and asked.worker, lasted_ns)
        elif turn.then in (State.IO, State.LOCK):
            yield Step(turn.end_ns, Kind.BLOCKS, turn.worker, None, lasted_ns, turn.then)
        elif turn.then is State.RELEASED:
            yield Step(turn.end_ns, Kind.RUNS_WITHOUT, turn.worker, None, lasted_ns)


def _is_on_request(turn: Turn, after: Turn) -> bool:
    """Whether a worker that ran on without the GIL did so only until another had taken it, since it had been asked."""
    soon = after.start_ns - turn.end_ns <= SHORTEST_CORE_WAIT_NS
    return turn.then is State.RELEASED and turn.request is not None and after.giver == turn.worker and soon


def _of_lane(lane: LaneSpans, shares_gil: bool) -> Iterator[Step]:
    """The steps of a lane that are no turns of a GIL."""
    for before, after in pairwise(lane.spans):
        if before.mixed or after.mixed:
            continue
        step = _between(before, after, shares_gil)
        if step is not None:
            yield step._replace(worker=lane.worker)
    if lane.ended_ns is not None and lane.spans and lane.spans[-1].end_ns >= lane.ended_ns:
        yield Step(lane.ended_ns, Kind.ENDS, lane.worker, None, lane.ended_ns - lane.spans[0].start_ns)


def _between(before: Span, after: Span, shares_gil: bool) -> Step | None:
    """The step from one span to the next, its worker still missing."""
    lasted_ns, at_ns = before.end_ns - before.start_ns, after.start_ns
    if before.state in BLOCKED and lasted_ns > RELEASING_NS:
        return Step(at_ns, Kind.UNBLOCKS, -1, None, lasted_ns, before.state)
    if RELEASING_NS in (lasted_ns, after.end_ns - at_ns):
        return None
    if before.state in RUNS and after.state is State.CORE_WAIT:
        long = after.end_ns - after.start_ns >= SHORTEST_CORE_WAIT_NS
        return Step(at_ns, Kind.LOSES_CORE, -1, None, lasted_ns, before.state) if long else None
    if before.state is State.CORE_WAIT and after.state in RUNS:
        return Step(at_ns, Kind.GETS_CORE, -1, None, lasted_ns) if lasted_ns >= SHORTEST_CORE_WAIT_NS else None
    if not shares_gil and before.state in RUNS and after.state in BLOCKED:
        return Step(at_ns, Kind.BLOCKS, -1, None, lasted_ns, after.state)
    if not shares_gil and before.state is State.STARTING and after.state in RUNS:
        return Step(at_ns, Kind.RUNS, -1)
    return None
