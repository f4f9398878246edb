"""Records Snapshots: into a file, and into the last minute that is always kept."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from pconc_tui.recording.compressor import Compressor
from pconc_tui.recording.file_writer import FileWriter
from pconc_tui.recording.last_minute import LastMinute
from pconc_tui.snapshot import Snapshot

if TYPE_CHECKING:
    from pconc_tui.recording.encoder import Encoder

FLUSH_NS = 1_000_000_000
"""A program that is killed loses no more than this."""


class Recorder:
    """Feeds Snapshots to the file and to the last minute, whichever there are."""

    def __init__(self, path: str | None, last_minute: bool, what: str) -> None:
        """Create the file `path`, and keep the last minute, if so; `what` says what is recorded. Raises OSError."""
        self.began_ns = time.perf_counter_ns()
        """From which the times of trace events count."""
        self.settings: object = None
        """The settings of the dashboard, as JSON; frames carry them when they change."""
        self._file = None if path is None else FileWriter(path)
        self._last_minute = LastMinute() if last_minute else None
        self._about = _about(what)
        self._compressor = Compressor()
        self._notes: list[str] = []
        self._lines: list[bytes] = []
        """Those that wait to be compressed."""
        self._last_ns = 0
        self._compressed_ns = 0

    @property
    def problem(self) -> str | None:
        """Why the file has ended early; None: it has not."""
        return self._file.problem if self._file else None

    @property
    def path(self) -> str | None:
        """The file that is being written; None: there is none."""
        return self._file.path if self._file and not self._file.problem else None

    @property
    def last_minute_bytes(self) -> int:
        """The memory that the last minute takes."""
        return self._last_minute.bytes if self._last_minute else 0

    @cached_property
    def _encoder(self) -> Encoder:
        """Imported when it is needed: after the first paint."""
        from pconc_tui.recording.encoder import Encoder

        return Encoder(self._about)

    def note(self, text: str) -> None:
        """Mark the next Snapshot with this text."""
        self._notes.append(text)

    def add(self, snapshot: Snapshot) -> None:
        """Record the Snapshot."""
        if not self._last_minute and not self.path:
            return
        self._last_ns = snapshot.now_ns
        self._lines.append(self._encoder.frame(snapshot, self.began_ns, self.settings, self._notes))
        self._notes.clear()
        if self._encoder.ended or snapshot.now_ns - self._compressed_ns >= FLUSH_NS:
            self._compress()

    def _compress(self) -> None:
        """Compress what waits and pass it on: a second at once takes half the time that it takes frame by frame."""
        lines = b"".join(self._lines)
        self._lines.clear()
        self._compressed_ns = self._last_ns
        compressed = self._compressor.add(lines)
        if self._encoder.ended:
            compressed += self._compressor.end_segment()
        elif self._file is not None:
            compressed += self._compressor.flush()
        if self._last_minute is not None:
            self._last_minute.add(compressed, self._last_ns, self._encoder.ended)
        if self._file is not None:
            self._file.add(lines, compressed)
            self._file.flush()

    def _end_segment(self) -> None:
        """End the segment after the last Snapshot that was added."""
        if not self._encoder.ended:
            self._encoder.ended = True
            self._compress()

    def save_last_minute(self, path: str) -> None:
        """Write the last minute into a new file. Raises OSError."""
        assert self._last_minute is not None
        self._end_segment()
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            self._last_minute.write(fd)
        finally:
            os.close(fd)

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._end_segment()
            self._file.close()


def _about(what: str) -> Mapping[str, str]:
    return {
        "what": what,
        "started": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "python": sys.version.split()[0],
        "system": sys.platform,
    }
