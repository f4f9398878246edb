"""CPython interpreters as data: version, build, GIL, abilities; their order, and the one that runs this program."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec


@dataclass(frozen=True)
class Interpreter:
    """A CPython that runs."""

    path: str
    version: str
    base: str
    """The real executable behind links and virtual environments."""
    free_threaded_build: bool
    gil_enabled: bool
    """Now, in this environment: `PYTHON_GIL` can turn it on in a free-threaded build."""
    subinterpreters: bool
    """Whether it has `concurrent.interpreters` (3.14 and later)."""
    start_methods: tuple[str, ...] = ()
    """How its `multiprocessing` can start processes, the one it uses by itself first."""

    @property
    def short(self) -> str:
        """`3.14`, `3.13t`: what `--python` takes."""
        return ".".join(self.version.split(".")[:2]) + ("t" if self.free_threaded_build else "")

    @property
    def release(self) -> tuple[int, ...]:
        """`(3, 14, 2)`, to compare."""
        return tuple(int(number) for number in re.findall(r"\d+", self.version)[:3])


@cache
def current_interpreter() -> Interpreter:
    """The one that runs this program; needs no process to be asked."""
    return Interpreter(
        sys.executable,
        sys.version.split()[0],
        os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
        bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        bool(getattr(sys, "_is_gil_enabled", lambda: True)()),
        sys.version_info >= (3, 14) and find_spec("concurrent.interpreters") is not None,
        _own_start_methods(),
    )


def _own_start_methods() -> tuple[str, ...]:
    """As `multiprocessing.get_all_start_methods()`, whose import would delay the first paint."""
    if sys.platform == "darwin":
        return "spawn", "fork", "forkserver"
    return ("forkserver", "fork", "spawn") if sys.version_info >= (3, 14) else ("fork", "spawn", "forkserver")


def oldest_first(found: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """The oldest first."""
    return tuple(sorted(found, key=_order))


def newest_free_threaded(found: Iterable[Interpreter]) -> Interpreter | None:
    """The newest free-threaded interpreter; one whose GIL is off, if there is one."""
    free = [each for each in oldest_first(found) if each.free_threaded_build]
    return max(free, key=lambda each: (not each.gil_enabled, _order(each)), default=None)


def _order(interpreter: Interpreter) -> tuple[tuple[int, ...], bool, tuple[int, ...], str]:
    release = interpreter.release
    return release[:2], interpreter.free_threaded_build, release, interpreter.version
