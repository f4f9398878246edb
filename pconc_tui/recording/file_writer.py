"""Writes a recording into a file while it is made."""

from __future__ import annotations

import os
import zlib

from pconc_tui.recording.compressor import OPENING, closing_bytes, closing_lines, opening_bytes


class FileWriter:
    """A file that grows while one records. An error of the system ends it, and nothing else; `problem` says which."""

    def __init__(self, path: str) -> None:
        """Create the file, or empty it. Raises OSError."""
        self.path = path
        self.problem: str | None = None
        """Why no more is written; None: nothing is wrong."""
        self._fd: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        self._crc, self._length = zlib.crc32(OPENING), len(OPENING)
        self._write(opening_bytes())

    def add(self, lines: bytes, compressed: bytes) -> None:
        """Add lines, and what the compressor has returned for them: bytes that may come later."""
        self._crc, self._length = zlib.crc32(lines, self._crc), self._length + len(lines)
        self._write(compressed)

    def close(self) -> None:
        """End the file after a segment, so that it is complete."""
        lines = closing_lines()
        self._write(closing_bytes(lines, zlib.crc32(lines, self._crc), self._length + len(lines)))
        self._end()

    def _write(self, found: bytes) -> None:
        rest = memoryview(found)
        try:
            while rest and self._fd is not None:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            self._failed(error)
            self._end()

    def _end(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            try:
                os.close(fd)
            except OSError as error:
                self._failed(error)

    def _failed(self, error: OSError) -> None:
        self.problem = self.problem or f"the recording has ended: {self.path}: {error.strerror or error}"
