"""Snapshots that follow another at once are skipped, but the end of a lane whose worker is no longer shown is kept."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pconc_tui.commands.recorded_results import gather, spans
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.recording.thinned import LEAST_GAP_NS, ThinnedRecorder
from tests.ui.samples import MS, NOW, snapshot, thread


def test_a_snapshot_that_is_too_early_counts_where_it_is_the_last_that_shows_a_worker(tmp_path: Path) -> None:
    path = tmp_path / "recording.json.gz"
    recorder = ThinnedRecorder(Recorder(str(path), False, "test"))
    last = NOW + LEAST_GAP_NS // 4
    worker = thread(1, 2, last)
    recorder.add(snapshot(replace(worker, history=worker.history[:1]), now_ns=NOW))
    recorder.add(snapshot(worker, now_ns=last))
    for later in range(1, 4):
        recorder.add(snapshot(now_ns=last + later * 100 * MS))
    recorder.close()
    whole = [span for piece in worker.history for span in piece]
    with closing(Recording.open(str(path))) as recording:
        ((time_ns, found),) = gather(recording).workers.values()
        assert time_ns == last
        assert spans(recording, time_ns, found) == whole
    slices = [event for event in json.loads(gzip.decompress(path.read_bytes())) if event["ph"] == "X"]
    assert len(slices) == len(whole)


def test_a_worker_that_goes_on_needs_no_snapshot_that_is_too_early_but_the_last(tmp_path: Path) -> None:
    path = tmp_path / "recording.json.gz"
    recorder = ThinnedRecorder(Recorder(str(path), False, "test"))
    times = [NOW + number * LEAST_GAP_NS // 4 for number in range(10)]
    for now in times:
        recorder.add(snapshot(replace(thread(1, 2, now), id=1), now_ns=now))
    recorder.close()
    with closing(Recording.open(str(path))) as recording:
        assert [*recording.frame_times] == [*times[::4], times[-1]]
