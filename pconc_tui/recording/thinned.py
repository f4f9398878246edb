"""Records fewer Snapshots than are made: commands without a screen make one at each event of a lab.

Example: Snapshots at 0, 5, 15 and 25 ms. Those at 0 and 25 ms are recorded, and the one at 5 ms if it shows a worker
that the one at 15 ms does not.
"""

from __future__ import annotations

from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot

LEAST_GAP_NS = 20_000_000
"""Snapshots that follow each other faster than this are skipped, unless they are the last that show a worker."""


class ThinnedRecorder:
    """Passes Snapshots on to a recorder, but skips those that follow another at once."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._skipped: Snapshot | None = None
        self._last_ns = 0

    def add(self, snapshot: Snapshot) -> None:
        """Record the Snapshot, or skip it."""
        if self._skipped is not None and _ids(self._skipped) - _ids(snapshot):
            self._record(self._skipped)  # The last one that shows a worker has the end of its lane.
        self._skipped = None
        if snapshot.now_ns - self._last_ns < LEAST_GAP_NS:
            self._skipped = snapshot
        else:
            self._record(snapshot)

    def _record(self, snapshot: Snapshot) -> None:
        self._last_ns = snapshot.now_ns
        self._recorder.add(snapshot)

    def close(self) -> None:
        """Record the last Snapshot, and end the file."""
        if self._skipped is not None:
            self._record(self._skipped)
            self._skipped = None
        self._recorder.close()


def _ids(snapshot: Snapshot) -> set[int]:
    """The ids of the workers that it shows."""
    found = {worker.id for worker in snapshot.workers}
    return found | {snapshot.one_run.id} if snapshot.one_run else found
