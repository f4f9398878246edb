"""What is recorded of real workers comes back as it was: every Snapshot, every span, to the ns."""

from __future__ import annotations

import select
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path

from pconc_tui import experiments
from pconc_tui.commands.recorded_monitor import RecordedMonitor
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker


def flat(snapshot: Snapshot) -> Snapshot:
    """The snapshot with each history in one piece: into how many pieces it is cut is no part of it."""

    def one_piece(worker: Worker) -> Worker:
        return replace(worker, history=(tuple(chain.from_iterable(worker.history)),))

    return replace(
        snapshot,
        workers=tuple(map(one_piece, snapshot.workers)),
        one_run=snapshot.one_run and one_piece(snapshot.one_run),
    )


def assert_equal(live: Sequence[Snapshot], path: Path) -> None:
    """The recording has exactly these Snapshots, but for those that followed another at once; the last it has."""
    with closing(Recording.open(str(path))) as recording:
        times_ns = set(recording.frame_times)
        kept = [snapshot for snapshot in live if snapshot.now_ns in times_ns]
        assert [*recording.frame_times] == [snapshot.now_ns for snapshot in kept]
        assert kept[-1] is live[-1]
        for snapshot in kept:
            assert flat(recording.at(snapshot.now_ns)) == flat(snapshot)


def test_a_measurement_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "run.json.gz"
    live: list[Snapshot] = []
    monitor = RecordedMonitor(Recorder(str(path), False, "test"))
    monitor.measure(Request("cpu-bound", experiments.load("cpu-bound").variant, "threads", 3, 0.5))
    while not live or not live[-1].measurements:
        live.append(monitor.poll())
        select.select(monitor.event_fds, [], [], 0.02)
    monitor.close()
    assert_equal(live, path)
