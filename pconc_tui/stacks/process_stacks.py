"""The stacks of one process, by the tool that can read it.

Its own interpreter reads it where that can: CPython 3.14 and later, for 0.3 ms of CPU time; else py-spy does, for 8 ms.
Only py-spy knows the threads' names: where the interpreter reads, py-spy is asked when there are new threads, or the
system has another name for one, as it has from CPython 3.14 on when it changes its own `Thread.name`; and now and then,
since another thread may have changed that.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from contextlib import suppress

from pconc_tui.cpython import NotReadableError, Runtime
from pconc_tui.stacks import py_spy
from pconc_tui.stacks.thread_stacks import NoStacksError, Stacks
from pconc_tui.stacks.unwinder import OLDEST_VERSION, Unwinder

PY_SPY_PERIOD_S, PERIOD_S = 0.5, 0.1
"""From one reading to the next, at least: by py-spy, and by its own interpreter."""
PY_SPY_GAP_S, GAP_S = 0.15, 0.01
"""From one reading to the next of any process, so that many processes cost no more than a few."""
FAILURES = 3
"""So many readings in a row must fail before functions are unknown: a process that runs on can be read half-changed."""
RETRY_S = 5.0
"""After a failure, and from one request for names to the next."""
NAMES_S = 30.0
"""From one to the next where nothing shows that a thread has another name."""
INSTALL = "pip install 'pconc-tui[watch]' shows them"


class ProcessStacks:
    """Reads one process, each time that it is due. Used by one thread; others read its attributes."""

    def __init__(self, pid: int) -> None:
        self.due_s = 0.0
        """When it is to be read next, by `time.monotonic`."""
        self.stacks: Stacks | None = None
        """What was read last; None: nothing could be."""
        self.problem: str | None = None
        """Why it can't be read; None: it can, or has not been."""
        self._failures = 0
        self._pid = pid
        self._runtime: Runtime | None = None
        self._unwinder: Unwinder | None = None
        self._unwinder_failed = False
        self._py_spy = py_spy.program()
        self._names: dict[int, str] = {}
        self._titles: dict[int, str] = {}
        """The names that the system had for the threads then."""
        self._named_s = self._checked_s = -RETRY_S

    def read(self) -> None:
        """Read it now."""
        try:
            self.stacks, self.problem, self._failures = self._read(), None, 0
            pause_s = PY_SPY_PERIOD_S if self._unwinder is None else PERIOD_S
        except (NotReadableError, NoStacksError) as error:
            self._failures += 1
            self._close_unwinder()
            pause_s = PY_SPY_PERIOD_S
            if self._failures >= FAILURES or self.stacks is None:
                self.problem, pause_s = str(error), RETRY_S
        self.due_s = time.monotonic() + pause_s

    @property
    def gap_s(self) -> float:
        """The time until another process may be read, to limit the cost."""
        return PY_SPY_GAP_S if self._unwinder is None else GAP_S

    def close(self) -> None:
        """End what reads it."""
        self._close_unwinder()
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None

    def _read(self) -> Stacks:
        runtime = self._runtime = self._runtime or Runtime(self._pid)
        py_spy_can = self._py_spy is not None and not runtime.free_threaded_build
        if runtime.version >= OLDEST_VERSION and not self._unwinder_failed:
            try:
                self._unwinder = self._unwinder or Unwinder(self._pid)
                return self._named(self._unwinder.read(runtime.threads.outer_id), py_spy_can)
            except NoStacksError:
                if not py_spy_can:
                    raise
                self._close_unwinder()
                self._unwinder_failed = True
        if runtime.free_threaded_build:
            raise NoStacksError("no tool reads them in a free-threaded build before 3.14")
        if self._py_spy is None:
            raise NoStacksError(INSTALL)
        return py_spy.read(self._py_spy, self._pid, self._native_id)

    def _named(self, stacks: Stacks, py_spy_can: bool) -> Stacks:
        """The same with the threads' names."""
        ids = stacks.threads.keys()
        if py_spy_can and self._names_are_due(ids):
            assert self._py_spy is not None
            self._titles = self._read_titles(ids)
            self._named_s = time.monotonic()
            with suppress(NoStacksError):
                found = py_spy.read(self._py_spy, self._pid, self._native_id).threads
                self._names = {id: thread.name for id, thread in found.items() if thread.name}
        named = {id: thread._replace(name=self._names.get(id)) for id, thread in stacks.threads.items()}
        return stacks._replace(threads=named)

    def _names_are_due(self, ids: Collection[int]) -> bool:
        """Whether there are new threads, or one has got another name, or may have."""
        now_s = time.monotonic()
        if now_s - self._named_s < RETRY_S:
            return False
        if now_s - self._named_s >= NAMES_S or not self._names.keys() >= set(ids):
            return True
        if now_s - self._checked_s < RETRY_S:
            return False
        self._checked_s = now_s
        return self._read_titles(ids) != self._titles

    def _read_titles(self, ids: Iterable[int]) -> dict[int, str]:
        """The names that the system has for these threads."""
        found = {}
        for id in ids:
            with suppress(OSError), open(f"/proc/{self._pid}/task/{id}/comm", errors="replace") as file:
                found[id] = file.read()
        return found

    def _native_id(self, pthread: int, os_thread_id: int | None) -> int | None:
        assert self._runtime is not None
        if os_thread_id is None:
            return self._runtime.threads.native_id(pthread)
        return self._runtime.threads.outer_id(os_thread_id)

    def _close_unwinder(self) -> None:
        unwinder, self._unwinder = self._unwinder, None
        if unwinder is not None:
            unwinder.close()
