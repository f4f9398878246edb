"""Finds the segments of a file by the flush markers before them, without decompressing more than their first lines."""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from pconc_tui.recording.codec import codec
from pconc_tui.recording.file_format import FORMAT, GZIP_HEADER, MARKER, OWN_LINE, RecordingError
from pconc_tui.recording.marks import Mark

BLOCK = 1 << 20
"""The file is read in blocks of this many bytes."""
LONGEST_HEAD = 256 << 10
"""The first line of a segment is no longer than this."""
MAX_GAP = 64 << 20
"""Where no segment begins for so many bytes, there is no more of a recording."""
MAX_SEGMENTS = 100_000
"""So many segments of 5 s are six days."""
MAX_WRONG = 10_000
"""So many markers in a row may be no start of a segment."""
_START = b'{"name":"pconc-tui segment"'
_NOT_OURS = "it is no recording of pconc-tui"


@dataclass(frozen=True)
class SegmentHead:
    """The first line of a segment."""

    offset: int
    """Where its compressed bytes begin in the file."""
    number: int
    """It counts from 1; a gap shows that one before it is missing."""
    start_ns: int
    """The time of its first frame."""
    began_ns: int
    """From which the times of trace events count."""
    about: dict[str, str]
    """What is recorded, when, and where."""
    program: str
    """The version of the program that recorded it."""
    times_before: array[int]
    """The times of the frames of the segment before."""
    marks_before: tuple[Mark, ...]
    """The marks of the segment before."""
    lanes: dict[int, tuple[int, int, int]]
    """Of each lane, by id: the number of final spans before this segment, the lowest such number during the segment
    before, and the end of the last of them in ns."""


_ABOUT, _MARKS, _NUMBER, _TIME, _TIMES, _LANES, _TEXT = map(
    codec,
    (
        dict[str, str],
        tuple[tuple[int, str, str], ...],
        int,
        int,
        tuple[int, ...],
        dict[str, tuple[int, int, int]],
        str,
    ),
)


def find_segments(file: BinaryIO) -> list[SegmentHead]:
    """The segments in the file, in order. Raises RecordingError."""
    if file.read(len(GZIP_HEADER)) != GZIP_HEADER:
        raise RecordingError(_NOT_OURS)
    found: list[SegmentHead] = []
    wrong = 0
    for offset, compressed in _markers(file, lambda: found[-1].offset if found else 0):
        head = _head(offset, compressed)
        wrong = 0 if head else wrong + 1
        if head and (not found or (head.start_ns >= found[-1].start_ns and head.number > found[-1].number)):
            found.append(head)
        if wrong > MAX_WRONG or len(found) >= MAX_SEGMENTS:
            break
    if not found:
        raise RecordingError(_NOT_OURS)
    return found


def _markers(file: BinaryIO, last_good: Callable[[], int]) -> Iterator[tuple[int, memoryview]]:
    """After each marker: where it ends, and the bytes there, as many as the first line of a segment may have."""
    file.seek(0)
    start, block = 0, file.read(BLOCK)
    while block:
        more = file.read(BLOCK)
        both = memoryview(block + more)
        position = block.find(MARKER)
        while position >= 0:
            end = position + len(MARKER)
            yield start + end, both[end : end + LONGEST_HEAD]
            position = block.find(MARKER, end)
        keep = block[1 - len(MARKER) :] if more else b""
        start += len(block) - len(keep)
        block = keep + more if more else b""
        if start - last_good() > MAX_GAP:
            return


def _head(offset: int, compressed: memoryview) -> SegmentHead | None:
    """The first line of the segment that begins with these bytes; None: none does. Raises RecordingError: too new."""
    try:
        if zlib.decompressobj(-zlib.MAX_WBITS).decompress(compressed[:512], len(_START)) != _START:
            return None
        line = zlib.decompressobj(-zlib.MAX_WBITS).decompress(compressed, LONGEST_HEAD)
    except zlib.error:
        return None
    match = OWN_LINE.match(line)
    if match is None or zlib.crc32(line[: match.start(3)]) != int(match[3]):
        return None
    try:
        args = json.loads(match[2] + b"}")
        version, program = _NUMBER.decode(args["format"]), _TEXT.decode(args["program"])
        if version == FORMAT:
            return _parsed(offset, args)
    except (RecordingError, ValueError, TypeError, KeyError, OverflowError, RecursionError, AttributeError):
        return None
    raise RecordingError(
        f"pconc-tui {program[:20]} has recorded it in format {version}; this one reads {FORMAT}, update it"
    )


def _parsed(offset: int, args: Any) -> SegmentHead:
    return SegmentHead(
        offset,
        _NUMBER.decode(args["number"]),
        _TIME.decode(args["t"]),
        _TIME.decode(args["began"]),
        _ABOUT.decode(args["about"]),
        _TEXT.decode(args["program"]),
        array("q", _TIMES.decode(args["times"])),
        tuple(Mark(*each) for each in _MARKS.decode(args["marks"])),
        {int(id): lane for id, lane in _LANES.decode(args["lanes"]).items()},
    )
