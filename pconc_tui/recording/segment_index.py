"""Finds the segments of a file by the flush markers before them, without decompressing more than their first lines."""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from pconc_tui.recording.file_format import FORMAT, GZIP_HEADER, MARKER, OWN_LINE, RecordingError

BLOCK = 4 << 20
"""The file is read in blocks of this many bytes."""
LONGEST_HEAD = 256 << 10
"""The first line of a segment is no longer than this."""
MAX_GAP = 64 << 20
"""Where no segment begins for so many bytes, there is no more of a recording."""
MAX_SEGMENTS = 100_000
MAX_WRONG = 10_000
"""So many markers in a row may be none of a segment's start."""
_START = b'{"name":"pconc-tui segment"'


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
    times_before: array[int]
    """The times of the frames of the segment before."""
    lanes: dict[int, tuple[int, int, int]]
    """Of each lane, by id: the number of final spans before this segment, the lowest such number during the segment
    before, and the end of the last of them in ns."""


def find_segments(file: BinaryIO) -> tuple[list[SegmentHead], int]:
    """The segments in the file, in order, and where the compressed bytes end. Raises RecordingError."""
    if file.read(len(GZIP_HEADER))[:4] != GZIP_HEADER[:4]:
        raise RecordingError("it is not a recording of pconc-tui")
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
        raise RecordingError("it is not a recording of pconc-tui")
    return found, file.seek(0, 2)


def _markers(file: BinaryIO, last_good: Any) -> Iterator[tuple[int, bytes]]:
    """After each marker: where it ends, and the bytes there."""
    file.seek(0)
    start, block = 0, file.read(BLOCK)
    while block:
        more = file.read(BLOCK)
        position = block.find(MARKER)
        while position >= 0:
            end = position + len(MARKER)
            data = block[end : end + LONGEST_HEAD]
            if len(data) < LONGEST_HEAD:
                data += more[: LONGEST_HEAD - len(data)]
            yield start + end, data
            position = block.find(MARKER, end)
        if start - last_good() > MAX_GAP:
            return
        keep = block[-len(MARKER) + 1 :] if more else b""
        start += len(block) - len(keep)
        block = keep + more if more else b""


def _head(offset: int, compressed: bytes) -> SegmentHead | None:
    """The first line of the segment that begins with these bytes; None: none does."""
    inflate = zlib.decompressobj(-15)
    try:
        line = inflate.decompress(compressed, len(_START))
        if line != _START:
            return None
        while b"\n" not in line and len(line) < LONGEST_HEAD and inflate.unconsumed_tail:
            line += inflate.decompress(inflate.unconsumed_tail, 4096)
    except zlib.error:
        return None
    match = OWN_LINE.match(line)
    if match is None or zlib.crc32(line[: match.start(3)]) != int(match[3]):
        return None
    try:
        return _parsed(offset, json.loads(match[2] + b"}"))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, AttributeError):
        return None


def _parsed(offset: int, args: Any) -> SegmentHead:
    if args["format"] > FORMAT:
        raise RecordingError(
            f"it was recorded by pconc-tui {str(args.get('program'))[:20]}, a newer version; update this one to read it"
        )
    return SegmentHead(
        offset,
        int(args["number"]),
        int(args["t"]),
        int(args["began"]),
        array("q", args["before"]),
        {int(id): (int(n), int(low), int(end_ns)) for id, (n, low, end_ns) in args["lanes"].items()},
    )
