"""CPython's own count of GIL hand-offs, read from the processes in which workers need a GIL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from pconc_tui.cpython import NotReadableError, Runtime, ended

RETRY_NS = 2_000_000_000
"""Time before a process that could not be read is tried again."""

GilKey = tuple[int, int]
"""Identifies a GIL: process id, and CPython's id of the interpreter (0: the main one)."""


class CPythonSwitches:
    """Sums the growth of `_gil_runtime_state.switch_number` of each GIL; `read` once a frame."""

    def __init__(self) -> None:
        self.total = 0
        """Hand-offs of all GILs, each counted since it was first read."""
        self._runtimes: dict[int, Runtime] = {}
        self._first: dict[GilKey, int] = {}
        self._latest: dict[GilKey, int] = {}
        self._problems: dict[int, tuple[int, str]] = {}
        """By process: when it could not be read (ns), and why."""
        self._failed_once: set[int] = set()
        """Processes that could not be read the last time."""

    def read(self, keys: Set[GilKey], now_ns: int) -> None:
        """Read the counts of these GILs."""
        wanted: defaultdict[int, set[int]] = defaultdict(set)
        for pid, interpreter in keys:
            wanted[pid].add(interpreter)
        for pid in [pid for pid in self._runtimes if pid not in wanted and ended(pid)]:
            self._forget(pid)
        self._failed_once &= wanted.keys()
        for pid, interpreters in wanted.items():
            failed_ns, _ = self._problems.get(pid, (-RETRY_NS, ""))
            if now_ns - failed_ns >= RETRY_NS:
                try:
                    self._add(pid, interpreters)
                    self._problems.pop(pid, None)
                    self._failed_once.discard(pid)
                except NotReadableError as error:
                    self._forget(pid)
                    # A process that is exiting can't be read either. It is gone soon, so one failure is no problem yet.
                    if pid in self._failed_once and not ended(pid):
                        self._problems[pid] = now_ns, str(error)
                    self._failed_once.add(pid)

    def count(self, key: GilKey) -> int | None:
        """Hand-offs of one GIL since it was first read; None if it could not be read."""
        return self._latest[key] - self._first[key] if key in self._latest else None

    def problem(self, key: GilKey) -> str | None:
        """Why a GIL's count can't be read; None: it can, or has not been tried yet."""
        return self._problems[key[0]][1] if key[0] in self._problems else None

    def _forget(self, pid: int) -> None:
        if pid in self._runtimes:
            self._runtimes.pop(pid).close()
        self._problems.pop(pid, None)
        for key in [key for key in self._latest if key[0] == pid]:
            del self._latest[key], self._first[key]

    def _add(self, pid: int, interpreters: set[int]) -> None:
        if pid not in self._runtimes:
            self._runtimes[pid] = Runtime(pid)
        runtime = self._runtimes[pid]
        known = all((pid, interpreter) in self._latest for interpreter in interpreters)
        for gil in runtime.sample() if known else runtime.interpreters():
            if gil.switch_number is not None and gil.interpreter_id in interpreters:
                key = pid, gil.interpreter_id
                self._first.setdefault(key, gil.switch_number)
                self.total += gil.switch_number - self._latest.get(key, gil.switch_number)
                self._latest[key] = gil.switch_number
