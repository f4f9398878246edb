"""Reads recordings: each Snapshot as it was, at any time, from a file that may be damaged, cut or hostile.

Opening finds the segments. A Snapshot is decoded from the segment that holds it; the histories of its workers refer to
earlier segments, which are read when somebody wants those spans. A few segments are kept in memory, so it is bounded.
"""

from __future__ import annotations

import os
import stat
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from pconc_tui.protocol.block import State
from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.recorded_spans import RecordedSpans
from pconc_tui.recording.segment import LaneState, Segment
from pconc_tui.recording.segment_index import MAX_GAP, find_segments
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import History, Span

KEPT_SEGMENTS = 8
"""So many decompressed segments are kept."""


class Recording:
    """A recording in a file; `close` it at the end."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the file from now on; `open` is what callers want. Raises RecordingError."""
        self._file = file
        self._heads, self._size = find_segments(file)
        self._starts = [head.start_ns for head in self._heads]
        self._kept: OrderedDict[int, Segment] = OrderedDict()
        self.frame_times = array("q", self._all_times())
        """The times of all frames in ns, in order."""
        if not self.frame_times:
            raise RecordingError("it has no frame that is whole")

    @classmethod
    def open(cls, path: str) -> Recording:
        """The recording in this file. Raises RecordingError, which names the file."""
        try:
            # A pipe without a writer would block.
            fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            file = os.fdopen(fd, "rb")
        except (OSError, ValueError) as error:
            raise RecordingError(f"can't read {path}: {getattr(error, 'strerror', None) or error}") from None
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise RecordingError("it is no file")
            return cls(file)
        except (RecordingError, OSError) as error:
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

    def at(self, time_ns: int) -> Snapshot:
        """The last Snapshot at or before this time, or the first. Raises RecordingError where nothing is whole."""
        number = max(0, bisect_right(self._starts, time_ns) - 1)
        for each in range(number, -1, -1):
            found = self._segment(each).frame(time_ns)
            if found is not None:
                return self._with_histories(*found, each)
        raise RecordingError("the recording has no frame that is whole before this time")

    def _with_histories(self, snapshot: Snapshot, lanes: dict[int, LaneState], number: int) -> Snapshot:
        workers = tuple(
            replace(worker, history=self._history(worker, lanes.get(worker.id), number)) for worker in snapshot.workers
        )
        one = snapshot.one_run
        if one is not None:
            lane = lanes.get(-one.id) or lanes.get(one.id)
            one = replace(one, history=self._history(one, lane, number))
        return replace(snapshot, workers=workers, one_run=one)

    def _history(self, worker: Worker, lane: LaneState | None, number: int) -> History:
        """The worker's history, as it was in a frame of this segment."""
        if lane is None:
            return ()
        frame = lane.frame
        skip = max(0, frame.first - lane.lowest)
        pieces: list[RecordedSpans] = []
        highest = lane.lowest
        segment = number
        while highest > frame.first and segment > 0:
            count, lowest, _ = self._heads[segment].lanes.get(worker.id, (0, 0, 0))
            segment -= 1
            if self._heads[segment].number != self._heads[segment + 1].number - 1:
                break  # A segment is missing.
            low = max(lowest, frame.first)
            if low < highest:
                pieces.append(RecordedSpans(self._spans, segment, worker.id, low, min(highest, count)))
                highest = low
        pieces.reverse()
        newest = (*lane.spans[skip : lane.count - lane.lowest], *frame.tail)
        lead = frame.lead
        if highest > frame.first:
            began_ns = worker.launched_ns
            first_ns = pieces[0].start_ns if pieces else newest[0].start_ns if newest else began_ns
            lead = (Span(began_ns, first_ns, State.UNKNOWN),) if first_ns > began_ns else ()
        return (lead, *pieces, newest) if lead else (*pieces, newest)

    def _spans(self, segment: int, id: int, low: int, high: int) -> list[Span]:
        """The final spans of a lane with these numbers, which are in this segment; none where it is damaged."""
        lane = self._segment(segment).lanes().get(id)
        return [] if lane is None else lane.spans[low - lane.lowest : high - lane.lowest]

    def _segment(self, number: int) -> Segment:
        found = self._kept.get(number)
        if found is None:
            head = self._heads[number]
            end = self._heads[number + 1].offset if number + 1 < len(self._heads) else self._size
            self._file.seek(head.offset)
            found = self._kept[number] = Segment(head, self._file.read(min(end - head.offset, MAX_GAP)))
            if len(self._kept) > KEPT_SEGMENTS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return found

    def _all_times(self) -> Iterator[int]:
        """The times of the frames: each segment knows those of the one before; other segments are decompressed."""
        for number in range(len(self._heads)):
            yield from self._times_of(number)

    def _times_of(self, number: int) -> array[int] | list[int]:
        head = self._heads[number]
        if number + 1 < len(self._heads):
            after = self._heads[number + 1]
            if after.number == head.number + 1 and _rising(after.times_before, head.start_ns, after.start_ns):
                return after.times_before
        return self._segment(number).times_ns


def _rising(times_ns: array[int], first_ns: int, end_ns: int) -> bool:
    if not times_ns or times_ns[0] != first_ns or times_ns[-1] > end_ns:
        return False
    return all(times_ns[index] <= times_ns[index + 1] for index in range(len(times_ns) - 1))
