"""Records Snapshots into a file."""

from __future__ import annotations

from pconc_tui.recording.encoder import Encoder
from pconc_tui.recording.file_writer import FileWriter
from pconc_tui.snapshot import Snapshot


class Recorder:
    """Feeds Snapshots to the file."""

    def __init__(self, began_ns: int, path: str) -> None:
        """Times of trace events count from `began_ns`; the file is created at once. Raises OSError."""
        self._encoder = Encoder(began_ns)
        self._file = FileWriter(path)

    @property
    def problem(self) -> str | None:
        """Why the file has ended early; None: it has not."""
        return self._file.problem

    def add(self, snapshot: Snapshot) -> None:
        """Record the Snapshot."""
        if self._file.problem is None:
            lines = self._encoder.frame(snapshot)
            self._file.add(lines, snapshot.now_ns, self._encoder.segment_is_over)

    def close(self) -> None:
        """End the file."""
        self._file.close()
