"""A recorded monitor that remembers all spans that it has shown, to compare them with what comes back."""

from __future__ import annotations

import csv
import io
import select
import time
from collections.abc import Callable
from pathlib import Path

from pconc_tui.commands.recorded_monitor import RecordedMonitor
from pconc_tui.protocol.block import State
from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import TIMED, Span
from tests.support import LONG_S


class Watch:
    """A recorded monitor whose lanes are short; it remembers all spans that it has shown."""

    def __init__(self, path: Path, python: str, history_pieces: int | None = 2) -> None:
        self.path = path
        self.monitor = RecordedMonitor(Recorder(str(path), False, "test"), python, history_pieces=history_pieces)
        self.spans: dict[int, dict[int, Span]] = {}

    def until(self, condition: Callable[[Snapshot], object]) -> Snapshot:
        deadline = time.monotonic() + LONG_S
        while time.monotonic() < deadline:
            snapshot = self.monitor.poll()
            for worker in (*snapshot.workers, *((snapshot.one_run,) if snapshot.one_run else ())):
                known = self.spans.setdefault(worker.id, {})
                shown = [span for piece in worker.history for span in piece if span.state in TIMED]
                shown = shown[is_cut(worker) :]
                for start_ns in [start for start in known if shown and start >= shown[0].start_ns]:
                    del known[start_ns]  # The last spans were provisional.
                known.update((span.start_ns, span) for span in shown)
            if condition(snapshot):
                return snapshot
            select.select(self.monitor.event_fds, [], [], 0.05)
        raise AssertionError(snapshot)


def is_cut(worker: Worker) -> bool:
    """Whether its lane has dropped spans, for which one of unknown state stands."""
    return bool(worker.history and worker.history[0] and worker.history[0][0].state is State.UNKNOWN)


def from_csv(text: str) -> dict[int, list[Span]]:
    """The spans that `export --csv-spans` has written, by the worker's id."""
    states = {name: state for state, name in TIMED.items()}
    found: dict[int, list[Span]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        span = Span(int(row["start_ns"]), int(row["end_ns"]), states[row["state"]], row["mixed"] == "True")
        found.setdefault(int(row["id"]), []).append(span)
    return found
