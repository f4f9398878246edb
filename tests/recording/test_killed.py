"""What a program that was killed leaves of its recording: a whole file that any JSON parser reads."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from tests.support import LONG_S, eventually
from tests.ui.samples import MS, NOW, snapshot, thread


def test_after_each_flush_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "recording.json.gz"
    recorder = Recorder(str(path), False, "test")
    sizes = []
    for second in range(12):
        for part in range(4):
            now = NOW + second * 1000 * MS + part * 250 * MS
            recorder.add(snapshot(*(thread(number, 3, now) for number in (1, 2, 3)), now_ns=now))
        data = path.read_bytes()
        events = json.loads(gzip.decompress(data))
        assert events[-1]["args"]["complete"] is False
        with closing(Recording.open(str(path))) as recording:
            assert recording.ended_ns > NOW + (second - 1) * 1000 * MS
        sizes.append(len(data))
    assert sizes == sorted(sizes)
    recorder.close()
    assert json.loads(gzip.decompress(path.read_bytes()))[-1]["args"]["complete"] is True


def test_a_killed_program_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "recording.json.gz"
    command = [sys.executable, "-m", "pconc_tui", "run", "cpu-bound", "--scale", "50", "--record", str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: path.exists() and path.stat().st_size > 10_000)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(LONG_S)
    events = json.loads(gzip.decompress(path.read_bytes()))
    assert sum(event["ph"] == "X" for event in events) > 50
    with closing(Recording.open(str(path))) as recording:
        assert len(recording.frame_times) > 2
