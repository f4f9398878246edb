"""A process and all below it, sampled: where the kernel's scheduling records are refused. As `TreeObserver` otherwise.

The monitor finds the threads in /proc, and writes for each the slot that a worker would write, so that the sampler of
own functions samples them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

from pconc_tui.cpython import NotReadableError, Runtime
from pconc_tui.monitor.lock_shares import NO_LOCK_WAITS
from pconc_tui.monitor.process_tree import ProcessTree
from pconc_tui.monitor.python_processes import command_line
from pconc_tui.monitor.ring_reader import RingReader
from pconc_tui.monitor.sampler_client import SamplerClient
from pconc_tui.monitor.thread_cpu import thread_use
from pconc_tui.protocol.block import (
    CPU_BEFORE,
    GIL,
    HEAD,
    INTERPRETER,
    LAST_RAN,
    NATIVE_ID,
    PID,
    RING_AT,
    SLOTS,
    UNSET,
    Block,
    State,
    pack,
    unpack,
)
from pconc_tui.protocol.lane_source import Source
from pconc_tui.protocol.sampler_slots import LAST, WORKER

FIND_NS = 200_000_000
"""How often threads and processes that have come or gone are searched for."""
RETRY_NS = 2_000_000_000
"""After this time a process that runs no Python is asked again."""
_NATIVE = -1
"""Stands for an interpreter that no process has: a native thread needs no GIL."""


class SampledProcess:
    """A process of the tree."""

    def __init__(self, pid: int, parent: int, started_ns: int) -> None:
        self.pid = pid
        self.parent = parent
        self.command = command_line(pid)
        self.started_ns = started_ns
        self.ended_ns: int | None = None
        self.python: bool | None = None
        self.problem: str | None = None
        self.runtime: Runtime | None = None
        self.tried_ns = 0
        self.python_threads: frozenset[int] = frozenset()

    def find_python_threads(self, now_ns: int) -> None:
        """Find out which of its threads run Python code."""
        try:
            if self.runtime is None:
                if now_ns - self.tried_ns < RETRY_NS:
                    return
                self.tried_ns = now_ns
                self.runtime = Runtime(self.pid)
                self.python, self.problem = True, None
            self.python_threads = self.runtime.thread_ids()
        except NotReadableError as error:
            self.close()
            self.python, self.problem = False, str(error)

    def close(self) -> None:
        """Close its memory."""
        if self.runtime is not None:
            self.runtime.close()
            self.runtime = None


class SampledThread:
    """A thread of the tree, and the reader of its transitions."""

    def __init__(self, words: memoryview, id: int, slot: int, pid: int, tid: int, started_ns: int) -> None:
        self.id = id
        self.slot = slot
        self.pid = pid
        self.tid = tid
        self.name = _comm(pid, tid)
        self.started_ns = started_ns
        self.started_by = 0
        self.ended_ns: int | None = None
        self.has_python_state = False
        self.lock_waits = NO_LOCK_WAITS
        self.gil_held = 1.0
        self.last_ns = started_ns
        self._words = words
        self._ring = RingReader(words, started_ns)

    @property
    def lost(self) -> int:
        """Transitions that were overwritten before they were read."""
        return self._ring.lost

    @property
    def known_gil(self) -> int:
        """The number of the GIL that it needs; 0: none."""
        if self._words[WORKER] != self.id or not self.has_python_state:
            return 0
        number: int = self._words[GIL]
        return self.pid if number == UNSET else number

    @property
    def until_ns(self) -> int:
        """When it was last sampled."""
        until_ns: int = self._words[LAST] if self._words[WORKER] == self.id else 0
        return until_ns

    def reader(self) -> SampledThread:
        """Reads what it does."""
        return self

    def read(self) -> list[int]:
        """Its transitions since the last call, as words of `protocol.block`."""
        if self._words[WORKER] != self.id:
            return self._ending([])
        return self._ending(self._ring.read())

    def _ending(self, words: list[int]) -> list[int]:
        if self.ended_ns is not None:
            last_ns = unpack(words[-1])[0] if words else self.last_ns
            words = [*words, pack(max(self.ended_ns, last_ns), State.ENDED)]
        if words:
            self.last_ns = unpack(words[-1])[0]
        return words


class SampledTree:
    """Samples a process and all below it; `receive` once a frame."""

    source = Source.SAMPLED
    ready = True
    losses: tuple[()] = ()
    overload = None
    has_unread = True

    def __init__(self, pid: int, problem: str | None = None, last_id: int = 0) -> None:
        """`problem`: why there is no better source; `last_id`: the threads' ids are larger."""
        self.problem = problem
        self.died = False
        self.threads: dict[int, SampledThread] = {}
        self.processes: dict[int, SampledProcess] = {}
        self.not_shown = 0
        self._tree = ProcessTree(pid)
        self._slots = Block.create()
        self._sampler = SamplerClient(self._slots)
        self._free = list(range(SLOTS - 1, -1, -1))
        self._by_ids: dict[tuple[int, int], SampledThread] = {}
        self._last_id = last_id
        self._found_ns = 0

    @property
    def pid(self) -> int:
        """Process id of the sampling process."""
        return self._sampler.pid

    @property
    def until_ns(self) -> int:
        """Up to when what threads do is known."""
        return max((thread.until_ns for thread in self.threads.values()), default=0)

    def receive(self) -> None:
        """Receive the sampler's events, and find threads and processes that have come or gone."""
        self._sampler.receive()
        self.died = self._sampler.blind_to(-1)
        now_ns = time.perf_counter_ns()
        if now_ns - self._found_ns >= FIND_NS:
            self._found_ns = now_ns
            self._find(now_ns)

    def thread(self, pid: int, tid: int) -> SampledThread | None:
        """The living thread with these ids; None: there is none."""
        return self._by_ids.get((pid, tid))

    def abandon(self) -> None:
        """It is never overloaded, and nothing replaces it."""

    def forget(self, thread: SampledThread) -> None:
        """Forget a thread that has ended and has been read."""
        self.threads.pop(thread.id, None)

    def close(self) -> None:
        """End the sampler, and wait until it has ended."""
        self._sampler.close()
        for process in self.processes.values():
            process.close()
        self._slots.close()

    def _find(self, now_ns: int) -> None:
        tree = self._tree.read()
        for pid, stat in tree.items():
            if pid not in self.processes and stat.running:
                self.processes[pid] = SampledProcess(pid, stat.parent, now_ns)
        for pid, process in self.processes.items():
            if process.ended_ns is None and (pid not in tree or not tree[pid].running):
                process.ended_ns = now_ns
                process.close()
        found = {
            (pid, tid) for pid, process in self.processes.items() if process.ended_ns is None for tid in _tids(pid)
        }
        for key in self._by_ids.keys() - found:
            self._end(self._by_ids.pop(key), now_ns)
        for process in self.processes.values():
            if process.ended_ns is None:
                process.find_python_threads(now_ns)
        self.not_shown = 0
        for pid, tid in sorted(found - self._by_ids.keys()):
            self._start(pid, tid, now_ns)
        for thread in self._by_ids.values():
            self._set_python(thread)

    def _start(self, pid: int, tid: int, now_ns: int) -> None:
        if not self._free:
            self.not_shown += 1
            return
        use = thread_use(pid, tid)
        if use is None:
            return
        self._last_id += 1
        slot = self._free.pop()
        self._slots.clear(slot)
        words = self._slots.slot(slot)
        words[PID], words[NATIVE_ID], words[INTERPRETER] = pid, tid, _NATIVE
        words[CPU_BEFORE], words[LAST_RAN] = use.cpu_ns, now_ns
        words[RING_AT] = pack(now_ns, State.RUNNING)
        words[HEAD] = 1
        words.release()
        thread = SampledThread(self._sampler.block.slot(slot), self._last_id, slot, pid, tid, now_ns)
        self._by_ids[pid, tid] = self.threads[thread.id] = thread
        self._set_python(thread)
        self._sampler.watch(slot, thread.id)

    def _set_python(self, thread: SampledThread) -> None:
        python = thread.tid in self.processes[thread.pid].python_threads
        if python and not thread.has_python_state:
            thread.has_python_state = True
            words = self._slots.slot(thread.slot)
            words[INTERPRETER], words[GIL] = 0, thread.pid
            words.release()

    def _end(self, thread: SampledThread, now_ns: int) -> None:
        thread.ended_ns = now_ns
        self._sampler.watch(thread.slot, 0)
        self._free.insert(0, thread.slot)


def _tids(pid: int) -> Iterator[int]:
    with suppress(OSError):
        yield from map(int, os.listdir(f"/proc/{pid}/task"))


def _comm(pid: int, tid: int) -> str:
    with suppress(OSError), open(f"/proc/{pid}/task/{tid}/comm", "rb") as file:
        return file.read().decode(errors="replace").strip()
    return ""
