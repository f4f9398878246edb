"""The program runs no file of the folder in which it is opened, and a function finds its modules as in plain Python."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from pconc_tui.experiments.user_function import read
from pconc_tui.python_discovery import query
from tests.hostile import COMMAND, commands, make_hostile, marked
from tests.support import LONG_S, needed

SHOW = """
def show():
    import json, os, sys, tempfile
    ours = [name for name in os.environ if name.startswith("PCONC_TUI_") or name == "TMPDIR"]
    variables = [os.environ.get(name) for name in ("PYTHONPATH", "PYTHONUSERBASE", "PYTHONSAFEPATH", "PYTHONHASHSEED")]
    with tempfile.NamedTemporaryFile(prefix="kept-", delete=False) as file:
        pass
    print(json.dumps([sys.path, os.getcwd(), os.path.dirname(file.name), variables, ours, hash("x")]))

if __name__ == "__main__":
    show()
"""


@pytest.mark.parametrize("version", ["3.9", "3.13", "3.14"])
def test_no_file_of_the_current_directory_is_run(version: str, tmp_path: Path) -> None:
    needed(version)
    folder = make_hostile(tmp_path)
    for arguments in commands(version, quick=True):
        result = subprocess.run(
            [*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LONG_S
        )
        assert marked(folder) == [], f"run by {arguments}"
        assert result.returncode == int("mine.py:fails" in arguments), (arguments, result.stderr)


def test_no_file_on_the_path_of_the_environment_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_hostile(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.chdir(folder)
    python = needed("3.9")
    assert query(python).short == "3.9"
    assert read("mine.py:work", python).title == "work in mine.py"
    assert marked(folder) == []


@pytest.mark.parametrize(
    ("version", "options"),
    [
        ("3.9", ["--model", "threads"]),
        ("3.9", ["--model", "process-pool", "--start-method", "forkserver"]),
        ("3.14", ["--model", "processes"]),
        ("3.14", ["--model", "interpreters"]),
    ],
)
def test_a_function_has_the_path_and_environment_of_plain_python(
    version: str, options: list[str], tmp_path: Path
) -> None:
    python = needed(version)
    code, base, temporary = tmp_path / "code", tmp_path / "base", tmp_path / "tmp"
    for each in (code, base / f"lib/python{version}/site-packages", temporary, tmp_path / "by-pth"):
        each.mkdir(parents=True)
    (base / f"lib/python{version}/site-packages/one.pth").write_text(f"{tmp_path / 'by-pth'}\n")
    (code / "show.py").write_text(SHOW)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("PYTHONSAFEPATH", "TMPDIR")},
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.pathsep}relative",
        "PYTHONUSERBASE": str(base),
        "PYTHONHASHSEED": "1",
        "TMP": str(temporary),
    }
    plain = subprocess.run([python, "show.py"], cwd=code, env=environment, capture_output=True, text=True, check=True)
    result = subprocess.run(
        [*COMMAND, "run", "show.py:show", "--workers", "1", "--python", python, *options, "--json"],
        cwd=code,
        env=environment,
        capture_output=True,
        text=True,
    )
    printed = [line["text"] for line in json.loads(result.stdout)["log"]]
    assert [json.loads(text) for text in printed] == [json.loads(plain.stdout)] * 2
    assert str(tmp_path / "by-pth") in plain.stdout
    assert len(list(temporary.glob("kept-*"))) == 3, "a function's temporary files are never removed"


def test_a_virtual_environment_keeps_its_packages_and_hides_the_user_site(tmp_path: Path) -> None:
    subprocess.run([needed("3.14"), "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (packages / "installed.py").write_text("WHERE = __file__\n")
    user = tmp_path / "base" / "lib" / packages.parent.name / "site-packages"
    user.mkdir(parents=True)
    (tmp_path / "mine.py").write_text(
        "def work():\n    import sys, installed\n    print(installed.WHERE, sys.prefix != sys.base_prefix)\n"
        "    print([each for each in sys.path if 'base' in each])\n"
    )
    result = subprocess.run(
        [*COMMAND, "run", "mine.py:work", "--python", "venv/bin/python", "--workers", "1", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUSERBASE": str(tmp_path / "base")},
        capture_output=True,
        text=True,
        check=True,
    )
    printed = [line["text"] for line in json.loads(result.stdout)["log"]]
    assert printed == [f"{packages / 'installed.py'} True", "[]"] * 2


def test_the_gil_is_queried_as_the_environment_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    python = needed("3.13t")
    for value in ("0", "1"):
        monkeypatch.setenv("PYTHON_GIL", value)
        assert query(python).gil_enabled is (value == "1")
