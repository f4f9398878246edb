"""Snapshots to the lines of a recording: a key frame at the start of each segment, then what changes."""

from __future__ import annotations

import json
import zlib
from typing import Any

from pconc_tui import __version__
from pconc_tui.recording.codec import SAME, codec
from pconc_tui.recording.file_format import FORMAT, FRAME, KEY, SEGMENT, SEGMENT_BYTES, SEGMENT_NS, own_line
from pconc_tui.recording.lane_writer import LaneFrame, LaneWriter
from pconc_tui.recording.trace_events import names, slices
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import Span

SNAPSHOT = codec(Snapshot, frozenset({"history"}))
"""Snapshots without the histories, which are written as slices."""


class Encoder:
    """Makes the lines of a recording, frame by frame."""

    def __init__(self, began_ns: int) -> None:
        """Times of trace events count from `began_ns`."""
        self.began_ns = began_ns
        self._last: Snapshot | None = None
        self._lanes: dict[int, LaneWriter] = {}
        self._number = 0
        """The number of segments that have begun."""
        self._segment_ns = 0
        self._crc = 0
        self._bytes = 0
        self._frames: list[int] = []
        """The times of the frames of this segment."""
        self._ended = True

    @property
    def segment_is_over(self) -> bool:
        """Whether the next frame begins a segment."""
        return self._ended

    def end_segment(self) -> None:
        """The next frame begins a segment."""
        self._ended = True

    def frame(self, snapshot: Snapshot) -> bytes:
        """The lines of the next frame."""
        lines = []
        before, self._last = self._last, snapshot
        if self._ended:
            before, self._ended = None, False
            self._crc = self._bytes = 0
            lines.append(self._start_segment(snapshot))
        text, lanes = self._lane_lines(snapshot, before is None)
        lines.append(self._count(text.encode("ascii")))
        if before is None:
            lines.append(self._own(KEY, t=snapshot.now_ns, s=SNAPSHOT.encode(snapshot), h=lanes))
        else:
            change = SNAPSHOT.change(before, snapshot)
            lines.append(self._own(FRAME, t=snapshot.now_ns, c={} if change is SAME else change, h=lanes))
        self._frames.append(snapshot.now_ns)
        self._ended = snapshot.now_ns - self._segment_ns >= SEGMENT_NS or self._bytes >= SEGMENT_BYTES
        return b"".join(lines)

    def _start_segment(self, snapshot: Snapshot) -> bytes:
        index = {str(id): [lane.written, lane.lowest, lane.end_ns] for id, lane in self._lanes.items()}
        for lane in self._lanes.values():
            lane.start_segment()
        self._number += 1
        self._segment_ns = snapshot.now_ns
        frames, self._frames = self._frames, []
        return self._own(
            SEGMENT,
            format=FORMAT,
            program=__version__,
            began=self.began_ns,
            number=self._number,
            t=snapshot.now_ns,
            before=frames,
            lanes=index,
        )

    def _lane_lines(self, snapshot: Snapshot, key: bool) -> tuple[str, dict[str, Any]]:
        """The new slices, and the lanes as the frame carries them."""
        lines: list[str] = []
        found: dict[str, Any] = {}
        workers = _by_id(snapshot)
        self._lanes = {id: lane for id, lane in self._lanes.items() if id in workers}
        for id, worker in workers.items():
            lane = self._lanes.get(id)
            new_lane = lane is None
            if lane is None:
                lane = self._lanes[id] = LaneWriter(worker.pid or 0)
            if not lane.written:
                lane.pid = worker.pid or 0
            before = lane.frame
            spans, cut = lane.update(worker)
            if key or new_lane or (spans and lane.written == len(spans)):
                lines += names(worker, lane.pid)
            lines += slices(id, lane.pid, spans, self.began_ns)
            change = _lane_change(LaneFrame() if key or new_lane else before, lane.frame, snapshot.now_ns)
            if new_lane:
                change["cut"] = 0
            elif cut is not None:
                change["cut"] = cut
            if change:
                found[str(id)] = change
        return "".join(lines), found

    def _own(self, name: str, **args: Any) -> bytes:
        text = json.dumps(args, separators=(",", ":"), allow_nan=False)
        line, self._crc = own_line(name, text[1:-1], self._crc)
        self._bytes += len(line)
        return line

    def _count(self, text: bytes) -> bytes:
        self._crc = zlib.crc32(text, self._crc)
        self._bytes += len(text)
        return text


def _by_id(snapshot: Snapshot) -> dict[int, Worker]:
    """The workers whose histories the snapshot has, by the ids of their lanes."""
    found = {worker.id: worker for worker in snapshot.workers}
    if (one := snapshot.one_run) is not None:
        found[-one.id if one.id in found else one.id] = one
    return found


def _lane_change(before: LaneFrame, now: LaneFrame, now_ns: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if now.first != before.first:
        found["f"] = now.first
    if now.lead != before.lead:
        found["l"] = _packed(now.lead, now_ns)
    if now.tail != before.tail:
        found["t"] = _packed(now.tail, now_ns)
    return found


def _packed(spans: tuple[Span, ...], now_ns: int) -> list[int]:
    """Three numbers for each span: how long before now it began, its length, its state with a bit for mixed."""
    return [
        number
        for start_ns, end_ns, state, mixed in spans
        for number in (now_ns - start_ns, end_ns - start_ns, state | mixed << 4)
    ]
