"""Finds the CPython interpreters of this machine, and asks each what it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pconc_tui.pythons import Interpreter, newest_free_threaded, oldest_first

OLDEST = (3, 9)
ASK_S = 20
_ASK = """
import os, sys, sysconfig
print(sys.implementation.name)
print(sys.version.split()[0])
print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
print(int(bool(sysconfig.get_config_var("Py_GIL_DISABLED"))))
print(int(getattr(sys, "_is_gil_enabled", lambda: True)()))
try:
    import concurrent.interpreters
    print(1)
except ImportError:
    print(0)
try:
    import multiprocessing
    print(*multiprocessing.get_all_start_methods())
except ImportError:
    print()
"""
_VERSION = re.compile(r"3\.\d+t?")
_NAME = re.compile(r"python3\.(\d+)t?")


class NoInterpreterError(Exception):
    """The message says what is wrong with what was asked for."""


def ask(path: str) -> Interpreter:
    """What the interpreter at this path is. Raises NoInterpreterError if it is no CPython 3.9 or later that runs."""
    try:
        asked = subprocess.run(
            [path, "-S", "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=ASK_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        name, version, base, free_threaded, gil, subinterpreters, *methods = asked.stdout.splitlines()
        number = tuple(map(int, version.split(".")[:2]))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise NoInterpreterError(f"interpreter {path}: does not run as Python; give a CPython 3.9 or later") from None
    if name != "cpython" or number < OLDEST:
        raise NoInterpreterError(f"interpreter {path}: is {name} {version}; the lab needs CPython 3.9 or later")
    return Interpreter(
        path, version, base, free_threaded == "1", gil == "1", subinterpreters == "1", tuple(" ".join(methods).split())
    )


def find_sequentially() -> Iterator[Interpreter]:
    """All interpreters, each once, in no order: one is asked after the other, so that there is a core left."""
    known: set[str] = set()
    for path in _candidates():
        found = _ask_or_none(path)
        if found and found.base not in known:
            known.add(found.base)
            yield found


def find() -> tuple[Interpreter, ...]:
    """All interpreters of this machine, each once, the oldest first: this one, those on PATH, pyenv's and uv's."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = [each for each in pool.map(_ask_or_none, _candidates()) if each]
    once = {each.base: each for each in reversed(found)}
    return oldest_first(once.values())


def resolve(python: str) -> Interpreter:
    """The interpreter given by path, by a name on PATH, or by a version such as `3.14` or `3.13t`.

    Raises NoInterpreterError where there is none, or what is there is no CPython 3.9 or later that runs.
    """
    if _VERSION.fullmatch(python):
        # `python3.13` may be a link to `python3.13t`, and stand for it.
        names = f"python{python}", f"python{python.rstrip('t')}"
        for path in _candidates():
            if path == sys.executable or Path(path).name in names:
                found = _ask_or_none(path)
                if found and found.short == python:
                    return found
        raise NoInterpreterError(f"interpreter {python}: not found; `pconc-tui list` shows those of this machine")
    program = shutil.which(python)
    if program is None:
        what = "is not executable" if Path(python).exists() else "not found"
        raise NoInterpreterError(f"interpreter {python}: {what}; give the path of a CPython 3.9 or later")
    return ask(program)


def free_threaded() -> Interpreter | None:
    """The newest free-threaded interpreter of this machine."""
    return newest_free_threaded(find())


def _candidates() -> Iterator[str]:
    """Paths of what may be an interpreter, those of one file once: links, hard ones too, lead to it."""
    known: set[tuple[int, int]] = set()
    for path in _named():
        file = os.stat(path)
        if (file.st_dev, file.st_ino) not in known:
            known.add((file.st_dev, file.st_ino))
            yield path


def _named() -> Iterator[str]:
    yield sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    # What pyenv's shims lead to is found in its versions; asking the shims takes several times as long.
    folders = [folder for folder in folders if folder != pyenv / "shims"]
    folders += [folder for home in (pyenv / "versions", uv) for folder in sorted(home.glob("*/bin"))]
    for folder in folders:
        for path in sorted(folder.glob("python3.*")):
            named = _NAME.fullmatch(path.name)
            if named and (3, int(named[1])) >= OLDEST and os.access(path, os.X_OK):
                yield str(path)


def _ask_or_none(path: str) -> Interpreter | None:
    try:
        return ask(path)
    except NoInterpreterError:
        return None
