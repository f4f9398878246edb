"""CPython's own count of GIL hand-offs, for the processes in which workers need a GIL."""

from __future__ import annotations

import os

from pconc_tui.monitor.cpython import NotReadableError, Runtime, open_runtime

RETRY_NS = 2_000_000_000
"""How long to wait before trying again what could not be read."""


class Switches:
    """Reads `_gil_runtime_state.switch_number` from outside, and adds up what it grows by."""

    def __init__(self) -> None:
        self.total = 0
        """Hand-offs in all processes, each counted from when it was first read."""
        self._runtimes: dict[int, Runtime] = {}
        self._seen: dict[tuple[int, int], int] = {}
        self._problems: dict[int, tuple[int, str]] = {}

    def read(self, pids: set[int], now_ns: int) -> str | None:
        """Read the counts of these processes; why one of them can't be read, None where all can."""
        for pid in [pid for pid in self._runtimes if pid not in pids and not os.path.exists(f"/proc/{pid}")]:
            self._runtimes.pop(pid).close()
        for pid in pids:
            since_ns, _ = self._problems.get(pid, (-RETRY_NS, ""))
            if now_ns - since_ns >= RETRY_NS:
                try:
                    self._add(pid)
                    self._problems.pop(pid, None)
                except NotReadableError as error:
                    self._problems[pid] = now_ns, str(error)
                    if pid in self._runtimes:
                        self._runtimes.pop(pid).close()
        return next((self._problems[pid][1] for pid in pids if pid in self._problems), None)

    def _add(self, pid: int) -> None:
        known = pid in self._runtimes
        if not known:
            self._runtimes[pid] = open_runtime(pid)
        gils = self._runtimes[pid].sample() if known else self._runtimes[pid].interpreters()
        for gil in gils:
            if gil.switch_number is not None:
                place = pid, gil.interpreter_id
                self.total += gil.switch_number - self._seen.get(place, gil.switch_number)
                self._seen[place] = gil.switch_number
