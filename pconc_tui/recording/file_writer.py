"""Writes a recording into a file while it is made.

After each flush the file ends like a complete one, and the next flush overwrites that end: what a killed program leaves
is a whole gzip member with a whole JSON array, which all other programs open.
"""

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
        self._waiting = [opening_bytes()]
        self._written = 0
        """The bytes before the end that is overwritten."""

    def add(self, lines: bytes, compressed: bytes) -> None:
        """Add lines, and what the compressor has returned for them: bytes that may come later."""
        self._crc, self._length = zlib.crc32(lines, self._crc), self._length + len(lines)
        self._waiting.append(compressed)

    def flush(self, complete: bool = False) -> None:
        """Write what was added; the compressor must have returned all bytes of it. `complete`: nothing follows."""
        lines = closing_lines(complete)
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._write(data + closing_bytes(lines, zlib.crc32(lines, self._crc), self._length + len(lines)))
        self._written += len(data)

    def close(self) -> None:
        """End the file after a segment, so that it is complete."""
        self.flush(complete=True)
        self._end()

    def _write(self, found: bytes) -> None:
        """Write from where the end of the last flush began."""
        rest = memoryview(found)
        try:
            if self._fd is not None:
                os.lseek(self._fd, self._written, os.SEEK_SET)
            while rest and self._fd is not None:
                rest = rest[os.write(self._fd, rest) :]
            if self._fd is not None:
                os.ftruncate(self._fd, self._written + len(found))
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
