"""CPython's own count of GIL hand-offs, for the interpreters in which workers need a GIL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from pconc_tui.cpython import NotReadableError, Runtime, ended, open_runtime

RETRY_NS = 2_000_000_000
"""How long to wait before trying again what could not be read."""

Place = tuple[int, int]
"""Where a GIL is: the process, and the interpreter by CPython's id, 0 for the main one."""


class CPythonSwitches:
    """Reads `_gil_runtime_state.switch_number` from outside, and adds up what it grows by."""

    def __init__(self) -> None:
        self.total = 0
        """Hand-offs of all GILs, each counted from when it was first read."""
        self._runtimes: dict[int, Runtime] = {}
        self._first: dict[Place, int] = {}
        self._seen: dict[Place, int] = {}
        self._problems: dict[int, tuple[int, str]] = {}
        self._doubted: set[int] = set()
        """Processes that could not be read the last time."""

    def read(self, places: Set[Place], now_ns: int) -> None:
        """Read the counts of these GILs."""
        wanted: defaultdict[int, set[int]] = defaultdict(set)
        for pid, interpreter in places:
            wanted[pid].add(interpreter)
        for pid in [pid for pid in self._runtimes if pid not in wanted and ended(pid)]:
            self._forget(pid)
        self._doubted &= wanted.keys()
        for pid, interpreters in wanted.items():
            since_ns, _ = self._problems.get(pid, (-RETRY_NS, ""))
            if now_ns - since_ns >= RETRY_NS:
                try:
                    self._add(pid, interpreters)
                    self._problems.pop(pid, None)
                    self._doubted.discard(pid)
                except NotReadableError as error:
                    self._forget(pid)
                    # A process on its way out can't be read either, and soon is no more.
                    if pid in self._doubted and not ended(pid):
                        self._problems[pid] = now_ns, str(error)
                    self._doubted.add(pid)

    def count(self, place: Place) -> int | None:
        """Hand-offs of one GIL since it was first read; None: it could not be."""
        return self._seen[place] - self._first[place] if place in self._seen else None

    def problem(self, place: Place) -> str | None:
        """Why its count can't be read; None: it can, or has not been tried yet."""
        return self._problems[place[0]][1] if place[0] in self._problems else None

    def _forget(self, pid: int) -> None:
        if pid in self._runtimes:
            self._runtimes.pop(pid).close()
        self._problems.pop(pid, None)
        for place in [place for place in self._seen if place[0] == pid]:
            del self._seen[place], self._first[place]

    def _add(self, pid: int, interpreters: set[int]) -> None:
        if pid not in self._runtimes:
            self._runtimes[pid] = open_runtime(pid)
        runtime = self._runtimes[pid]
        known = all((pid, interpreter) in self._seen for interpreter in interpreters)
        for gil in runtime.sample() if known else runtime.interpreters():
            if gil.switch_number is not None and gil.interpreter_id in interpreters:
                place = pid, gil.interpreter_id
                self._first.setdefault(place, gil.switch_number)
                self.total += gil.switch_number - self._seen.get(place, gil.switch_number)
                self._seen[place] = gil.switch_number
