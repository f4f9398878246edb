"""Records real workers while the Snapshots are kept, and compares them with what comes back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from pconc_tui.commands.recorded_monitor import RecordedMonitor
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot, Worker


class KeepingMonitor(RecordedMonitor):
    """Keeps all Snapshots too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kept: list[Snapshot] = []

    def poll(self) -> Snapshot:
        self.kept.append(super().poll())
        return self.kept[-1]


@contextmanager
def keeping(path: Path, python: str = sys.executable, **options: Any) -> Iterator[KeepingMonitor]:
    """A monitor that records into the file, closed at the end; the Snapshots stay in its `kept`."""
    with closing(KeepingMonitor(Recorder(str(path), False, "test"), python, **options)) as monitor:
        yield monitor


def in_one_piece(snapshot: Snapshot) -> Snapshot:
    """The Snapshot with each history in one piece: into how many it is cut is no part of what it says."""

    def joined(worker: Worker) -> Worker:
        return replace(worker, history=(tuple(chain.from_iterable(worker.history)),))

    return replace(
        snapshot,
        workers=tuple(map(joined, snapshot.workers)),
        one_run=snapshot.one_run and joined(snapshot.one_run),
    )


def assert_exact(live: Sequence[Snapshot], path: Path) -> int:
    """The recording has these Snapshots, but for those that followed another at once; the last it has.

    Returns the number of spans that the lanes had at the end.
    """
    with closing(Recording.open(str(path))) as recording:
        times_ns = set(recording.frame_times)
        kept = [snapshot for snapshot in live if snapshot.now_ns in times_ns]
        assert [*recording.frame_times] == [snapshot.now_ns for snapshot in kept]
        assert kept[-1] is live[-1]
        for snapshot in kept:
            assert in_one_piece(recording.at(snapshot.now_ns)) == in_one_piece(snapshot)
    return sum(len(piece) for worker in live[-1].workers for piece in worker.history)
