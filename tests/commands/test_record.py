"""`--record` on the command line: what it writes, and what it refuses."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from pconc_tui.recording.reader import Recording
from tests.support import LONG_S, complaints
from tests.terminal import PROGRAM, Terminal


def pconc(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pconc_tui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONG_S, check=False)


def kinds(path: Path) -> list[str]:
    """The kinds of the marks of a recording, which can be read from its first frame to its last."""
    with closing(Recording.open(str(path))) as recording:
        assert recording.at(recording.ended_ns).now_ns == recording.ended_ns
        return [mark.kind for mark in recording.marks]


def test_run_records_its_measurement(tmp_path: Path) -> None:
    path = tmp_path / "run.json.gz"
    found = pconc("run", "cpu-bound", "--workers", "2", "--scale", "0.2", "--record", str(path))
    assert (found.returncode, complaints(found.stderr)) == (0, "")
    assert kinds(path) == ["measurement", "measurement"]
    with closing(Recording.open(str(path))) as recording:
        assert "run cpu-bound" in recording.about["what"]
        assert recording.at(recording.ended_ns).measurements[0].workers == 2


def test_compare_records_its_cases(tmp_path: Path) -> None:
    path = tmp_path / "compare.json.gz"
    arguments = ["--models", "threads,processes", "--python", sys.executable, "--workers", "2", "--repeat", "1"]
    found = pconc("compare", "cpu-bound", *arguments, "--scale", "0.2", "--record", str(path))
    assert found.returncode == 0, found.stderr
    assert kinds(path) == ["comparison", "measurement", "measurement", "comparison"]


def test_a_checked_tour_is_recorded(tmp_path: Path) -> None:
    path, tour = tmp_path / "tour.json.gz", tmp_path / "tour.toml"
    tour.write_text(
        'title = "Two threads"\nabout = "x"\n[[step]]\ntitle = "Run"\ndo = "launch"\nexperiment = "cpu-bound"\n'
    )
    found = pconc("tour", str(tour), "--check", "--record", str(path))
    assert found.returncode == 0, found.stderr
    assert "launch" in kinds(path)


def test_a_file_that_cannot_be_created_is_refused_before_anything_runs(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "run.json.gz"
    found = pconc("run", "cpu-bound", "--record", str(path))
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == f"pconc-tui: can't write {path}: No such file or directory\n"


def test_a_full_disk_is_reported_and_the_measurement_printed() -> None:
    found = pconc("run", "cpu-bound", "--workers", "2", "--scale", "0.2", "--record", "/dev/full")
    assert found.returncode == 0
    assert "Two runs took" in found.stdout
    assert complaints(found.stderr) == "pconc-tui: the recording has ended: /dev/full: No space left on device\n"


def test_the_dashboard_is_recorded_from_its_start_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.json.gz"
    terminal = Terminal(PROGRAM, "--record", str(path))
    try:
        terminal.wait_until_ready()
        terminal.send("tt")
        terminal.until("Thread-2")
        terminal.send("L")
        terminal.until(f"recording into {path}")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM
    finally:
        terminal.close()
    assert "launch" in kinds(path)
    gzip.decompress(path.read_bytes())
