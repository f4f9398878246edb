"""The observer of a process tree as the monitor uses it: its threads and what each did, from the kernel's records.

A `TreeObserver` starts a process of the sampler's, which observes a process, all processes below it, and those to come.
`receive` once a frame; then read each thread's transitions up to `until_ns`:

    observer = TreeObserver(pid)
    ...
    observer.receive()
    if observer.ready and observer.source is None: print(observer.problem)
    for thread in observer.threads.values():
        words = readers[thread.id].read()   # of `protocol.block`, by `thread.reader()`
    observer.close()
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from pconc_tui.monitor.child_process import ChildProcess
from pconc_tui.monitor.cpu_quota import CpuQuota
from pconc_tui.monitor.lock_shares import LockWaits
from pconc_tui.monitor.observed_thread import ObservedThread
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.lane_source import Source
from pconc_tui.protocol.observer_slots import OBSERVER_SLOTS, UNTIL

_START = Path(__file__).parents[1] / "sampler" / "__main__.py"
PERIOD_NS = 500_000_000
"""From one reading of the records to the next, at most; twice as often takes a tenth to a fifth more CPU time."""
WHILE_NEW_NS = 200_000_000
"""The same where threads have started lately, or more was asked for: workers may live for a moment only."""
REPLACED = "the process that observed it has ended, so sampling has replaced it"
"""Why an observer that has `died` is of no use any more."""
IDLE_BUDGET_NS = 750_000_000
"""CPU time that an observer may use in a second while cores are idle; at other times that is less."""


def idle_budget_ns() -> int:
    """`IDLE_BUDGET_NS`; 0 where this program may not use all cores, so that idle ones mean nothing."""
    may_use_all = sys.platform == "linux" and len(os.sched_getaffinity(0)) == os.cpu_count()
    return IDLE_BUDGET_NS if may_use_all and CpuQuota().cores is None else 0


class Loss(NamedTuple):
    """A stretch in which records were lost: what threads did in it is unknown."""

    start_ns: int
    end_ns: int
    records: int
    """How many were lost."""


class ObservedProcess:
    """A process of the tree."""

    def __init__(self, pid: int, parent: int, command: str, started_ns: int) -> None:
        self.pid = pid
        self.parent = parent
        """Process id of its parent, or of the one that forked it if that has ended; 0: unknown."""
        self.command = command
        """Its command line; the name of its main thread where that can't be read."""
        self.started_ns = started_ns
        """When it was forked, or when observing began."""
        self.executed_ns: int | None = None
        """When it last executed another program; None: it has not."""
        self.ended_ns: int | None = None
        self.locks: dict[int, int] = {}
        """The addresses of the locks that its threads waited for, by number."""
        self.shown_locks: dict[int, int] = {}
        """The place of each lock, by number, among those that have been shown: the first is A."""
        self.holders: dict[int, int] = {}
        """The native id of the thread that holds each of these locks, as far as is known."""
        self.python: bool | None = None
        """Whether it runs CPython; None: not known yet."""
        self.problem: str | None = None
        """What can't be known of it, and why; None: nothing."""


