"""Interpreters: finding those of this machine, and their order."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pconc_tui import python_discovery
from pconc_tui.python_discovery import NoInterpreterError, find, query, resolve
from pconc_tui.pythons import current_interpreter, newest_free_threaded


def test_each_real_interpreter_is_found_once() -> None:
    found = find()
    assert len({each.base for each in found}) == len(found)
    assert os.path.realpath(sys._base_executable) in {each.base for each in found}  # type: ignore[attr-defined]


def test_the_current_interpreter_is_found_under_its_own_path() -> None:
    assert sys.executable in {each.path for each in find()}


def test_releases_are_compared_by_their_numbers() -> None:
    one = next(iter(find()))
    versions = ("3.9.20", "3.12.9", "3.12.10", "3.15.0a2")
    releases = [replace(one, version=version).release for version in versions]
    assert releases == sorted(releases) == [(3, 9, 20), (3, 12, 9), (3, 12, 10), (3, 15, 0)]


def test_a_program_that_does_not_run_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("python3.12", "#!/bin/sh\nexit 127\n"), ("python3.13", "not a program")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "python3.14").symlink_to(tmp_path / "nothing")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    assert [each.path for each in find()] == [sys.executable]


def test_an_interpreter_that_is_killed_meanwhile_is_said_to_be(tmp_path: Path) -> None:
    program = tmp_path / "python3.14"
    program.write_text("#!/bin/sh\nkill -9 $$\n")
    program.chmod(0o755)
    with pytest.raises(NoInterpreterError, match="was killed by signal 9"):
        query(str(program))


def test_an_interpreter_that_is_still_starting_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_discovery, "QUERY_TIMEOUT_S", 0.1)
    slow, blocked = tmp_path / "python3.14", tmp_path / "python3.15"
    slow.write_text(f'#!/bin/sh\ni=0\nwhile [ $i -lt 300000 ]; do i=$((i+1)); done\nexec {sys.executable} "$@"\n')
    blocked.write_text("#!/bin/sh\nexec sleep 3600\n")
    for program in (slow, blocked):
        program.chmod(0o755)
    assert query(str(slow)).version == current_interpreter().version
    with pytest.raises(NoInterpreterError, match="does not run as Python"):
        query(str(blocked))


def test_the_interpreters_of_pyenv_and_uv_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for variable, home in (("PYENV_ROOT", "versions/3.99.1/bin"), ("UV_PYTHON_INSTALL_DIR", "cpython-3.99/bin")):
        folder = tmp_path / variable / home
        folder.mkdir(parents=True)
        program = folder / "python3.99"
        base = f"/real/{variable}"
        program.write_text(f"#!/bin/sh\nprintf 'cpython\\n3.99.1\\n{base}\\n1\\n0\\n1\\n'\n")
        program.chmod(0o755)
        monkeypatch.setenv(variable, str(tmp_path / variable))
    found = [each for each in find() if each.version == "3.99.1"]
    assert {each.base for each in found} == {"/real/PYENV_ROOT", "/real/UV_PYTHON_INSTALL_DIR"}
    assert all((each.short, each.gil_enabled, each.subinterpreters) == ("3.99t", False, True) for each in found)


def test_a_version_resolves_to_an_interpreter(python: str, request: pytest.FixtureRequest) -> None:
    version = request.node.callspec.id
    found = resolve(version)
    assert found.short == version
    assert found.free_threaded_build is version.endswith("t")
    assert found.subinterpreters is (version in ("3.14", "3.15"))


def test_an_interpreter_with_several_names_is_found_once_and_by_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python3.13t"
    program.write_text("#!/bin/sh\nprintf 'cpython\\n3.13.99\\n'$0'\\n1\\n0\\n0\\n'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    for link in (os.link, os.symlink):
        link(program, tmp_path / "python3.13")
        assert [each.version for each in find()].count("3.13.99") == 1
        assert resolve("3.13t").version == "3.13.99"
        (tmp_path / "python3.13").unlink()


def test_the_newest_free_threaded_interpreter_whose_gil_is_off_is_preferred() -> None:
    old = replace(current_interpreter(), free_threaded_build=True, gil_enabled=False, version="3.13.1")
    new = replace(old, gil_enabled=True, version="3.14.1")
    assert newest_free_threaded([old, new, current_interpreter()]) == old
    assert newest_free_threaded([new, current_interpreter()]) == new
    assert newest_free_threaded([current_interpreter()]) is None


def test_a_version_that_is_not_found_is_an_error() -> None:
    with pytest.raises(NoInterpreterError, match=r"interpreter 3\.99t: not found; `pconc-tui list` shows"):
        resolve("3.99t")
