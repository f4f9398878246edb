"""Compresses lines as a stream that can be read from the start of each segment, and ends it as a gzip member."""

from __future__ import annotations

import struct
import zlib

from pconc_tui.recording.file_format import END, GZIP_HEADER, own_line

OPENING = b"[\n"
"""The first line: that of a JSON array, whose last line is written at a clean end only."""


class Compressor:
    """Compresses the lines of segments; what it returns are bytes of one stream."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15)

    def add(self, lines: bytes) -> bytes:
        """Compress lines; they may stay within until the next flush."""
        return self._deflate.compress(lines)

    def flush(self) -> bytes:
        """All that has been added."""
        return self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def end_segment(self) -> bytes:
        """The same, so that reading can begin after it."""
        return self._deflate.flush(zlib.Z_FULL_FLUSH)

    def end(self) -> bytes:
        """The end of the stream."""
        return self._deflate.flush()


def opening() -> bytes:
    """The first bytes of a file, before the first segment."""
    compressor = Compressor()
    return GZIP_HEADER + compressor.add(OPENING) + compressor.end_segment()


def closing_lines() -> bytes:
    """The last lines, which close the JSON array; the last event has no comma."""
    line, _ = own_line(END, '"complete":true', 0)
    return line.rstrip(b",\n") + b"\n]\n"


def trailer(crc: int, length: int) -> bytes:
    """The last bytes of a gzip member with this CRC-32 and length of what was compressed."""
    return struct.pack("<II", crc, length & 0xFFFFFFFF)
