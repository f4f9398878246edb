"""The folder of sockets is the user's alone, and a socket that was left behind is removed."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pconc_tui.presenter import folder
from tests.monitor.test_scratch_folder import OTHER_USER, as_user


def listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    return listener


def test_it_is_in_the_runtime_folder(runtime: Path) -> None:
    assert folder.made() == runtime / "pconc-tui"
    assert (runtime / "pconc-tui").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("value", [None, "", "relative", "/none/such", "/", "/etc/passwd"])
def test_without_one_it_is_in_the_folder_for_temporary_files(
    value: str | None, temp_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    if value is not None:
        monkeypatch.setenv("XDG_RUNTIME_DIR", value)
    assert folder.made() == temp_folder / f"pconc-tui-{os.geteuid()}"


def test_a_runtime_folder_that_others_may_enter_is_not_used(runtime: Path, temp_folder: Path) -> None:
    runtime.chmod(0o755)
    assert folder.folder().parent == temp_folder


def test_a_path_too_long_for_sockets_is_not_used(temp_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = temp_folder / ("long" * 20)
    long.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert folder.folder().parent == Path("/tmp")


def as_link(path: Path) -> None:
    path.with_name("target").mkdir(mode=0o700)
    path.symlink_to("target")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.mkdir(mode=0o755), "has the mode 755"),
        (lambda path: path.touch(), "is no folder"),
        (as_link, "is no folder"),
    ],
)
def test_a_folder_that_others_may_enter_or_that_is_none_is_refused(
    make: Callable[[Path], object], message: str, runtime: Path
) -> None:
    make(runtime / "pconc-tui")
    for use in (folder.made, folder.sockets):
        with pytest.raises(OSError, match=message):
            use()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as two users")
def test_a_folder_that_another_user_has_made_is_refused(temp_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(temp_folder / "foreign"))
    temp_folder.chmod(0o1777)
    names = "foreign", f"pconc-tui-{os.geteuid()}"

    def make() -> None:
        for name in names:
            (temp_folder / name).mkdir(mode=0o700)

    as_user(OTHER_USER, make)
    assert folder.folder() == temp_folder / names[1], "the runtime folder is another user's"
    for use in (folder.made, folder.sockets):
        with pytest.raises(PermissionError, match="belongs to another user"):
            use()


def test_sockets_are_listed_the_newest_first(runtime: Path) -> None:
    assert folder.sockets() == []
    path = folder.made()
    for number in (1, 2, 3):
        with listening(path / f"{number}.sock"):
            os.utime(path / f"{number}.sock", ns=(0, number % 3))
    assert [each.stem for each in folder.sockets()] == ["2", "1", "3"]


def test_a_socket_left_behind_is_removed_and_another_file_is_not(runtime: Path) -> None:
    path = folder.made()
    listening(path / "1.sock").close()
    (path / "2.sock").touch()
    (path / "3.sock").mkdir()
    with listening(path / "4.sock"):
        found = {each.stem: folder.connect(each) for each in folder.sockets()}
    assert [stem for stem, connection in found.items() if connection] == ["4"]
    assert sorted(each.name for each in path.iterdir()) == ["2.sock", "3.sock", "4.sock"]
    for connection in filter(None, found.values()):
        connection.close()


def test_no_call_waits_for_an_app_that_does_not_accept(runtime: Path) -> None:
    path = folder.made() / "1.sock"
    with listening(path):
        connections = [folder.connect(path) for _ in range(10)]
        assert None in connections
        assert path.exists()
        for connection in filter(None, connections):
            connection.close()
