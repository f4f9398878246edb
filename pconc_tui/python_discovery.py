"""Finds the CPython interpreters of this machine, and runs each to query its properties."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pconc_tui.pythons import Interpreter, newest_free_threaded, oldest_first
from pconc_tui.stop_signal import stop_signal_blocked

OLDEST_VERSION = (3, 9)
QUERY_TIMEOUT_S = 20
"""An interpreter that then waits for a core, as a free-threaded 3.13 long does on a loaded machine, gets more time."""
LONGEST_QUERY_S = 300
_QUERY = """
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
_queried: set[subprocess.Popen[str]] = set()
"""The interpreters that are being queried."""


class NoInterpreterError(Exception):
    """There is no such interpreter, or it can't be used; the message says why."""


def query(path: str) -> Interpreter:
    """The interpreter at this path. Raises NoInterpreterError unless it is a CPython 3.9 or later that runs."""
    # `-I` has Python ignore its environment variables.
    gil_option = ["-X", f"gil={gil}"] if (gil := os.environ.get("PYTHON_GIL")) else []
    try:
        status, output = _run([path, "-I", "-S", *gil_option, "-c", _QUERY])
        if status < 0:
            raise NoInterpreterError(f"interpreter {path}: was killed by signal {-status}")
        name, version, base, free_threaded, gil_enabled, subinterpreters, *methods = output.splitlines()
        number = tuple(map(int, version.split(".")[:2]))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise NoInterpreterError(f"interpreter {path}: does not run as Python; give a CPython 3.9 or later") from None
    if name != "cpython" or number < OLDEST_VERSION:
        raise NoInterpreterError(f"interpreter {path}: is {name} {version}; the lab needs CPython 3.9 or later")
    flags = (free_threaded == "1", gil_enabled == "1", subinterpreters == "1")
    return Interpreter(path, version, base, *flags, tuple(" ".join(methods).split()))


def _run(command: list[str]) -> tuple[int, str]:
    """Exit status and output of a command, which neither its time limit nor this process's exit leaves behind."""
    with stop_signal_blocked():
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
    with process:
        _queried.add(process)
        try:
            return _finished(process)
        finally:
            process.kill()
            _queried.discard(process)


def _finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    import psutil

    deadline = time.monotonic() + LONGEST_QUERY_S
    while True:
        try:
            output, _ = process.communicate(timeout=QUERY_TIMEOUT_S)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            if psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING or time.monotonic() > deadline:
                raise


@atexit.register
def end_queries() -> None:
    """End the queries of threads that this process does not wait for."""
    for process in tuple(_queried):
        process.kill()


def find_sequentially() -> Iterator[Interpreter]:
    """The interpreters that `find` finds, unordered: queried one after the other, so that they use one core at most."""
    bases: set[str] = set()
    for path in _candidates():
        found = _query_or_none(path)
        if found and found.base not in bases:
            bases.add(found.base)
            yield found


def find() -> tuple[Interpreter, ...]:
    """The interpreters of this machine, each once, oldest first: this process's, those on PATH, pyenv's and uv's."""
    from concurrent.futures import ThreadPoolExecutor

    try:
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            found = [each for each in pool.map(_query_or_none, _candidates()) if each]
    except RuntimeError:  # No thread can be started: the user's limit of processes is reached.
        found = list(find_sequentially())
    once = {each.base: each for each in reversed(found)}
    return oldest_first(once.values())


def resolve(python: str) -> Interpreter:
    """The interpreter with this path, this name on PATH, or this version, such as `3.14` or `3.13t`.

    Raises NoInterpreterError where it is not found, or is not a CPython 3.9 or later that runs.
    """
    if _VERSION.fullmatch(python):
        # `python3.13` may be a link to `python3.13t`.
        names = f"python{python}", f"python{python.rstrip('t')}"
        for path in _candidates():
            if path == sys.executable or Path(path).name in names:
                found = _query_or_none(path)
                if found and found.short == python:
                    return found
        raise NoInterpreterError(f"interpreter {python}: not found; `pconc-tui list` shows those of this machine")
    program = shutil.which(python)
    if program is None:
        problem = "is not executable" if Path(python).exists() else "not found"
        raise NoInterpreterError(f"interpreter {python}: {problem}; give the path of a CPython 3.9 or later")
    return query(program)


def free_threaded() -> Interpreter | None:
    """The newest free-threaded interpreter of this machine."""
    return newest_free_threaded(find())


def _candidates() -> Iterator[str]:
    """Paths of possible interpreters, only one path of each file: hard and symbolic links are skipped."""
    known: set[tuple[int, int]] = set()
    for path in _paths():
        file = os.stat(path)
        if (file.st_dev, file.st_ino) not in known:
            known.add((file.st_dev, file.st_ino))
            yield path


def _paths() -> Iterator[str]:
    yield sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    # pyenv's shims lead to the same interpreters as its versions, and starting them takes several times as long.
    folders = [folder for folder in folders if folder != pyenv / "shims"]
    folders += [folder for home in (pyenv / "versions", uv) for folder in _glob(home, "*/bin")]
    for folder in folders:
        for path in _glob(folder, "python3.*"):
            match = _NAME.fullmatch(path.name)
            if match and (3, int(match[1])) >= OLDEST_VERSION and os.access(path, os.X_OK):
                yield str(path)


def _glob(folder: Path, pattern: str) -> list[Path]:
    """The sorted paths that match; none in a folder that can't be read."""
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _query_or_none(path: str) -> Interpreter | None:
    try:
        return query(path)
    except NoInterpreterError:
        return None
