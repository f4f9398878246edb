"""Reads the stacks of several processes again and again, in a thread of its own: a frame never waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping

from pconc_tui.stacks.process_stacks import ProcessStacks
from pconc_tui.stacks.thread_stacks import Stacks


class StackReader:
    """Reads processes until it is closed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._targets: dict[int, ProcessStacks] = {}
        self._urgent: set[int] = set()
        self._closed = False
        self._thread: threading.Thread | None = None

    def watch(self, pids: Iterable[int]) -> None:
        """Read these processes from now on."""
        pids = set(pids)
        with self._condition:
            if pids == self._targets.keys():
                return
            self._targets = {pid: self._targets.get(pid) or ProcessStacks(pid) for pid in pids}
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stacks", daemon=True)
                self._thread.start()
            self._condition.notify()

    def urge(self, pid: int) -> None:
        """Read this process as soon as possible: a thread of it has held the GIL for long."""
        with self._condition:
            self._urgent.add(pid)
            self._condition.notify()

    def stacks(self, pid: int) -> Stacks | None:
        """The newest stacks of a process; None: none could be read yet."""
        target = self._targets.get(pid)
        return None if target is None else target.stacks

    @property
    def readable(self) -> list[int]:
        """The processes whose stacks have been read."""
        return [pid for pid, target in self._targets.items() if target.stacks is not None]

    @property
    def problems(self) -> Mapping[int, str]:
        """Why the functions of a process are unknown, by its id."""
        return {pid: target.problem for pid, target in tuple(self._targets.items()) if target.problem}

    def close(self) -> None:
        """Stop reading, and end what reads."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        reading: dict[int, ProcessStacks] = {}
        free_s = 0.0
        while True:
            with self._condition:
                if self._closed:
                    break
                targets = dict(self._targets)
                now_s = time.monotonic()
                urgent = [targets[pid] for pid in self._urgent if pid in targets]
                self._urgent.clear()
                next_one = min(urgent or targets.values(), key=lambda target: target.due_s, default=None)
                wait_s = 0.0 if next_one is None or urgent else max(free_s, next_one.due_s) - now_s
                if next_one is None or wait_s > 0:
                    self._condition.wait(wait_s or None)
                    next_one = None
            for pid in reading.keys() - targets.keys():
                reading.pop(pid).close()
            reading = targets
            if next_one is not None:
                next_one.read()
                free_s = time.monotonic() + next_one.gap_s
        for target in reading.values():
            target.close()
