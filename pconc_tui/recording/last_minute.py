"""Keeps the last minute of a recording in memory, compressed: its newest segments, within a limit."""

from __future__ import annotations

import os
import zlib
from collections import deque
from typing import NamedTuple

from pconc_tui.recording.compressor import OPENING, closing_bytes, closing_lines, opening_bytes

KEPT_NS = 60_000_000_000
MAX_BYTES = 16 << 20
"""It never takes more than this, and one segment."""


class _Kept(NamedTuple):
    compressed: bytes
    end_ns: int
    """The time of its last frame."""


class LastMinute:
    """The newest segments: as many as a minute has, or fewer where that is more than MAX_BYTES."""

    def __init__(self) -> None:
        self._segments: deque[_Kept] = deque()
        self._parts: list[bytes] = []
        """The segment that is being added."""
        self.bytes = 0
        """The memory that it takes."""

    def add(self, compressed: bytes, now_ns: int, ends_segment: bool) -> None:
        """Add what the compressor has returned for a frame at this time."""
        self._parts.append(compressed)
        self.bytes += len(compressed)
        if ends_segment:
            self._segments.append(_Kept(b"".join(self._parts), now_ns))
            self._parts.clear()
            while len(self._segments) > 1 and (self._segments[0].end_ns < now_ns - KEPT_NS or self.bytes > MAX_BYTES):
                self.bytes -= len(self._segments.popleft().compressed)

    def write(self, fd: int) -> None:
        """Write a file with all segments that have ended. Raises OSError."""
        lines = closing_lines()
        crc, length = zlib.crc32(OPENING), len(OPENING)
        with os.fdopen(fd, "wb", closefd=False) as file:
            file.write(opening_bytes())
            for segment in self._segments:
                text = zlib.decompressobj(-zlib.MAX_WBITS).decompress(segment.compressed)
                crc, length = zlib.crc32(text, crc), length + len(text)
                file.write(segment.compressed)
            file.write(closing_bytes(lines, zlib.crc32(lines, crc), length + len(lines)))
