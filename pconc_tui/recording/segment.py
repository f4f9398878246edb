"""One segment of a recording, decompressed: its frames, which are decoded as far as they are needed."""

from __future__ import annotations

import json
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.recording.encoder import SNAPSHOT
from pconc_tui.recording.file_format import MAX_SEGMENT_BYTES, OWN_LINE, RecordingError
from pconc_tui.recording.lane_writer import LaneFrame
from pconc_tui.recording.segment_index import SegmentHead
from pconc_tui.recording.trace_events import SLICE, STATE_NAMES
from pconc_tui.snapshot import Snapshot
from pconc_tui.timeline.spans import Span

_STATES = {name.encode(): state for state, name in STATE_NAMES.items()}
_TIME = re.compile(rb'\{"t":(\d{1,19}),')
PART = 1024
"""Damaged bytes are decompressed in parts of this size, so that what is whole before the damage is kept."""


class FrameText(NamedTuple):
    """A frame as it stands in the segment."""

    time_ns: int
    args: bytes
    """JSON."""
    slices: tuple[int, int]
    """Where its slices begin and end."""


@dataclass(frozen=True)
class LaneState:
    """A lane at a frame: numbers `lowest` to `count` of its final spans are in this segment."""

    lowest: int
    count: int
    spans: list[Span]
    """Those of this segment from `lowest` on; later frames add to the list."""
    frame: LaneFrame = field(default_factory=LaneFrame)


class Segment:
    """The frames of a segment."""

    def __init__(self, head: SegmentHead, compressed: bytes) -> None:
        self.head = head
        self.text = inflated(compressed)
        self._frames = list(_frames(self.text))
        self.times_ns = [frame.time_ns for frame in self._frames]
        self._snapshots: list[Snapshot] = []
        """Those that have been decoded."""
        self._lanes: list[dict[int, LaneState]] = []

    def frame(self, time_ns: int) -> tuple[Snapshot, dict[int, LaneState]] | None:
        """The last frame at or before this time, or the first, without histories, and its lanes; None: it has none.

        Raises RecordingError if what it says is no Snapshot.
        """
        last = max(0, bisect_right(self.times_ns, time_ns) - 1)
        while len(self._snapshots) <= last < len(self._frames):
            try:
                self._decode(self._frames[len(self._snapshots)])
            except (ValueError, TypeError, KeyError, OverflowError, RecursionError, AttributeError) as error:
                raise RecordingError(f"a frame of the recording is malformed: {error}") from error
        return (self._snapshots[last], self._lanes[last]) if last < len(self._snapshots) else None

    def lanes(self) -> dict[int, LaneState]:
        """The lanes at the end of the segment, as far as it can be decoded."""
        with suppress(RecordingError):
            self.frame(1 << 63)
        return self._lanes[-1] if self._lanes else {}

    def _decode(self, frame: FrameText) -> None:
        args = json.loads(frame.args)
        if self._snapshots:
            snapshot = SNAPSHOT.apply(self._snapshots[-1], args["c"])
            lanes = self._lanes[-1]
        else:
            snapshot = SNAPSHOT.decode(args["s"])
            lanes = {id: LaneState(count, count, []) for id, (count, _, _) in self.head.lanes.items()}
        spans = _spans(self.text, frame.slices, self.head.began_ns)
        changes = {int(id): change for id, change in args["h"].items()}
        lanes = {
            **lanes,
            **{
                id: _changed(lanes.get(id), changes.get(id, {}), spans.get(id, []), snapshot.now_ns)
                for id in {*changes, *spans}
            },
        }
        shown = {worker.id for worker in snapshot.workers}
        if snapshot.one_run is not None:
            shown |= {snapshot.one_run.id, -snapshot.one_run.id}
        self._snapshots.append(snapshot)
        self._lanes.append({id: lane for id, lane in lanes.items() if id in shown})


def inflated(compressed: bytes) -> bytes:
    """The text of a segment, as far as it is whole and no longer than a segment may be."""
    try:
        return zlib.decompressobj(-15).decompress(compressed, MAX_SEGMENT_BYTES)
    except zlib.error:
        inflate, found = zlib.decompressobj(-15), []
        try:
            for start in range(0, len(compressed), PART):
                found.append(inflate.decompress(compressed[start : start + PART], MAX_SEGMENT_BYTES))
        except zlib.error:
            pass
        return b"".join(found)


def _frames(text: bytes) -> Iterator[FrameText]:
    """The frames of a segment up to the first that is not whole."""
    crc = end = 0
    slices = 0
    for match in OWN_LINE.finditer(text):
        crc = zlib.crc32(memoryview(text)[end : match.start(3)], crc)
        if crc != int(match[3]) or (match[1] == b"segment" and match.start()) or match[1] == b"end":
            return
        crc = zlib.crc32(memoryview(text)[match.start(3) : match.end()], crc)
        end = match.end()
        if match[1] in (b"key", b"frame"):
            time = _TIME.match(match[2])
            if time is None:
                return
            yield FrameText(int(time[1]), match[2] + b"}", (slices, match.start()))
        slices = end


def _spans(text: bytes, part: tuple[int, int], began_ns: int) -> dict[int, list[Span]]:
    """The final spans in a part of the text, by lane."""
    found: dict[int, list[Span]] = {}
    for name, id, sign, start_us, start_rest, length_us, length_rest, mixed in SLICE.findall(text, *part):
        start_ns = int(start_us + start_rest)
        start_ns = began_ns + (-start_ns if sign else start_ns)
        length_ns = int(length_us + length_rest)
        found.setdefault(int(id), []).append(Span(start_ns, start_ns + length_ns, _STATES[name], bool(mixed)))
    return found


def _changed(lane: LaneState | None, change: Any, new: list[Span], now_ns: int) -> LaneState:
    """The lane after a frame with these changes and new final spans."""
    if lane is None:
        lane = LaneState(0, 0, [])
    lowest, count, spans, frame = lane.lowest, lane.count, lane.spans, lane.frame
    if "cut" in change:
        cut = _count(change["cut"])
        spans = spans[: max(0, min(cut, count) - lowest)]
        lowest = min(lowest, cut)
        count = cut
    spans += new
    if {"f", "l", "t"} & change.keys():
        frame = LaneFrame(
            _count(change["f"]) if "f" in change else frame.first,
            _unpacked(change["l"], now_ns) if "l" in change else frame.lead,
            _unpacked(change["t"], now_ns) if "t" in change else frame.tail,
        )
    return LaneState(lowest, count + len(new), spans, frame)


def _count(found: Any) -> int:
    if type(found) is not int or not 0 <= found < 1 << 62:
        raise RecordingError("a lane is malformed")
    return found


def _unpacked(found: Any, now_ns: int) -> tuple[Span, ...]:
    if (
        type(found) is not list
        or len(found) % 3
        or not all(type(each) is int and abs(each) < 1 << 62 for each in found)
    ):
        raise RecordingError("a lane is malformed")
    return tuple(
        Span(now_ns - before_ns, now_ns - before_ns + length_ns, State(state & 15), bool(state & 16))
        for before_ns, length_ns, state in zip(found[::3], found[1::3], found[2::3], strict=True)
    )