class TreeObserver:
    """Observes a process and all below it; ends with this object's process. `receive` once a frame."""

    def __init__(self, pid: int, period_ns: int = PERIOD_NS, while_new_ns: int = WHILE_NEW_NS) -> None:
        """`period_ns`: from one reading of the records to the next, where no process is new and they are not many;
        `while_new_ns`: the same while threads are new.
        """
        self.ready = False
        """Whether it observes, or never will: then `source` is None."""
        self.source: Source | None = None
        """Where its lanes come from; None: not ready yet, or the system permits nothing."""
        self.problem: str | None = None
        """Why there is no better source, and how to get it; None: there is none."""
        self.threads: dict[int, ObservedThread] = {}
        """By `ObservedThread.id`; those that have ended stay until `forget`."""
        self.processes: dict[int, ObservedProcess] = {}
        """By process id."""
        self.losses: list[Loss] = []
        self.not_shown = 0
        """Threads for which there was no slot: more lived at once than can be shown."""
        self.died = False
        """Whether the observing process has ended."""
        self.until_ns = 0
        """All that happened up to this time is known. Read it before the transitions."""
        self.overload_hz: int | None = None
        """Switches a second with which it can't keep up, or only at a great cost; None: it keeps up."""
        self._is_stopping = False
        self._by_ids: dict[tuple[int, int], ObservedThread] = {}
        self._asked_ns = 0
        self.block = Block.create(OBSERVER_SLOTS)
        self._first = self.block.slot(0)
        try:
            self._child = ChildProcess(
                lambda events_fd: [
                    sys.executable,
                    "-I",
                    "-S",
                    str(_START),
                    "tree",
                    str(self.block.fd),
                    str(events_fd),
                    str(pid),
                    str(idle_budget_ns()),
                    str(period_ns),
                    str(while_new_ns),
                ],
                [self.block.fd],
                stderr=subprocess.DEVNULL,
            )
        except BaseException:
            self._first.release()
            self.block.close()
            raise

    @property
    def pid(self) -> int:
        """Process id of the observing process."""
        return self._child.pid

    @property
    def has_unread(self) -> bool:
        """Whether there is something to receive."""
        return self.died or self._first[UNTIL] != self.until_ns

    @property
    def overload(self) -> str | None:
        """That it can't keep up, for what has replaced it; None: it keeps up."""
        if self.overload_hz is None:
            return None
        hz = f"{float(f'{self.overload_hz:.2g}'):,.0f}"
        return f"records of {hz} switches a second can't be kept up with, so sampling has replaced them"

    @property
    def events_fd(self) -> int:
        """Readable when there is something to receive."""
        return self._child.messages.fd

    def knows(self, time_ns: int) -> bool:
        """Whether all that happened up to this time is known; if not, the observer is asked to catch up.

        True as well where nothing will ever be known.
        """
        if self.died or (self.ready and self.source is None) or self.until_ns >= time_ns:
            return True
        if self._asked_ns < time_ns and not self._is_stopping:
            self._asked_ns = time_ns
            self._child.send(until_ns=time_ns)
        return False

    def thread(self, pid: int, tid: int) -> ObservedThread | None:
        """The newest thread with these ids; None: none is known."""
        return self._by_ids.get((pid, tid))

    def receive(self) -> None:
        """Receive the observer's events."""
        # The time is read before the events: so those up to then have been received.
        until_ns = self._first[UNTIL]
        events = self._child.messages.read()
        for event in events or ():
            self._handle(event)
        if events is None and not self.died:
            self.ready = self.died = True
            self.problem = "the observer has ended"
        self.until_ns = self._first[UNTIL] if self.died else until_ns

    def forget(self, thread: ObservedThread) -> None:
        """Forget a thread that has ended and has been read."""
        self.threads.pop(thread.id, None)
        if self._by_ids.get((thread.pid, thread.tid)) is thread:
            del self._by_ids[thread.pid, thread.tid]

    def stop(self) -> None:
        """Let it read what happened until now, and end; then it has `died`, and what it wrote can still be read."""
        self._child.send(until_ns=time.perf_counter_ns())
        self._child.ask_to_end()
        self._is_stopping = True

    def abandon(self) -> None:
        """Let it end, whatever it has not read yet."""
        self._child.ask_to_end()

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self._child.end()
        self._first.release()
        self.block.close()

    def _handle(self, event: dict[str, Any]) -> None:
        match event:
            case {"event": "ready", "source": source, "problem": problem}:
                self.ready = True
                self.source = None if source is None else Source(source)
                self.problem = problem
            case {"event": "process", "pid": pid, "parent": parent, "command": command, "started_ns": started_ns}:
                self.processes[pid] = ObservedProcess(pid, parent, command, started_ns)
            case {"event": "command", "pid": pid, "command": command, "executed_ns": executed_ns}:
                self.processes[pid].command, self.processes[pid].executed_ns = command, executed_ns
                for thread in self.threads.values():
                    thread.has_python_state = thread.has_python_state and thread.pid != pid
            case {"event": "python", "id": id}:
                if id in self.threads:
                    self.threads[id].has_python_state = True
            case {"event": "interpreter", "pid": pid, "python": python, "problem": problem}:
                self.processes[pid].python, self.processes[pid].problem = python, problem
            case {"event": "process_ended", "pid": pid, "ended_ns": ended_ns}:
                self.processes[pid].ended_ns = ended_ns
            case {"event": "thread", **fields}:
                thread = ObservedThread(self.block.slot(fields["slot"]), **fields)
                self.threads[thread.id] = self._by_ids[thread.pid, thread.tid] = thread
            case {"event": "name", "id": id, "name": name}:
                if id in self.threads:
                    self.threads[id].name = name
            case {"event": "ended", "id": id, "ended_ns": ended_ns}:
                if id in self.threads:
                    self.threads[id].ended_ns = ended_ns
            case {"event": "lock", "pid": pid, "number": number, "address": address}:
                self.processes[pid].locks[number] = address
            case {"event": "holders", "pid": pid, "holders": holders}:
                self.processes[pid].holders = dict(holders)
            case {"event": "lock_waits", "id": id, "waited_ns": waited_ns, "stops": stops}:
                if id in self.threads:
                    self.threads[id].lock_waits = LockWaits(dict(waited_ns), stops)
            case {"event": "lost", "start_ns": start_ns, "end_ns": end_ns, "records": records}:
                self.losses.append(Loss(start_ns, end_ns, records))
            case {"event": "overloaded", "switches_hz": switches_hz}:
                self.overload_hz = switches_hz
            case {"event": "not_shown", "threads": threads}:
                self.not_shown = threads
            case {"event": "read"}:
                pass
            case _:
                raise ValueError(f"unknown event of an observer: {event}")
