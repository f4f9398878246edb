"""Writes a recording into a file while it is made."""

from __future__ import annotations

import os
import zlib

from pconc_tui.recording.compressor import OPENING, Compressor, closing_lines, opening, trailer

FLUSH_NS = 1_000_000_000
"""A program that is killed loses no more than this."""


class FileWriter:
    """A file that grows while one records. An error of the system ends it, and nothing else; `problem` says which."""

    def __init__(self, path: str) -> None:
        """Create the file, or empty it. Raises OSError."""
        self.path = path
        self.problem: str | None = None
        """Why no more is written; None: nothing is wrong."""
        self._file: int | None = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666
        )
        self._compressor = Compressor()
        self._crc, self._length = zlib.crc32(OPENING), len(OPENING)
        self._flushed_ns = 0
        self._write(opening())

    def add(self, lines: bytes, now_ns: int, ends_segment: bool) -> None:
        """Add the lines of a frame; `ends_segment`: it is the last of its segment."""
        if self._file is None:
            return
        self._crc, self._length = zlib.crc32(lines, self._crc), self._length + len(lines)
        found = self._compressor.add(lines)
        if ends_segment:
            found += self._compressor.end_segment()
        elif now_ns - self._flushed_ns >= FLUSH_NS:
            self._flushed_ns = now_ns
            found += self._compressor.flush()
        self._write(found)

    def close(self) -> None:
        """End the file, so that it is complete."""
        if self._file is not None:
            lines = closing_lines()
            crc, length = zlib.crc32(lines, self._crc), self._length + len(lines)
            self._write(self._compressor.add(lines) + self._compressor.end() + trailer(crc, length))
        self._end()

    def _write(self, found: bytes) -> None:
        rest = memoryview(found)
        try:
            while rest and self._file is not None:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            self.problem = f"the recording ended: {self.path}: {error.strerror or error}"
            self._end()

    def _end(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            try:
                os.close(file)
            except OSError as error:
                self.problem = self.problem or f"the recording ended: {self.path}: {error.strerror or error}"
