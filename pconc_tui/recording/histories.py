"""Adds the histories to Snapshots: spans of the segment of their frame, and what earlier segments have.

Those are read when they are needed. The first line of each segment says how many final spans each lane had by then, so
it is known which segment has which spans without reading it. What is missing in the file is of unknown state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pconc_tui.protocol.block import State
from pconc_tui.recording.lane_reader import LaneState
from pconc_tui.recording.recorded_spans import RecordedSpans
from pconc_tui.recording.segment import Segment
from pconc_tui.recording.segment_index import LaneHead, SegmentHead
from pconc_tui.recording.span_store import SpanStore
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import History, Span, piece_start_ns

MAX_PIECES = 200_000
"""Histories reach back no further than so many pieces of all lanes together: 256 lanes for an hour."""


@dataclass
class _Earlier:
    """The part of a lane's history that earlier segments have."""

    worker: Worker
    first: int
    """The number of the first span that is wanted."""
    reached: int
    """The number of the first span that has been found."""
    pieces: list[RecordedSpans] = field(default_factory=list)
    """The newest first, while they are collected."""
    complete: bool = False
    """Whether there is no more to find."""


class Histories:
    """The histories in one recording."""

    def __init__(self, heads: list[SegmentHead], segment: Callable[[int], Segment]) -> None:
        """`segment` decompresses the segment with this index in `heads`; it may raise RecordingError."""
        self._heads = heads
        self._stored = SpanStore(segment)
        self._key: object = None
        self._earlier: dict[int, _Earlier] = {}
        """What was found last, with `_key`: frames that follow each other have it in common."""

    def added(self, snapshot: Snapshot, lanes: dict[int, LaneState], number: int) -> Snapshot:
        """The Snapshot of a frame of this segment with the histories that it had, and with those lanes."""
        one = snapshot.one_run
        workers = {worker.id: worker for worker in (*((one,) if one else ()), *snapshot.workers) if worker.id in lanes}
        wanted = {id: (lanes[id].lowest, lanes[id].first) for id in workers}
        if self._key != (number, wanted):
            self._earlier = self._found(workers, wanted, number)
            self._key = number, wanted

        def whole(worker: Worker) -> Worker:
            lane = lanes.get(worker.id)
            if lane is None:
                return worker
            # `replace` takes five times as long.
            return Worker(**(vars(worker) | {"history": _history(lane, self._earlier[worker.id])}))

        return replace(snapshot, workers=tuple(map(whole, snapshot.workers)), one_run=one and whole(one))

    def _found(
        self, workers: dict[int, Worker], wanted: dict[int, tuple[int, int]], number: int
    ) -> dict[int, _Earlier]:
        """What the segments before this one have of these lanes: of each, the spans between these numbers."""
        found = {id: _Earlier(workers[id], first, high) for id, (high, first) in wanted.items()}
        left = MAX_PIECES
        while number > 0 and self._heads[number - 1].number == self._heads[number].number - 1 and left > 0:
            open_lanes = [each for each in found.values() if each.reached > each.first and not each.complete]
            if not open_lanes:
                break
            before, after = self._heads[number - 1].lanes(), self._heads[number].lanes()
            number -= 1
            for each in open_lanes:
                self._add_piece(each, number, before.get(each.worker.id), after.get(each.worker.id))
            left -= len(open_lanes)
        for each in found.values():
            each.pieces.reverse()
        return found

    def _add_piece(self, found: _Earlier, number: int, before: LaneHead | None, after: LaneHead | None) -> None:
        """Add what this segment has of the lane, which is known before and after it."""
        if after is None or found.reached > after.written:
            found.complete = True
            return
        low, high, id = max(after.lowest, found.first), found.reached, found.worker.id
        if low >= high:
            return

        def load() -> list[Span]:
            return self._spans(number, id, low, high)

        known = before is not None and before.written == low > 0 and high == after.written
        if before is not None and known:
            start_ns, end_ns = before.end_ns, after.end_ns
        else:
            spans = load()
            start_ns, end_ns = (spans[0].start_ns, spans[-1].end_ns) if spans else (0, 0)
        if start_ns >= end_ns:
            found.complete = True
            return
        found.pieces.append(RecordedSpans(start_ns, end_ns, load))
        found.reached = low

    def _spans(self, number: int, id: int, low: int, high: int) -> list[Span]:
        """The final spans of a lane with these numbers; none where they are not all there."""
        lane = self._stored.lanes(number).get(id)
        spans = lane.spans(low, high) if lane is not None and lane.lowest <= low else []
        return spans if len(spans) == high - low else []


def _history(lane: LaneState, earlier: _Earlier) -> History:
    newest = (*lane.spans(lane.first, lane.written), *lane.tail.spans())
    lead = lane.lead.spans()
    if earlier.reached > lane.first:
        began_ns, rest = earlier.worker.launched_ns, (*earlier.pieces, newest)
        first_ns = next((piece_start_ns(piece) for piece in rest if piece), began_ns)
        lead = (Span(began_ns, first_ns, State.UNKNOWN),) if first_ns > began_ns else ()
    return (lead, *earlier.pieces, newest) if lead else (*earlier.pieces, newest)
