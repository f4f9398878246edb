"""Temporary files of a lab are removed with it, or by the next start if the program was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pconc_tui.monitor import scratch_folder
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.sampler_client import SamplerClient
from pconc_tui.monitor.scratch_folder import MARKER, PREFIX, ScratchFolder
from pconc_tui.protocol import scratch_files
from pconc_tui.protocol.block import Block
from pconc_tui.requests import Request, RequestError
from tests.support import running, until

OTHER_USER = 54_321


def stale(folder: Path, name: str) -> Path:
    """A folder of this program's that no process uses."""
    made = folder / f"{PREFIX}{name}"
    made.mkdir()
    (made / MARKER).touch()
    return made


def test_each_lab_has_a_folder_of_its_own_that_is_removed_with_it(temp_folder: Path) -> None:
    one = ScratchFolder()
    (one.path / "left").write_text("by a killed process")
    other = ScratchFolder()
    assert set(temp_folder.iterdir()) == {one.path, other.path}
    one.close()
    other.close()
    assert not list(temp_folder.iterdir())


def test_the_next_start_removes_the_folder_of_a_killed_process(temp_folder: Path) -> None:
    code = (
        "import os, sys, tempfile; tempfile.tempdir = sys.argv[1];"
        "from pconc_tui.monitor import scratch_folder; scratch_folder.MAX_PARENT_LENGTH = 999;"
        "(scratch_folder.ScratchFolder().path / 'file').touch(); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(temp_folder)]).returncode == -9
    (stale,) = temp_folder.iterdir()
    (temp_folder / f"{PREFIX}file").touch()
    (temp_folder / f"{PREFIX}of-another-program").mkdir()
    (temp_folder / f"{PREFIX}of-another-program" / "kept").touch()
    one = ScratchFolder()
    assert not stale.exists()
    one.close()
    assert {path.name for path in temp_folder.iterdir()} == {f"{PREFIX}file", f"{PREFIX}of-another-program"}
    assert (temp_folder / f"{PREFIX}of-another-program" / "kept").exists()


def test_the_semaphores_of_a_stale_folder_are_removed_with_it(
    temp_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shm = tmp_path.parent / "shm"
    shm.mkdir()
    monkeypatch.setattr(scratch_files, "SEMAPHORES", shm)
    stale(temp_folder, "stale")
    one = ScratchFolder()
    for name in ("stale-a", "other-b", f"{one.path.name.removeprefix(PREFIX)}-c"):
        (shm / f"sem.{PREFIX}{name}").touch()
    scratch_folder.remove_stale()
    assert len(list(shm.iterdir())) == 3, "they are removed with their folder, and the stale one no longer exists"
    stale(temp_folder, "stale")
    scratch_folder.remove_stale()
    one.close()
    assert [path.name for path in shm.iterdir()] == [f"sem.{PREFIX}other-b"]


def test_any_name_of_a_stale_folder_is_taken_literally(temp_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch_files, "SEMAPHORES", temp_folder)
    names = ("**", "*", "[a", "[!a]", "?")
    left = [stale(temp_folder, name) for name in names]
    for name in (*names, "ab"):
        (temp_folder / f"sem.{PREFIX}{name}-x").touch()
    scratch_folder.remove_stale()
    assert not any(each.exists() for each in left)
    assert [path.name for path in temp_folder.iterdir()] == [f"sem.{PREFIX}ab-x"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as two users")
@pytest.mark.parametrize("user", [0, OTHER_USER + 1])
def test_what_another_user_makes_in_shared_folders_is_left_alone(
    user: int, temp_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch_files, "SEMAPHORES", temp_folder)
    temp_folder.chmod(0o1777)
    monkeypatch.chdir(temp_folder)  # Other users can't enter the current one.

    def make() -> None:
        for name in ("**", "a", "linked"):
            stale(Path(), name).chmod(0o777)
            Path(f"sem.{PREFIX}{name}-x").touch()
        Path(f"{PREFIX}link").symlink_to(f"{PREFIX}linked")
        os.mkfifo(f"{PREFIX}fifo")

    def start_and_end() -> None:
        monkeypatch.setattr(tempfile, "tempdir", ".")
        monkeypatch.setattr(scratch_files, "SEMAPHORES", Path())
        left = stale(Path(), "left")
        (left.parent / f"sem.{left.name}-x").touch()
        one = ScratchFolder()
        assert not left.exists()
        one.close()

    as_user(OTHER_USER, make)
    before = sorted(path.name for path in temp_folder.iterdir())
    as_user(user, start_and_end)
    assert sorted(path.name for path in temp_folder.iterdir()) == before
    assert all((each / MARKER).exists() for each in temp_folder.glob(f"{PREFIX}*") if each.is_dir())


def as_user(user: int, act: Callable[[], None]) -> None:
    """Do this in a child process of the user's."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            act()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0


def test_closing_the_monitor_removes_what_labs_left(python: str, temp_folder: Path) -> None:
    monitor = Monitor(python=python)
    monitor.launch(Request("shared-value", "lock", "processes"))
    until(monitor, lambda snapshot: snapshot.workers[0].ending or running(snapshot))
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    until(monitor, lambda snapshot: snapshot.workers[-1].started_ns)
    assert list(temp_folder.iterdir())
    monitor.close()
    assert not list(temp_folder.iterdir())


def test_a_lab_that_can_not_be_started_leaves_no_folder_and_no_open_file(temp_folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(RequestError):
        Monitor(python="/no/such/python").open_lab()
    assert not list(temp_folder.iterdir())
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_sampler_that_can_not_be_started_leaves_no_open_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Block.create()) as lab:
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        before = len(os.listdir("/proc/self/fd"))
        with pytest.raises(FileNotFoundError):
            SamplerClient(lab)
        assert len(os.listdir("/proc/self/fd")) == before


def test_the_folder_is_in_tmp_where_the_usual_path_is_too_long_for_sockets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    one = ScratchFolder()
    assert one.path.parent == Path("/tmp")
    one.close()
