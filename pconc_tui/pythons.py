"""CPython interpreters as data: version, build, GIL, start methods; and the interpreter of this process."""

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
    """A CPython interpreter of this machine."""

    path: str
    version: str
    """The full version, `3.14.2`."""
    base: str
    """The path of the real executable, without links and virtual environments."""
    free_threaded_build: bool
    gil_enabled: bool
    """Whether the GIL is on in this environment: `PYTHON_GIL` can turn it on in a free-threaded build."""
    subinterpreters: bool
    """Whether it has `concurrent.interpreters` (3.14 and later)."""
    start_methods: tuple[str, ...] = ()
    """The start methods of its `multiprocessing`, the default one first."""

    @property
    def short(self) -> str:
        """`3.14`, `3.13t`, as `--python` takes it."""
        return ".".join(self.version.split(".")[:2]) + ("t" if self.free_threaded_build else "")

    @property
    def release(self) -> tuple[int, ...]:
        """`(3, 14, 2)`, for comparisons."""
        return tuple(int(number) for number in re.findall(r"\d+", self.version)[:3])


@cache
def current_interpreter() -> Interpreter:
    """The interpreter of this process, determined without starting another process."""
    return Interpreter(
        sys.executable,
        sys.version.split()[0],
        os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
        bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        bool(getattr(sys, "_is_gil_enabled", lambda: True)()),
        sys.version_info >= (3, 14) and find_spec("concurrent.interpreters") is not None,
        _start_methods(),
    )


def _start_methods() -> tuple[str, ...]:
    """What `multiprocessing.get_all_start_methods()` returns; importing it would delay the first paint."""
    if sys.platform == "win32":
        return ("spawn",)
    if sys.platform == "darwin":
        return "spawn", "fork", "forkserver"
    return ("forkserver", "fork", "spawn") if sys.version_info >= (3, 14) else ("fork", "spawn", "forkserver")


def oldest_first(found: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """The interpreters by version, the free-threaded build of a version after its GIL build."""
    return tuple(sorted(found, key=_order))


def newest_first(found: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """The reverse order."""
    return tuple(sorted(found, key=_order, reverse=True))


def newest_free_threaded(found: Iterable[Interpreter]) -> Interpreter | None:
    """The newest free-threaded interpreter, preferably one whose GIL is off."""
    free_threaded = [each for each in found if each.free_threaded_build]
    return max(free_threaded, key=lambda each: (not each.gil_enabled, _order(each)), default=None)


def _order(interpreter: Interpreter) -> tuple[tuple[int, ...], bool, tuple[int, ...], str]:
    release = interpreter.release
    return release[:2], interpreter.free_threaded_build, release, interpreter.version
