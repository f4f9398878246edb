"""Reads recordings: each Snapshot as it was, at any time, from a file that may be cut, damaged or hostile.

Opening finds the segments. A Snapshot is decoded from the segment that holds it; `histories` adds what its workers did
before. Few segments are kept, and hostile files are given up early, so memory and time are bounded.
"""

from __future__ import annotations

import os
import stat
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, BinaryIO

from pconc_tui.recording.file_format import RecordingError
from pconc_tui.recording.histories import Histories
from pconc_tui.recording.marks import Mark
from pconc_tui.recording.segment import Segment
from pconc_tui.recording.segment_index import MAX_GAP, SegmentHead, find_segments
from pconc_tui.recording.sources import Source
from pconc_tui.snapshot import Snapshot

KEPT_BYTES, KEPT_SEGMENTS = 8 << 20, 32
"""So much text, of so many segments, is kept decompressed."""
MAX_FRAMES, MAX_MARKS = 5_000_000, 10_000
"""No more are listed: the frames of six days."""
MAX_SEARCHED_BYTES = 512 << 20
"""No more text is decompressed for a search through the file."""
MAX_RECENT = 4
"""So many Snapshots are kept: a replay asks for each several times."""
MAX_TRIED = 16
"""So many segments before a time are tried for a frame that is whole."""


class Recording:
    """A recording in a file; `close` it at the end. After opening, nothing but RecordingError is raised."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the file from now on; see `open`. Raises RecordingError or OSError."""
        self._file = file
        self._heads, self.about = find_segments(file)
        self._size = file.seek(0, os.SEEK_END)
        self._starts_ns = [head.start_ns for head in self._heads]
        self._kept: OrderedDict[int, Segment] = OrderedDict()
        self._kept_bytes = 0
        self._histories = Histories(self._heads, self._segment)
        self._recent: dict[tuple[int, int], Snapshot] = {}
        """The Snapshots that were read last, by the numbers of their segments and of their frames in these."""
        self.frame_times = array("q")
        """The times of all frames in ns, in order."""
        self.marks: list[Mark] = []
        """What happened when, in order."""
        self._list_frames_and_marks()
        if not self.frame_times:
            raise RecordingError("none of it is whole")

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

    def at(self, time_ns: int) -> Snapshot:
        """The last Snapshot at or before this time, or the first. Raises RecordingError where none is whole."""
        last = self._number(time_ns)
        for number in range(last, max(-1, last - MAX_TRIED), -1):
            segment = self._segment(number)
            index = segment.index(time_ns)
            if (found := self._recent.get((number, index))) is not None:
                return found
            snapshot, lanes = segment.snapshot(index), segment.lanes(index)
            if snapshot is not None and lanes is not None:
                found = self._histories.added(snapshot, lanes, number)
                if len(self._recent) >= MAX_RECENT:
                    del self._recent[next(iter(self._recent))]
                self._recent[number, index] = found
                return found
        raise RecordingError("nothing of the recording is whole before this time")

    def settings(self, time_ns: int) -> Any:
        """The settings of the dashboard at this time, as JSON; None: they are not known. Raises RecordingError."""
        segment = self._segment(self._number(time_ns))
        return segment.settings(segment.index(time_ns))

    def sources(self, time_ns: int) -> dict[str, Source]:
        """The code of the experiments that the Snapshots around this time show, by id. Raises RecordingError."""
        return {source.id: source for source in self._segment(self._number(time_ns)).sources()}

    def next_handoff(self, time_ns: int) -> int | None:
        """The time of the first hand-off after this time; None: there is none."""
        for times_ns in self._handoff_times(range(self._number(time_ns), len(self._heads))):
            if (index := bisect_right(times_ns, time_ns)) < len(times_ns):
                return times_ns[index]
        return None

    def previous_handoff(self, time_ns: int) -> int | None:
        """The time of the last hand-off before this time; None: there is none."""
        # Hand-offs just before a frame may be in the segment that begins with it.
        last = min(self._number(time_ns) + 1, len(self._heads) - 1)
        for times_ns in self._handoff_times(range(last, -1, -1)):
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
            self._kept_bytes += found.bytes
            while len(self._kept) > 1 and (self._kept_bytes > KEPT_BYTES or len(self._kept) > KEPT_SEGMENTS):
                self._kept_bytes -= self._kept.popitem(last=False)[1].bytes
        self._kept.move_to_end(number)
        return found

    def _list_frames_and_marks(self) -> None:
        """Each segment says the times and marks of the one before; the others are decompressed."""
        searched = 0
        for number, head in enumerate(self._heads):
            after = self._after(number)
            if after is not None and _are_times_of(head, after):
                times_ns, marks = after.times_before, after.marks_before
            elif searched < MAX_SEARCHED_BYTES:
                segment = self._segment(number)
                searched += segment.bytes
                times_ns, marks = array("q", segment.times_ns), tuple(segment.marks())
            else:
                continue
            self.frame_times.extend(times_ns[: MAX_FRAMES - len(self.frame_times)])
            self.marks += marks[: MAX_MARKS - len(self.marks)]

    def _after(self, number: int) -> SegmentHead | None:
        """The segment after this one; None: it is missing."""
        after = self._heads[number + 1] if number + 1 < len(self._heads) else None
        return after if after is not None and after.number == self._heads[number].number + 1 else None

    def _handoff_times(self, numbers: Iterable[int]) -> Iterable[list[int]]:
        """The times of hand-offs in each of these segments that may have some."""
        searched = 0
        for number in numbers:
            after = self._after(number)
            if after is None or after.handoffs_before:
                segment = self._segment(number)
                yield segment.handoff_times()
                searched += segment.bytes
                if searched > MAX_SEARCHED_BYTES:
                    return


def _are_times_of(head: SegmentHead, after: SegmentHead) -> bool:
    """Whether the times that the next segment says of this one can be right."""
    times_ns = after.times_before
    if not times_ns or times_ns[0] != head.start_ns or times_ns[-1] > after.start_ns:
        return False
    return all(times_ns[index] <= times_ns[index + 1] for index in range(len(times_ns) - 1))
