"""Reads recordings: each Snapshot as it was, at any time, from a file that may be cut, damaged or hostile.

Opening finds the segments. A Snapshot is decoded from the segment that holds it. The histories of its workers reach
into earlier segments, which are read when those spans are needed. Few segments are kept, so memory is bounded.
"""

from __future__ import annotations

import os
import stat
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from dataclasses import replace
from typing import Any, BinaryIO

from pconc_tui.protocol.block import State
from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.lane_reader import LaneState
from pconc_tui.recording.marks import Mark
from pconc_tui.recording.recorded_spans import RecordedSpans
from pconc_tui.recording.segment import Segment
from pconc_tui.recording.segment_index import MAX_GAP, find_segments
from pconc_tui.recording.sources import Source
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import History, Span

KEPT_BYTES = 32 << 20
"""So much text of segments is kept, decompressed."""


class Recording:
    """A recording in a file; `close` it at the end. After opening, nothing but RecordingError is raised."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the file from now on; see `open`. Raises RecordingError or OSError."""
        self._file = file
        self._heads = find_segments(file)
        self._size = file.seek(0, os.SEEK_END)
        self._starts_ns = [head.start_ns for head in self._heads]
        self._kept: OrderedDict[int, Segment] = OrderedDict()
        self.frame_times = array("q")
        """The times of all frames in ns, in order."""
        marks: list[Mark] = []
        for number in range(len(self._heads)):
            times_ns, found = self._summary(number)
            self.frame_times.extend(times_ns)
            marks += found
        self.marks: tuple[Mark, ...] = tuple(marks)
        """What happened when, in order."""
        if not self.frame_times:
            raise RecordingError("none of it is whole")

    @classmethod
    def open(cls, path: str) -> Recording:
        """The recording in this file. Raises RecordingError, which names the file."""
        try:
            # A pipe without a writer would block.
            file = os.fdopen(
                os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
            )
        except (OSError, ValueError) as error:
            raise RecordingError(f"can't read {path}: {getattr(error, 'strerror', None) or error}") from None
        try:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise RecordingError("it is no file")
            return cls(file)
        except (OSError, RecordingError) as error:
            file.close()
            raise RecordingError(f"can't read {path}: {getattr(error, 'strerror', None) or error}") from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def began_ns(self) -> int:
        """The time of the first frame."""
        return self.frame_times[0]

    @property
    def ended_ns(self) -> int:
        """The time of the last frame."""
        return self.frame_times[-1]

    @property
    def about(self) -> dict[str, str]:
        """What was recorded, when, and where; `program`: the version that recorded it."""
        return {**self._heads[0].about, "program": self._heads[0].program}

    def at(self, time_ns: int) -> Snapshot:
        """The last Snapshot at or before this time, or the first. Raises RecordingError where none is whole."""
        for number in range(self._number(time_ns), -1, -1):
            segment = self._segment(number)
            index = segment.index(time_ns)
            snapshot, lanes = segment.snapshot(index), segment.lanes(index)
            if snapshot is not None and lanes is not None:
                return self._with_histories(snapshot, lanes, number)
        raise RecordingError("nothing of the recording is whole before this time")

    def settings(self, time_ns: int) -> Any:
        """The settings of the dashboard at this time, as JSON; None: they are not known."""
        try:
            segment = self._segment(self._number(time_ns))
            return segment.settings(segment.index(time_ns))
        except (ValueError, RecursionError) as error:
            raise RecordingError(f"settings are malformed: {error}") from None

    def sources(self, time_ns: int) -> dict[str, Source]:
        """The code of the experiments that the Snapshots around this time show, by id."""
        try:
            return {source.id: source for source in self._segment(self._number(time_ns)).sources()}
        except (ValueError, RecursionError) as error:
            raise RecordingError(f"the code is malformed: {error}") from None

    def next_handoff(self, time_ns: int) -> int | None:
        """The time of the first hand-off after this time; None: there is none."""
        for number in range(self._number(time_ns), len(self._heads)):
            times_ns = self._handoff_times(number)
            if (index := bisect_right(times_ns, time_ns)) < len(times_ns):
                return times_ns[index]
        return None

    def previous_handoff(self, time_ns: int) -> int | None:
        """The time of the last hand-off before this time; None: there is none."""
        after = min(self._number(time_ns) + 1, len(self._heads) - 1)
        for number in range(after, -1, -1):
            times_ns = self._handoff_times(number)
            if index := bisect_left(times_ns, time_ns):
                return times_ns[index - 1]
        return None

    def _number(self, time_ns: int) -> int:
        """The number of the segment with the frames at this time."""
        return max(0, bisect_right(self._starts_ns, time_ns) - 1)

    def _segment(self, number: int) -> Segment:
        """The segment, decompressed; the ones that were used last are kept. Raises RecordingError."""
        found = self._kept.get(number)
        if found is None:
            head = self._heads[number]
            end = self._heads[number + 1].offset if number + 1 < len(self._heads) else self._size
            try:
                self._file.seek(head.offset)
                found = Segment(head, self._file.read(min(end - head.offset, MAX_GAP)))
            except (OSError, ValueError) as error:
                raise RecordingError(f"the recording can't be read any more: {error}") from None
            self._kept[number] = found
            while len(self._kept) > 1 and sum(segment.bytes for segment in self._kept.values()) > KEPT_BYTES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return found

    def _summary(self, number: int) -> tuple[array[int] | list[int], tuple[Mark, ...]]:
        """The times and the marks of a segment's frames: the segment after it says them, else it is decompressed."""
        if self._follows(number):
            head, after = self._heads[number], self._heads[number + 1]
            times_ns = after.times_before
            if times_ns and times_ns[0] == head.start_ns and times_ns[-1] <= after.start_ns and _rising(times_ns):
                return times_ns, after.marks_before
        segment = self._segment(number)
        try:
            return segment.times_ns, tuple(segment.marks())
        except (ValueError, TypeError, RecursionError, AssertionError):
            return segment.times_ns, ()

    def _follows(self, number: int) -> bool:
        """Whether the segment after this one is there, with nothing missing between them."""
        return number + 1 < len(self._heads) and self._heads[number + 1].number == self._heads[number].number + 1

    def _handoff_times(self, number: int) -> list[int]:
        return self._segment(number).handoff_times()

    def _with_histories(self, snapshot: Snapshot, lanes: dict[int, LaneState], number: int) -> Snapshot:
        def whole(worker: Worker) -> Worker:
            return replace(worker, history=self._history(worker, lanes.get(worker.id), number))

        one_run = snapshot.one_run and whole(snapshot.one_run)
        return replace(snapshot, workers=tuple(map(whole, snapshot.workers)), one_run=one_run)

    def _history(self, worker: Worker, lane: LaneState | None, number: int) -> History:
        """The worker's history in a frame of this segment. What is missing in the file is of unknown state."""
        if lane is None:
            return ()
        first, lead = lane.frame.first, lane.frame.lead
        earlier, reached = self._earlier(worker, lane.lowest, first, number)
        newest = (*lane.spans(first, lane.written), *lane.frame.tail)
        if reached > first:
            began_ns, rest = worker.launched_ns, (*earlier, newest)
            first_ns = next((piece[0].start_ns for piece in rest if piece), began_ns)
            lead = (Span(began_ns, first_ns, State.UNKNOWN),) if first_ns > began_ns else ()
        return (lead, *earlier, newest) if lead else (*earlier, newest)

    def _earlier(self, worker: Worker, high: int, first: int, number: int) -> tuple[list[RecordedSpans], int]:
        """The final spans below `high` in the segments before this one, back to `first` or to what is missing."""
        found: list[RecordedSpans] = []
        while high > first and number > 0 and self._follows(number - 1):
            count, lowest, end_ns = self._heads[number].lanes.get(worker.id, (0, 0, 0))
            number -= 1
            low = max(lowest, first)
            if low >= high:
                continue
            if (
                high > count
                or (piece := self._piece(worker, number, low, high, end_ns if high == count else None)) is None
            ):
                break
            found.append(piece)
            high = low
        return found[::-1], high

    def _piece(self, worker: Worker, number: int, low: int, high: int, end_ns: int | None) -> RecordedSpans | None:
        """The final spans from `low` to `high`, which are in this segment; None: they are damaged."""
        id = worker.id
        before = self._heads[number].lanes.get(id)
        start_ns = before[2] if before and before[0] == low and low > 0 else None
        if start_ns is None or end_ns is None:
            spans = self._spans(number, id, low, high)
            if not spans:
                return None
            start_ns, end_ns = spans[0].start_ns, spans[-1].end_ns
        return (
            RecordedSpans(start_ns, end_ns, lambda: self._spans(number, id, low, high)) if start_ns < end_ns else None
        )

    def _spans(self, number: int, id: int, low: int, high: int) -> list[Span]:
        """The final spans of a lane with these numbers; none where they are not all there."""
        try:
            lane = self._segment(number).last_lanes().get(id)
        except RecordingError:
            return []
        spans = lane.spans(low, high) if lane is not None and lane.lowest <= low else []
        return spans if len(spans) == high - low else []


def _rising(times_ns: array[int]) -> bool:
    return all(times_ns[index] <= times_ns[index + 1] for index in range(len(times_ns) - 1))
