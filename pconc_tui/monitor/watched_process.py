"""Tracks one process of a watched program: its interpreter, whether it is stopped, and what it runs now."""

from __future__ import annotations

import time
from contextlib import suppress

from pconc_tui.cpython import NotReadableError, Runtime, living_thread
from pconc_tui.monitor.python_processes import command_line, version_text
from pconc_tui.protocol.process_stat import process_stat
from pconc_tui.watched_program import WatchedProcess

RETRY_NS = 1_000_000_000
"""After a failure, and from the start of a process that runs no Python yet."""
_DOING = {b"T": "stopped", b"t": "traced"}


class ProcessView:
    """Reads one process; `update` a few times a second."""

    def __init__(self, pid: int, parent: int, command: str = "", is_awaited: bool = False) -> None:
        """`command`: its command line as far as is known, if it has ended already.

        `is_awaited`: it is still to be executed by the process; what waits in its place until then is not read.
        """
        self.pid = pid
        self.parent = parent
        self._placeholder = command_line(pid) if is_awaited else ""
        """The command line of what waits in its place; empty: nothing does."""
        self.command = command if is_awaited else command_line(pid) or command
        self.doing = "runs"
        """As in `WatchedProcess`."""
        self.halted_ns: int | None = None
        """When it was first found to be stopped or traced; None: it is not."""
        self.ran_ns = 0
        """When it was last found to run before that; if it is not stopped, when it first was after that."""
        self._seen_ns = 0
        """When it was last found to run."""
        self.version = ""
        self.gil_enabled: bool | None = None
        self.problem = ""
        self.switches: int | None = None
        """Hand-offs of its main GIL since watching it began, by CPython's own count; None: unknown."""
        self._switch_number: int | None = None
        self.cpu_ns = 0
        """CPU time of all its threads since watching it began."""
        self.python_threads: frozenset[int] = frozenset()
        """Native ids of the threads with a Python thread state."""
        self.threads_read_ns = 0
        """When these were read; 0: they were not."""
        stat = process_stat(pid)
        self._cpu_before_ns = stat.cpu_ns if stat else 0
        self.started = stat.started if stat else 0
        """When it was started, in ticks since the system's start."""
        self._hold: tuple[int, int] | None = None
        """The present hold of its main GIL, as last read; None: there was none."""
        self._hold_since_ns = 0
        self._runtime: Runtime | None = None
        self._tried_ns = -RETRY_NS

    @property
    def alive(self) -> bool:
        return self.doing != "ended"

    @property
    def runs_python(self) -> bool:
        return self._runtime is not None

    def update(self) -> str | None:
        """Read it; what has happened to it since, in words, if anything."""
        stat = process_stat(self.pid)
        if not self.alive:
            return None
        if stat is None or not stat.running or stat.started != self.started:
            self.end()
            return (
                "has ended" if stat is None or stat.started == self.started else "has ended, and its id is used again"
            )
        self.parent, self.cpu_ns = stat.parent, stat.cpu_ns - self._cpu_before_ns
        before, self.doing = self.doing, _DOING.get(_state(self.pid), "runs")
        self._find_halt(time.perf_counter_ns())
        command = command_line(self.pid)
        if self._placeholder and command in ("", self._placeholder):
            return None
        if command and command != (self._placeholder or self.command):
            self._placeholder, self.command = "", command
            self._forget_runtime()
            self.version, self.gil_enabled, self.python_threads = "", None, frozenset()
            return f"runs another program now: {command}"
        self._read_runtime()
        if before == self.doing:
            return None
        return "goes on" if self.doing == "runs" else f"is {self.doing}"

    def _find_halt(self, now_ns: int) -> None:
        if self.doing != "runs":
            if self.halted_ns is None:
                self.halted_ns, self.ran_ns = now_ns, self._seen_ns
            return
        self._seen_ns = now_ns
        if self.halted_ns is not None:
            self.halted_ns, self.ran_ns = None, now_ns

    def held_ns(self, now_ns: int) -> int:
        """For how long the same thread has held the main GIL, as far as reading it at every frame shows; 0: none does.

        The lanes show a hold some tenths of a second later, when it is too late to read the thread's stack.
        """
        hold = None
        with suppress(NotReadableError):
            hold = None if self._runtime is None else self._runtime.main_hold()
        if hold != self._hold:
            self._hold, self._hold_since_ns = hold, now_ns
        return 0 if hold is None else now_ns - self._hold_since_ns

    def read_threads(self) -> None:
        """Find out which threads run Python code: there are new ones."""
        if self._runtime is not None:
            with suppress(NotReadableError):
                self._find_threads(self._runtime)

    def end(self) -> None:
        """It has ended."""
        self.doing, self.halted_ns = "ended", None
        self._forget_runtime()

    def view(self) -> WatchedProcess:
        """Its part of a Snapshot."""
        return WatchedProcess(
            self.pid, self.parent, self.command, self.version, self.gil_enabled, self.doing, self.problem
        )

    def _read_runtime(self) -> None:
        now_ns = time.perf_counter_ns()
        if self._runtime is None and now_ns - self._tried_ns < RETRY_NS:
            return
        try:
            if self._runtime is None:
                self._tried_ns = now_ns
                self._runtime = Runtime(self.pid)
                self.version, self.problem = version_text(self._runtime), ""
            gils = self._runtime.interpreters()
            self.gil_enabled = gils[0].enabled
            self._count_switches(gils[0].switch_number)
            self._find_threads(self._runtime)
        except NotReadableError as error:
            self._forget_runtime()
            self.problem = str(error)

    def _find_threads(self, runtime: Runtime) -> None:
        read_ns = time.perf_counter_ns()
        self.python_threads, self.threads_read_ns = runtime.thread_ids(), read_ns

    def _count_switches(self, number: int | None) -> None:
        if number is not None:
            before = number if self._switch_number is None else self._switch_number
            self.switches = (self.switches or 0) + number - before
        self._switch_number = number

    def _forget_runtime(self) -> None:
        self._switch_number = None
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None


def _state(pid: int) -> bytes:
    """The letter of its state, by proc(5)."""
    with suppress(OSError, IndexError), open(f"/proc/{living_thread(pid)}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0]
    return b""
