"""Lanes as they are read: what `lane_writer` has written, applied frame by frame."""

from __future__ import annotations

from typing import Any, NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.lane_writer import LaneFrame
from pconc_tui.recording.segment_index import SegmentHead
from pconc_tui.recording.trace_events import SLICE, STATE_NAMES
from pconc_tui.timeline.spans import Span

_BY_NAME = {name.encode(): state for state, name in STATE_NAMES.items()}
_BY_NUMBER = {state.value: state for state in State}
LATEST_NS = 1 << 58
"""Times are below this, as packed spans need."""


class LaneState(NamedTuple):
    """A lane after a frame: its final spans from number `lowest` to `written` are in the segment of that frame."""

    lowest: int
    written: int
    log: list[Span]
    """Those spans; later frames append to the same list."""
    frame: LaneFrame

    def spans(self, low: int, high: int) -> list[Span]:
        """The final spans with these numbers."""
        return self.log[max(0, low - self.lowest) : max(0, min(high, self.written) - self.lowest)]


def lanes_before(head: SegmentHead) -> dict[int, LaneState]:
    """The lanes at the start of a segment."""
    return {id: LaneState(count, count, [], LaneFrame()) for id, (count, _, _) in head.lanes.items()}


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
    for name, id, sign, us, rest, length_us, length_rest, mixed in SLICE.findall(text, *events):
        start_ns = began_ns + int(sign + us + rest)
        span = Span(start_ns, start_ns + int(length_us + length_rest), _BY_NAME[name], bool(mixed))
        found.setdefault(int(id), []).append(_checked(span))
    return found


def _after(lane: LaneState | None, change: dict[str, Any], new: list[Span], now_ns: int) -> LaneState:
    lowest, count, log, frame = lane or LaneState(0, 0, [], LaneFrame())
    if "cut" in change:
        cut = _number(change["cut"])
        log = log[: max(0, min(cut, count) - lowest)]
        lowest, count = min(lowest, cut), cut
    log += new
    if change.keys() - {"cut"}:
        frame = LaneFrame(
            _number(change["f"]) if "f" in change else frame.first,
            _unpacked(change["l"], now_ns) if "l" in change else frame.lead,
            _unpacked(change["t"], now_ns) if "t" in change else frame.tail,
        )
    return LaneState(lowest, count + len(new), log, frame)


def _number(found: Any) -> int:
    if type(found) is not int or not 0 <= found < LATEST_NS:
        raise RecordingError("a lane is malformed")
    return found


def _unpacked(found: Any, now_ns: int) -> tuple[Span, ...]:
    """The spans of which there are three numbers each, as in `encoder`."""
    if type(found) is not list or not all(type(each) is int for each in found):
        raise RecordingError("a lane is malformed")
    triples = zip(found[::3], found[1::3], found[2::3], strict=True)
    return tuple(
        _checked(Span(now_ns - ago_ns, now_ns - ago_ns + length_ns, _BY_NUMBER[state & 15], bool(state & 16)))
        for ago_ns, length_ns, state in triples
    )


def _checked(span: Span) -> Span:
    if not -LATEST_NS < span.start_ns < span.end_ns < LATEST_NS:
        raise RecordingError("a span is malformed")
    return span
