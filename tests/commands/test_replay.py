"""`pconc-tui replay` on the command line, and in a terminal."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pconc_tui.recording import file_format
from pconc_tui.recording.recorder import Recorder
from tests.recording.made_snapshots import made_snapshots
from tests.terminal import PROGRAM, Terminal


def replay(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pconc_tui", "replay", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def made(path: Path) -> Path:
    recorder = Recorder(str(path), False, "made")
    for snapshot in made_snapshots(4, 1):
        recorder.add(snapshot)
    recorder.close()
    return path


def missing(path: Path) -> None:
    """There is no file."""


def empty(path: Path) -> None:
    path.write_bytes(b"")


def foreign(path: Path) -> None:
    path.write_bytes(gzip.compress(b'[\n{"name":"other","ph":"X","ts":1,"dur":2,"pid":1,"tid":1}\n]'))


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [missing, empty, foreign, folder])
def test_what_is_no_recording_is_a_usage_error_in_one_line(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "some.json.gz"
    make(path)
    found = replay(path)
    assert found.returncode == 2
    assert found.stdout == ""
    assert re.fullmatch(rf"pconc-tui: can't read {re.escape(str(path))}: .+\n", found.stderr)


def test_a_file_of_a_newer_version_is_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_format, "FORMAT", file_format.FORMAT + 1)
    found = replay(made(tmp_path / "newer.json.gz"))
    assert found.returncode == 2
    assert found.stderr.count("\n") == 1
    assert "newer" in found.stderr


def test_it_needs_a_terminal(tmp_path: Path) -> None:
    found = replay(made(tmp_path / "made.json.gz"))
    assert found.returncode == 2
    assert "needs a terminal" in found.stderr


def test_the_program_shows_a_recording_and_quits_at_once(tmp_path: Path) -> None:
    terminal = Terminal(PROGRAM, "replay", str(made(tmp_path / "made.json.gz")))
    try:
        terminal.until("RECORDED")
        terminal.until("Thread-4")
        assert b" 0 cores" not in terminal.raw, "as drawn first"
        terminal.send(" ")
        terminal.until("space play")
        terminal.send("q")
        assert terminal.wait() == 0
    finally:
        terminal.close()
