"""Compresses lines as a stream that can be read from the start of each segment, and ends it as a gzip member.

The parts of the stream between two full flushes do not depend on each other, so they can be put together anew.
"""

from __future__ import annotations

import struct
import zlib

from pconc_tui.recording.file_format import END, GZIP_HEADER, own_line

OPENING = b"[\n"
"""The first line: that of a JSON array, whose last line is written at a clean end only."""
LEVEL = 3
"""Takes half the time of level 6, for a fifth more bytes."""


class Compressor:
    """Compresses the lines of segments; what it returns are bytes of one stream."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)

    def add(self, lines: bytes) -> bytes:
        """Compress lines; they may stay within until the next flush."""
        return self._deflate.compress(lines)

    def flush(self) -> bytes:
        """All that has been added."""
        return self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def end_segment(self) -> bytes:
        """The same, so that reading can begin after it."""
        return self._deflate.flush(zlib.Z_FULL_FLUSH)


def opening_bytes() -> bytes:
    """The first bytes of a file, before the first segment."""
    compressor = Compressor()
    return GZIP_HEADER + compressor.add(OPENING) + compressor.end_segment()


def closing_lines(complete: bool = True) -> bytes:
    """The last lines, which close the JSON array; the last event has no comma. Not `complete`: more may follow."""
    line, _ = own_line(END, f'"complete":{"true" if complete else "false"}', 0)
    return line.rstrip(b",\n") + b"\n]\n"


def closing_bytes(lines: bytes, crc: int, length: int) -> bytes:
    """The last bytes of a file, after the last segment; `crc` and `length` are those of all lines, these included."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(lines) + deflate.flush() + struct.pack("<II", crc, length & 0xFFFFFFFF)
