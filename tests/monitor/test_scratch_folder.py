"""No temporary file outlives those who made it for longer than to the next start."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pconc_tui.monitor import scratch_folder
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.scratch_folder import PREFIX, ScratchFolder
from pconc_tui.requests import Request, RequestError
from tests.support import running, until


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch_folder, "LONGEST", len(str(tmp_path)))
    return tmp_path


def test_a_folder_lives_as_long_as_its_owner(folder: Path) -> None:
    one = ScratchFolder()
    (one.path / "left").write_text("by a killed process")
    other = ScratchFolder()
    assert set(folder.iterdir()) == {one.path, other.path}
    one.close()
    other.close()
    assert not list(folder.iterdir())


def test_the_next_start_sweeps_what_a_killed_one_left(folder: Path) -> None:
    code = (
        "import os, sys, tempfile; tempfile.tempdir = sys.argv[1];"
        "from pconc_tui.monitor import scratch_folder; scratch_folder.LONGEST = 999;"
        "(scratch_folder.ScratchFolder().path / 'file').touch(); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder)]).returncode == -9
    (stale,) = folder.iterdir()
    (folder / f"{PREFIX}file").touch()
    (folder / "another-program").mkdir()
    one = ScratchFolder()
    assert not stale.exists()
    one.close()
    assert {path.name for path in folder.iterdir()} == {f"{PREFIX}file", "another-program"}


def test_a_stale_folders_semaphores_go_with_it(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown = tmp_path.parent / "shm"
    shown.mkdir()
    monkeypatch.setattr(scratch_folder, "SEMAPHORES", shown)
    (folder / f"{PREFIX}stale").mkdir()
    one = ScratchFolder()
    for name in ("stale-a", "other-b", f"{one.path.name.removeprefix(PREFIX)}-c"):
        (shown / f"sem.{PREFIX}{name}").touch()
    scratch_folder.sweep()
    assert len(list(shown.iterdir())) == 3, "only a folder that is there is swept, and this one is gone already"
    (folder / f"{PREFIX}stale").mkdir()
    scratch_folder.sweep()
    one.close()
    assert [path.name for path in shown.iterdir()] == [f"sem.{PREFIX}other-b"]


def test_what_labs_leave_goes_with_them(python: str, folder: Path) -> None:
    monitor = Monitor(python=python)
    monitor.launch(Request("shared-value", "lock", "processes"))
    until(monitor, lambda snapshot: snapshot.workers[0].ending or running(snapshot))
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    until(monitor, lambda snapshot: snapshot.workers[-1].started_ns)
    assert list(folder.iterdir())
    monitor.close()
    assert not list(folder.iterdir())


def test_a_lab_that_can_not_be_started_leaves_nothing(folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(RequestError):
        Monitor(python="/no/such/python").open_lab()
    assert not list(folder.iterdir())
    assert len(os.listdir("/proc/self/fd")) == before


def test_where_that_would_make_paths_too_long_for_sockets_it_is_in_tmp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    one = ScratchFolder()
    assert one.path.parent == Path("/tmp")
    one.close()
