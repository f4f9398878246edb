"""Snapshots to the lines of a recording: a key frame at the start of each segment, then what changes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

from pconc_tui import __version__
from pconc_tui.recording import file_format, trace_events
from pconc_tui.recording.codec import SAME, codec
from pconc_tui.recording.file_format import own_line
from pconc_tui.recording.handoff_finder import HandoffFinder, NewSpans
from pconc_tui.recording.lane_writer import LaneFrame, LaneWriter
from pconc_tui.recording.marks import Mark, marks_between
from pconc_tui.recording.sources import SOURCE, experiments_in, source_of
from pconc_tui.snapshot import LogLine, Snapshot, Worker
from pconc_tui.timeline.spans import Span

SNAPSHOT = codec(Snapshot, frozenset({"history"}))
"""Snapshots without the histories, which are written as slices."""
NOTHING = Snapshot(now_ns=0, core_count=0)
_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class Encoder:
    """Makes the lines of a recording, frame by frame."""

    def __init__(self, about: Mapping[str, str]) -> None:
        """`about` says what is recorded, and where."""
        self._began_ns = 0
        self.ended = True
        """Whether the segment has ended, so that the next frame begins one."""
        self._about = dict(about)
        self._last = NOTHING
        self._lanes: dict[int, LaneWriter] = {}
        self._finder = HandoffFinder()
        self._handoffs = 0
        self._handoffs_before = 0
        """How many hand-offs there were when the segment began."""
        self._counters: dict[str, float] = {}
        self._log_line: LogLine | None = None
        """The last line of the log that has been written."""
        self._settings: object = None
        self._number = 0
        """The number of segments that have started."""
        self._segment_ns = 0
        self._crc = 0
        self._bytes = 0
        self._sources: set[str] = set()
        """The experiments whose source is in this segment."""
        self._times_ns: list[int] = []
        """The times of the frames of this segment."""
        self._marks: list[Mark] = []
        """The marks of this segment."""

    def frame(self, snapshot: Snapshot, began_ns: int, settings: object, notes: Sequence[str]) -> bytes:
        """The lines of the next frame.

        Times of trace events count from `began_ns`; `settings` are those of the dashboard, as JSON;
        `notes` become marks.
        """
        self._began_ns = began_ns
        before, self._last = self._last, snapshot
        key, self.ended = self.ended, False
        lines = [self._start_segment(snapshot)] if key else []
        lines += (self._source(id) for id in sorted(experiments_in(snapshot) - self._sources))
        marks = [*marks_between(before, snapshot), *(Mark(snapshot.now_ns, "note", note) for note in notes)]
        events, lanes = self._lane_events(snapshot, key)
        events += self._other_events(snapshot, marks)
        lines.append(self._checked("".join(events).encode("utf-8", "replace")))
        frame: dict[str, Any] = {"t": snapshot.now_ns}
        if key:
            frame["s"] = SNAPSHOT.encode(snapshot)
        elif (change := SNAPSHOT.change(before, snapshot)) is not SAME:
            frame["c"] = change
        if lanes:
            frame["h"] = lanes
        if marks:
            frame["m"] = [(mark.kind, mark.text) for mark in marks]
        if settings is not None and (key or settings != self._settings):
            frame["v"] = self._settings = settings
        lines.append(self._own(file_format.KEY if key else file_format.FRAME, frame))
        self._times_ns.append(snapshot.now_ns)
        self._marks += marks
        long = snapshot.now_ns - self._segment_ns >= file_format.SEGMENT_NS
        self.ended = long or self._bytes >= file_format.SEGMENT_BYTES
        return b"".join(lines)

    def _start_segment(self, snapshot: Snapshot) -> bytes:
        """The first line, with what only the end of the segment before could say."""
        self._number += 1
        self._segment_ns = snapshot.now_ns
        self._crc = self._bytes = 0
        self._sources.clear()
        head = {
            "format": file_format.FORMAT,
            "program": __version__,
            "about": self._about,
            "began": self._began_ns,
            "number": self._number,
            "t": snapshot.now_ns,
            "times": [after - before for before, after in pairwise((0, *self._times_ns))],
            "marks": self._marks,
            "handoffs": self._handoffs - self._handoffs_before,
            "lanes": [
                number for id, lane in self._lanes.items() for number in (id, lane.written, lane.lowest, lane.end_ns)
            ],
        }
        self._handoffs_before = self._handoffs
        line = self._own(file_format.SEGMENT, head)
        self._times_ns, self._marks = [], []
        for lane in self._lanes.values():
            lane.start_segment()
        return line + self._checked(trace_events.program_name().encode("ascii"))

    def _source(self, id: str) -> bytes:
        self._sources.add(id)
        found = source_of(id)
        return b"" if found is None else self._own(file_format.SOURCE, SOURCE.encode(found))

    def _lane_events(self, snapshot: Snapshot, key: bool) -> tuple[list[str], dict[int, Any]]:
        """Names, slices and hand-offs, and the lanes as the frame carries them."""
        events: list[str] = []
        frames: dict[int, Any] = {}
        new_spans: list[NewSpans] = []
        lanes, self._lanes = self._lanes, {}
        for id, worker in _by_lane(snapshot).items():
            known = lanes.get(id)
            lane = self._lanes[id] = known or LaneWriter()
            before = lane.frame
            named = lane.pid, worker.python
            if not lane.written:
                lane.pid = worker.pid or trace_events.PROGRAM
            spans, cut = lane.update(worker)
            if key or known is None or named != (lane.pid, worker.python):
                events += trace_events.names(worker, lane.pid)
            events += trace_events.slices(id, lane.pid, spans, self._began_ns)
            change = _lane_change(LaneFrame() if key or known is None else before, lane.frame, snapshot.now_ns)
            if known is None:
                change["cut"] = 0
            elif cut is not None:
                change["cut"] = cut
            if change:
                frames[id] = change
            if worker.gil is not None and (spans or lane.frame.tail):
                new_spans.append(NewSpans(id, worker.gil, spans, lane.frame.tail, before.tail))
        for id, gone in lanes.items():
            if id not in self._lanes:  # What was provisional when its worker was last shown stays as it was.
                events += trace_events.slices(id, gone.pid, gone.frame.tail, self._began_ns)
        changes = self._finder.find(new_spans)
        pids = {id: lane.pid for id, lane in self._lanes.items()}
        events += trace_events.arrows(changes, pids, self._handoffs, self._began_ns)
        self._handoffs += len(changes)
        return events, frames

    def _other_events(self, snapshot: Snapshot, marks: Sequence[Mark]) -> list[str]:
        """Counters that have changed, new log lines, and marks."""
        events = []
        now = trace_events.counters(snapshot)
        for name, value in now.items():
            if self._counters.get(name) != value:
                events.append(trace_events.counter(name, value, snapshot.now_ns, self._began_ns))
        self._counters = now
        lanes = {worker.name: worker.id for worker in snapshot.workers}
        for line in self._new_log_lines(snapshot.log):
            id = lanes.get(line.worker, trace_events.PROGRAM)
            pid = self._lanes[id].pid if id in self._lanes else trace_events.PROGRAM
            time_ns = snapshot.log_began_ns + round(line.t_s * 1e9)
            events.append(trace_events.instant(line.text, pid, id, time_ns, self._began_ns))
        for mark in marks:
            text = f"{mark.kind}: {mark.text}"
            events.append(
                trace_events.instant(text, trace_events.PROGRAM, trace_events.PROGRAM, mark.time_ns, self._began_ns)
            )
        return events

    def _new_log_lines(self, log: tuple[LogLine, ...]) -> tuple[LogLine, ...]:
        last, self._log_line = self._log_line, log[-1] if log else None
        for number in range(len(log) - 1, -1, -1):
            if log[number] == last:
                return log[number + 1 :]
        return log

    def _own(self, name: str, args: Mapping[str, Any]) -> bytes:
        line, self._crc = own_line(name, _JSON(args)[1:-1], self._crc)
        self._bytes += len(line)
        return line

    def _checked(self, lines: bytes) -> bytes:
        """Lines of other programs, which count in the checksum."""
        self._crc = zlib.crc32(lines, self._crc)
        self._bytes += len(lines)
        return lines


def _by_lane(snapshot: Snapshot) -> dict[int, Worker]:
    """The workers whose histories the Snapshot has, by the ids of their lanes."""
    found = {worker.id: worker for worker in snapshot.workers}
    if (one := snapshot.one_run) is not None:
        found.setdefault(one.id, one)
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
        *chain.from_iterable(
            (now_ns - start_ns, end_ns - start_ns, state | mixed << 4) for start_ns, end_ns, state, mixed in spans
        )
    ]
