"""The processes of this machine that run Python: what there is to watch. Linux only; elsewhere there are none."""

from __future__ import annotations

import os
import pwd
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from pconc_tui.cpython import NotReadableError, Runtime, embeds_python, living_thread
from pconc_tui.protocol.process_stat import ProcessStat, process_stat
from pconc_tui.watched_program import RunningPython

_INTERPRETER = re.compile(r"(?:.*/)?python(?:3(?:\.(?P<minor>\d+t?)d?)?)?(?: \(deleted\))?")
_COMMAND_BYTES = 4096


class PythonProcesses:
    """Lists them; from the second list on, their CPU use is that since the last one."""

    def __init__(self, excluded: Iterable[int] = ()) -> None:
        """`excluded`: processes that are not listed, such as this program's own."""
        self._excluded = frozenset(excluded) | {os.getpid()}
        self._known: dict[tuple[int, int, str], RunningPython | None] = {}
        """By process id, start and executable: what doesn't change; None: it runs no Python."""
        self._cpu: dict[tuple[int, int], tuple[int, int]] = {}
        """The time and the CPU time at the last list, in ns."""

    def read(self) -> list[RunningPython]:
        """The processes, the busiest first."""
        try:
            pids = {int(name) for name in os.listdir("/proc") if name.isdigit()} - self._excluded
        except OSError:
            return []
        stats = {pid: stat for pid in pids if (stat := process_stat(pid)) is not None and stat.running}
        keys = {(pid, stat.started, _executable(pid)) for pid, stat in stats.items()}
        self._known = {key: self._known[key] if key in self._known else identify(*key[:2]) for key in keys}
        processes = [each for each in self._known.values() if each is not None]
        found = [self._with_cpu(each, stats[each.pid], (each.pid, each.started)) for each in processes]
        self._cpu = {(each.pid, each.started): self._cpu[each.pid, each.started] for each in found}
        return sorted(found, key=lambda each: (-round(each.cpu or 0.0, 2), each.pid))

    def _with_cpu(self, process: RunningPython, stat: ProcessStat, key: tuple[int, int]) -> RunningPython:
        now_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        began_ns, before_ns = self._cpu.get(key, (stat.started * 1_000_000_000 // os.sysconf("SC_CLK_TCK"), 0))
        self._cpu[key] = now_ns, stat.cpu_ns
        cpu = (stat.cpu_ns - before_ns) / (now_ns - began_ns) if now_ns > began_ns else None
        return replace(process, cpu=cpu)


def identify(pid: int, started: int) -> RunningPython | None:
    """The process with this id that was started then; None: it has ended, or runs no Python."""
    command = command_line(pid)
    path = _executable(pid) or command.partition(" ")[0]
    named = _INTERPRETER.fullmatch(path)
    if named is None and not _has_library(pid) and not embeds_python(pid):
        return None
    version, problem = "", ""
    try:
        version = version_of(pid)
    except NotReadableError as error:
        problem = str(error)
        if named is not None and named["minor"]:
            version = f"3.{named['minor']}"
    user = ""
    with suppress(OSError):
        user = user_name(os.stat(f"/proc/{pid}").st_uid)
    stat = process_stat(pid)
    if stat is None or stat.started != started:
        return None
    return RunningPython(pid, started, version, command or path, user, None, problem)


def user_name(uid: int) -> str:
    """The name of a user; of one without, its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def version_of(pid: int) -> str:
    """`3.12`, with a `t` for a free-threaded build. Raises NotReadableError."""
    runtime = Runtime(pid)
    try:
        return version_text(runtime)
    finally:
        runtime.close()


def version_text(runtime: Runtime) -> str:
    """The version of a runtime as it is shown."""
    return ".".join(map(str, runtime.version)) + ("t" if runtime.free_threaded_build else "")


def command_line(pid: int) -> str:
    """Its command line; of a process that has none, its name; empty: it has ended."""
    with suppress(OSError):
        with open(f"/proc/{living_thread(pid)}/cmdline", "rb") as file:
            command = file.read(_COMMAND_BYTES).replace(b"\0", b" ").strip()
        if not command:
            with open(f"/proc/{pid}/comm", "rb") as file:
                command = file.read().strip()
        return " ".join(command.decode(errors="replace").split())
    return ""


def _executable(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{living_thread(pid)}/exe")
    except OSError:
        return ""


def _has_library(pid: int) -> bool:
    """Whether a program of another name embeds Python."""
    try:
        with open(f"/proc/{living_thread(pid)}/maps", "rb") as file:
            return b"/libpython3" in file.read()
    except OSError:
        return False
