"""Lanes as they are read: what `lane_writer` has written, applied frame by frame."""

from __future__ import annotations

from typing import Any, NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.segment_index import SegmentHead
from pconc_tui.recording.trace_events import SLICE, STATE_NAMES, duration_ns
from pconc_tui.timeline.spans import Span

_BY_NAME = {name.encode(): state for state, name in STATE_NAMES.items()}
_BY_NUMBER = {state.value: state for state in State}
LATEST_NS = 1 << 58
"""Times are below this, as packed spans need."""


class PackedTail(NamedTuple):
    """Spans as a frame carries them; few of them are ever wanted."""

    now_ns: int = 0
    """The time of that frame."""
    numbers: Any = ()
    """Three for each span, as in `encoder`; not checked yet."""

    def spans(self) -> tuple[Span, ...]:
        """The spans. Raises RecordingError."""
        if not all(type(each) is int for each in self.numbers) or len(self.numbers) % 3:
            raise RecordingError("a lane is malformed")
        triples = zip(self.numbers[::3], self.numbers[1::3], self.numbers[2::3], strict=True)
        try:
            return tuple(
                _checked(
                    Span(self.now_ns - ago_ns, self.now_ns - ago_ns + ns, _BY_NUMBER[state & 15], bool(state & 16))
                )
                for ago_ns, ns, state in triples
            )
        except KeyError:
            raise RecordingError("a lane is malformed") from None


class LaneState(NamedTuple):
    """A lane after a frame: its final spans from number `lowest` to `written` are in the segment of that frame."""

    lowest: int
    written: int
    log: list[Span]
    """Those spans; later frames append to the same list."""
    first: int = 0
    """As in `LaneFrame`, and so are the next two."""
    lead: PackedTail = PackedTail()
    tail: PackedTail = PackedTail()

    def spans(self, low: int, high: int) -> list[Span]:
        """The final spans with these numbers."""
        return self.log[max(0, low - self.lowest) : max(0, min(high, self.written) - self.lowest)]


def lanes_before(head: SegmentHead) -> dict[int, LaneState]:
    """The lanes at the start of a segment."""
    return {id: LaneState(lane.written, lane.written, []) for id, lane in head.lanes().items()}


def lanes_after(
    before: dict[int, LaneState], changes: Any, text: bytes, events: tuple[int, int], began_ns: int, now_ns: int
) -> dict[int, LaneState]:
    """The lanes after a frame with these changes, and slices in this part of the text. Raises RecordingError."""
    new = _new_spans(text, events, began_ns)
    frames = {int(id): change for id, change in changes.items()}
    found = dict(before)
    for id in {*frames, *new}:
        found[id] = _after(before.get(id), frames.get(id, {}), new.get(id, []), now_ns)
    return found


def _new_spans(text: bytes, events: tuple[int, int], began_ns: int) -> dict[int, list[Span]]:
    """The slices in a part of the text, by lane."""
    found: dict[int, list[Span]] = {}
    for match in SLICE.finditer(text, *events):
        name, id, sign, us, rest, length_us, length_rest, mixed = match.groups()
        start_ns = began_ns + int(sign + us + rest)
        span = Span(start_ns, start_ns + duration_ns(length_us + length_rest), _BY_NAME[name], bool(mixed))
        found.setdefault(int(id), []).append(_checked(span))
    return found


def _after(lane: LaneState | None, change: dict[str, Any], new: list[Span], now_ns: int) -> LaneState:
    lowest, written, log, first, lead, tail = lane or LaneState(0, 0, [])
    if "cut" in change:
        cut = _number(change["cut"])
        log = log[: max(0, min(cut, written) - lowest)]
        lowest, written = min(lowest, cut), cut
    log += new
    if "f" in change:
        first = _number(change["f"])
    if "l" in change:
        lead = PackedTail(now_ns, tuple(change["l"]))
    if "t" in change:
        tail = PackedTail(now_ns, tuple(change["t"]))
    return LaneState(lowest, written + len(new), log, first, lead, tail)


def _number(found: Any) -> int:
    if type(found) is not int or not 0 <= found < LATEST_NS:
        raise RecordingError("a lane is malformed")
    return found


def _checked(span: Span) -> Span:
    if not -LATEST_NS < span.start_ns < span.end_ns < LATEST_NS:
        raise RecordingError("a span is malformed")
    return span
