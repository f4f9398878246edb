"""One segment of a recording, decompressed: its frames, decoded when they are needed, up to the first that is damaged.

Frames depend on those before them. Snapshots and lanes are decoded apart, since histories need the lanes of many
segments, but the Snapshots of one.
"""

from __future__ import annotations

import json
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar, cast

from pconc_tui.recording.codec import codec
from pconc_tui.recording.encoder import SNAPSHOT
from pconc_tui.recording.file_format import MAX_LINE_BYTES, MAX_SEGMENT_BYTES, OWN_LINE, RecordingError
from pconc_tui.recording.lane_reader import LaneState, lanes_after, lanes_before
from pconc_tui.recording.marks import Mark
from pconc_tui.recording.segment_index import SegmentHead
from pconc_tui.recording.sources import SOURCE, Source
from pconc_tui.recording.trace_events import TAKEN
from pconc_tui.snapshot import Snapshot

_TIME = re.compile(rb'\{"t":(\d{1,18})[,}]')
PART = 1024
"""Damaged bytes are decompressed in parts of this size, so that what is whole before the damage is kept."""
MALFORMED = RecordingError, ValueError, TypeError, KeyError, OverflowError, RecursionError, AttributeError
"""What decoding raises where a file says what no recording does."""
Value = TypeVar("Value")
_MARKS = codec(tuple[tuple[str, str], ...])


class _Frame(NamedTuple):
    """A frame as it stands in the segment."""

    time_ns: int
    args: bytes
    """JSON."""
    events: tuple[int, int]
    """Where its trace events begin and end."""


class Segment:
    """The frames of a segment."""

    def __init__(self, head: SegmentHead, compressed: bytes) -> None:
        self.head = head
        self._text = _inflated(compressed)
        self.bytes = len(self._text)
        """Its size."""
        self._sources: list[bytes] = []
        self._frames = list(self._found_frames())
        self.times_ns = [frame.time_ns for frame in self._frames]
        self._snapshots: list[Snapshot] = []
        self._lanes: list[dict[int, LaneState]] = []

    def index(self, time_ns: int) -> int:
        """The number of the last frame at or before this time, or of the first."""
        return max(0, bisect_right(self.times_ns, time_ns) - 1)

    def snapshot(self, index: int) -> Snapshot | None:
        """The Snapshot of this frame without histories, or of the last before it that is whole; None: none is."""
        return self._decoded(self._snapshots, index, self._next_snapshot)

    def lanes(self, index: int) -> dict[int, LaneState] | None:
        """The lanes after this frame, or after the last before it that is whole; None: none is."""
        return self._decoded(self._lanes, index, self._next_lanes)

    def last_lanes(self) -> dict[int, LaneState]:
        """The lanes at the end of the segment."""
        return self.lanes(len(self._frames) - 1) or {}

    def marks(self) -> Iterator[Mark]:
        """The marks of its frames, as far as they are whole."""
        with suppress(*MALFORMED):
            for index, frame in enumerate(self._frames):
                if b'"m":' in frame.args:
                    for kind, text in _MARKS.decode(self._json(index).get("m", [])):
                        yield Mark(frame.time_ns, kind, text)

    def settings(self, index: int) -> Any:
        """The settings of the dashboard in this frame, as JSON; None: there are none."""
        with suppress(*MALFORMED):
            for number in range(min(index, len(self._frames) - 1), -1, -1):
                if b'"v":' in self._frames[number].args and "v" in (args := self._json(number)):
                    return args["v"]
        return None

    def sources(self) -> Iterator[Source]:
        """The code of the experiments in it, as far as it is whole."""
        with suppress(*MALFORMED):
            for args in self._sources:
                yield SOURCE.decode(json.loads(args))

    def handoff_times(self) -> list[int]:
        """The times of its hand-offs, in order."""
        found = TAKEN.findall(self._text, 0, self._frames[-1].events[1]) if self._frames else ()
        return sorted(self.head.began_ns + int(sign + us + rest) for sign, us, rest in found)

    def _decoded(self, known: list[Value], index: int, decode: Callable[[int], Value]) -> Value | None:
        while len(known) <= index < len(self._frames):
            try:
                known.append(decode(len(known)))
            except MALFORMED:
                del self._frames[len(known) :], self.times_ns[len(known) :]
        return known[min(index, len(known) - 1)] if known else None

    def _next_snapshot(self, number: int) -> Snapshot:
        args = self._json(number)
        found = SNAPSHOT.apply(self._snapshots[-1], args.get("c", {})) if number else SNAPSHOT.decode(args["s"])
        if found.now_ns != self._frames[number].time_ns:
            raise RecordingError("a frame has two times")
        return cast(Snapshot, found)

    def _next_lanes(self, number: int) -> dict[int, LaneState]:
        frame = self._frames[number]
        before = self._lanes[-1] if number else lanes_before(self.head)
        changes = self._json(number).get("h", {})
        return lanes_after(before, changes, self._text, frame.events, self.head.began_ns, frame.time_ns)

    def _json(self, number: int) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(self._frames[number].args))

    def _found_frames(self) -> Iterator[_Frame]:
        """The frames up to the first that is not whole."""
        crc = end = events = last_ns = 0
        text = memoryview(self._text)
        for match in OWN_LINE.finditer(self._text):
            kind, args, check = match.groups()
            crc = zlib.crc32(text[end : match.start(3)], crc)
            if crc != int(check) or (kind == b"segment") != (end == 0) or kind == b"end" or len(args) > MAX_LINE_BYTES:
                return
            crc = zlib.crc32(text[match.start(3) : match.end()], crc)
            end = match.end()
            if kind in (b"key", b"frame"):
                time = _TIME.match(args + b"}")
                if time is None or int(time[1]) < last_ns or (kind == b"key") != (last_ns == 0):
                    return
                last_ns = int(time[1])
                yield _Frame(last_ns, args + b"}", (events, match.start()))
            elif kind == b"source":
                self._sources.append(args + b"}")
            events = end


def _inflated(compressed: bytes) -> bytes:
    """The text of a segment, as far as it is whole and no longer than a segment may be."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(compressed, MAX_SEGMENT_BYTES)
    except zlib.error:
        return b"".join(_parts_before_damage(compressed))


def _parts_before_damage(compressed: bytes) -> Iterator[bytes]:
    inflate, left = zlib.decompressobj(-zlib.MAX_WBITS), MAX_SEGMENT_BYTES
    for start in range(0, len(compressed), PART):
        try:
            part = inflate.decompress(compressed[start : start + PART], left)
        except zlib.error:
            return
        left -= len(part)
        if left <= 0:
            return
        yield part
