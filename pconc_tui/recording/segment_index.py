"""Finds the segments of a file by the flush markers before them, without decompressing more than their first lines.

The first line of a segment says what is known of the one before it when that has ended, so the lines together are an
index of the file. What a hostile file may claim in them is limited, and so is the memory that they take.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, BinaryIO, NamedTuple

from pconc_tui.recording.codec import codec
from pconc_tui.recording.file_format import FORMAT, GZIP_HEADER, MARKER, OWN_LINE, RecordingError
from pconc_tui.recording.marks import Mark

BLOCK = 1 << 20
"""The file is read in blocks of this many bytes."""
SHORT_HEAD, LONGEST_HEAD = 4 << 10, 256 << 10
"""The first line of a segment is no longer than this, usually and ever."""
MAX_HEADS_BYTES = 32 << 20
"""No more segments are read when their first lines are longer than this together: those of days."""
MAX_GAP = 64 << 20
"""Where no segment begins for so many bytes, there is no more of a recording."""
MAX_WRONG = 10_000
"""So many markers in a row may be no start of a segment."""
_START = b'{"name":"pconc-tui segment"'
_NOT_OURS = "it is no recording of pconc-tui"
_REPACKED = "it was unzipped or compressed again since it was recorded: replay needs it as it was written"


class LaneHead(NamedTuple):
    """A lane at the start of a segment."""

    written: int
    """The number of final spans before this segment."""
    lowest: int
    """The lowest such number during the segment before."""
    end_ns: int
    """The end of the last of these spans."""


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
    marks_before: tuple[Mark, ...]
    """The marks of the segment before."""
    handoffs_before: int
    """The number of hand-offs in the segment before."""
    packed_lanes: array[int]

    def lanes(self) -> dict[int, LaneHead]:
        """The lanes at the start of the segment, by id."""
        numbers = iter(self.packed_lanes)
        return {id: LaneHead(*each) for id, *each in zip(numbers, numbers, numbers, numbers, strict=True)}


class Index(NamedTuple):
    """The segments of a file."""

    heads: list[SegmentHead]
    """In order."""
    about: dict[str, str]
    """What is recorded, when, and where; `program`: the version of the program that recorded it."""


_ABOUT, _TEXT, _INT = codec(dict[str, str]), codec(str), codec(int)
_MARKS = codec(tuple[tuple[int, str, str], ...])


def find_segments(file: BinaryIO) -> Index:
    """The segments in the file. Raises RecordingError."""
    beginning = file.read(LONGEST_HEAD)
    if not beginning.startswith(GZIP_HEADER):
        raise RecordingError(_REPACKED if _has_lines(beginning) else _NOT_OURS)
    heads: list[SegmentHead] = []
    about: dict[str, str] = {}
    wrong = total = 0
    for offset, compressed in _markers(file, lambda: heads[-1].offset if heads else 0):
        found = _first_line(compressed)
        if found is None:
            wrong += 1
            if wrong > MAX_WRONG:
                break
            continue
        wrong, total = 0, total + found[0]
        if total > MAX_HEADS_BYTES:
            break
        with suppress(RecordingError, ValueError, TypeError, KeyError, OverflowError, AttributeError):
            head = _parsed(offset, found[1])
            if not heads or (head.start_ns >= heads[-1].start_ns and head.number > heads[-1].number):
                about = about or {**_ABOUT.decode(found[1]["about"]), "program": _TEXT.decode(found[1]["program"])}
                heads.append(head)
    if not heads:
        raise RecordingError(_REPACKED if total == 0 and _has_lines(beginning) else _NOT_OURS)
    return Index(heads, about)


def _has_lines(beginning: bytes) -> bool:
    """Whether a file that begins so has the lines of a recording, compressed by another program or not at all."""
    text = beginning
    with suppress(zlib.error):
        text = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(beginning, LONGEST_HEAD)
    return _START in text


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


def _first_line(compressed: memoryview) -> tuple[int, Any] | None:
    """The length and the arguments of a segment's first line; None: no segment begins with these bytes.

    Raises RecordingError: it is of another format.
    """
    line = _line(compressed, SHORT_HEAD)
    if line is not None and b"\n" not in line:
        line = _line(compressed, LONGEST_HEAD)
    match = line and OWN_LINE.match(line)
    if not line or not match or zlib.crc32(line[: match.start(3)]) != int(match[3]):
        return None
    try:
        args = json.loads(match[2] + b"}")
        version, program = _INT.decode(args["format"]), _TEXT.decode(args["program"])
    except (RecordingError, ValueError, TypeError, KeyError, RecursionError):
        return None
    if version != FORMAT:
        raise RecordingError(
            f"pconc-tui {program[:20]!r} has recorded it in format {version}, this one reads {FORMAT}: update it"
        )
    return match.end(), args


def _line(compressed: memoryview, size: int) -> bytes | None:
    """The first bytes of a segment, so many at most; None: they are none."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = inflate.decompress(compressed[:size], len(_START))
        return found + inflate.decompress(inflate.unconsumed_tail, size) if found == _START else None
    except zlib.error:
        return None


def _parsed(offset: int, args: Any) -> SegmentHead:
    return SegmentHead(
        offset,
        _INT.decode(args["number"]),
        _INT.decode(args["t"]),
        _INT.decode(args["began"]),
        array("q", accumulate(_ints(args["times"]))),
        tuple(Mark(*each) for each in _MARKS.decode(args["marks"])),
        _INT.decode(args["handoffs"]),
        _lanes(_ints(args["lanes"])),
    )


def _ints(found: Any) -> array[int]:
    if type(found) is not list:
        raise RecordingError("it is no list")
    return array("q", found)


def _lanes(numbers: array[int]) -> array[int]:
    if len(numbers) % 4 or min(numbers, default=0) < 0:
        raise RecordingError("a lane is malformed")
    return numbers
