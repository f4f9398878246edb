"""Whether something is an interpreter that a lab can run under."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

OLDEST = (3, 9)
_ASK = "import sys; print(sys.implementation.name, *sys.version_info[:2])"


class NoInterpreterError(Exception):
    """The message says what is wrong with what was asked for."""


def resolve(python: str) -> str:
    """The path of an interpreter given by path or by a name on PATH.

    Raises NoInterpreterError if it is not a CPython of at least version 3.9 that runs.
    """
    path = shutil.which(python)
    if path is None:
        what = "is not executable" if Path(python).exists() else "not found"
        raise NoInterpreterError(f"interpreter {python}: {what}; give the path of a CPython 3.9 or later")
    try:
        asked = subprocess.run([path, "-c", _ASK], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
        name, major, minor = asked.stdout.split()
        version = int(major), int(minor)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise NoInterpreterError(f"interpreter {python}: does not run as Python; give a CPython 3.9 or later") from None
    if name != "cpython" or version < OLDEST:
        found = f"{name} {major}.{minor}"
        raise NoInterpreterError(f"interpreter {python}: is {found}; the lab needs CPython 3.9 or later")
    return path
