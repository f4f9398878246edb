"""Keeps the final spans of segments that have been read, packed: histories need them again and again."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pconc_tui.protocol.block import MIXED, State, pack
from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.segment import Segment
from pconc_tui.timeline.spans import Span

MAX_SPANS = 2_000_000
"""So many are kept, in 16 bytes each."""

_STATES = {state.value: state for state in State}


class StoredSpans(NamedTuple):
    """The final spans of a lane that a segment has."""

    lowest: int
    """The number of the first of them."""
    starts: array[int]
    """Each packed as a transition."""
    ends_ns: array[int]

    @classmethod
    def of(cls, lowest: int, spans: Sequence[Span]) -> StoredSpans:
        """Pack these spans."""
        starts = array("q", (pack(span.start_ns, span.state, span.mixed) for span in spans))
        return cls(lowest, starts, array("q", (span.end_ns for span in spans)))

    def spans(self, low: int, high: int) -> list[Span]:
        """The spans with these numbers."""
        found = slice(max(0, low - self.lowest), max(0, high - self.lowest))
        return [
            Span(word >> 5, end_ns, _STATES[word & 15], bool(word & MIXED))
            for word, end_ns in zip(self.starts[found], self.ends_ns[found], strict=True)
        ]


class SpanStore:
    """The spans of the segments that were used last."""

    def __init__(self, segment: Callable[[int], Segment]) -> None:
        """`segment` decompresses the segment with this number; it may raise RecordingError."""
        self._segment = segment
        self._kept: OrderedDict[int, dict[int, StoredSpans]] = OrderedDict()
        self._count = 0

    def lanes(self, number: int) -> dict[int, StoredSpans]:
        """What this segment has, by lane; nothing where it is damaged."""
        found = self._kept.get(number)
        if found is None:
            found = self._kept[number] = self._read(number)
            self._count += _count(found)
            while self._count > MAX_SPANS and len(self._kept) > 1:
                self._count -= _count(self._kept.popitem(last=False)[1])
        self._kept.move_to_end(number)
        return found

    def _read(self, number: int) -> dict[int, StoredSpans]:
        try:
            lanes = self._segment(number).last_lanes()
        except RecordingError:
            return {}
        return {id: StoredSpans.of(lane.lowest, lane.log) for id, lane in lanes.items()}


def _count(lanes: dict[int, StoredSpans]) -> int:
    return sum(len(lane.starts) for lane in lanes.values())
