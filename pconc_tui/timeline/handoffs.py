"""Hand-offs as moments, found in finished lanes: when which worker handed the GIL to which. Pure.

`handoff_count` counts them while workers report; here they are read from spans. Example, in ms, with one GIL:

    worker 1   0-5 running     5-10 GIL wait   10-12 running      hand-off at 5 from 1 to 2
    worker 2   0-5 GIL wait    5-10 running    10-12 GIL wait     hand-off at 10 from 2 to 1
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import History, pieces_between, spans_of


class Lane(NamedTuple):
    """A worker's lane."""

    worker: int
    gil: int | None
    """The GIL that it needs, as in `Worker`; None: none."""
    history: History


class Handoff(NamedTuple):
    """A change of the worker that holds a GIL."""

    time_ns: int
    """When the taker began to run."""
    gil: int
    giver: int
    """The worker that ran before."""
    taker: int


def handoffs(lanes: Iterable[Lane], start_ns: int, end_ns: int) -> list[Handoff]:
    """The hand-offs in this period, in order of time; each giver has run in it too, or at its start."""
    starts: list[tuple[int, int, int]] = []
    for worker, gil, history in lanes:
        if gil is not None:
            for piece in pieces_between(history, start_ns, end_ns):
                spans = spans_of(piece, start_ns, end_ns)
                starts += [(span.start_ns, worker, gil) for span in spans if span.state is State.RUNNING]
    last: dict[int, int] = {}
    found = []
    for time_ns, worker, gil in sorted(starts):
        giver = last.get(gil, worker)
        if giver != worker and time_ns >= start_ns:
            found.append(Handoff(time_ns, gil, giver, worker))
        last[gil] = worker
    return found
