"""Lanes made by hand for the tests of this folder; times in ms."""

from __future__ import annotations

from pconc_tui.protocol.block import State, pack
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.span_builder import SpanBuilder

MS = 1_000_000
RUN, GAP, IO, LOCK, END = State.RUNNING, State.WAITING, State.IO, State.LOCK, State.ENDED


def lane(worker: int, gil: Gil | None, *transitions: tuple[float, State], last_ran: float = 0) -> SpanBuilder:
    """A lane launched at 0 with these transitions and this time it last ran."""
    made = SpanBuilder(worker, 0, None)
    made.gil = gil
    made.add([pack(int(ms * MS), state) for ms, state in transitions], int(last_ran * MS))
    return made


def finalize(now: float, *lanes: SpanBuilder) -> None:
    """One frame at this time."""
    for gil in {lane.gil for lane in lanes if lane.gil}:
        gil.update(int(now * MS))
    for each in lanes:
        each.finalize(int(now * MS))


def spans(lane: SpanBuilder, now: float) -> list[tuple[float, float, State]]:
    """All spans up to now."""
    return [(start / MS, end / MS, state) for piece in lane.history(int(now * MS)) for start, end, state, _ in piece]
