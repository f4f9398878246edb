"""Threads that are stopped, as by SIGSTOP, a debugger or a frozen cgroup, and go on later. Pure.

A thread that is blocked in a system call wakes up to be stopped, and once more to go on with its call: it needs the GIL
for neither, and what it held it keeps. The registers show it. A thread that computes has no call, so on record it may
as well wait for a page: it is stopped if another of its process is. Example, in us:

    thread 7, sleeps                thread 8, computes              shown
    0    wakes up                   10   blocked in no call
    20   blocked, stopped                                           both unknown
    300  wakes up                   300  goes on                    8 runs, and still holds the GIL
    320  blocked in the same call                                   7 sleeps
"""

from __future__ import annotations

from collections.abc import Sequence

from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.lookahead import End
from pconc_tui.kernel.records import NO_CALL, STOPPED
from pconc_tui.kernel.thread import BLIP_NS, Thread
from pconc_tui.kernel.unseen_waits import UnseenWaits
from pconc_tui.protocol.block import State


class StoppedThreads(UnseenWaits):
    """Those of one process."""

    def __init__(self, gils: Sequence[Gil], interval_ns: int) -> None:
        super().__init__(gils, interval_ns)
        self._stopped: set[Thread] = set()
        """Those that were blocked in a system call."""

    def _stops(self, thread: Thread, time_ns: int) -> None:
        """A thread is stopped in a system call: what it would do is unknown, and what those would that have none."""
        self._stopped.add(thread)
        self._show(thread, time_ns, State.UNKNOWN)
        for each in self._threads.values():
            if each.futex == NO_CALL and not each.is_ready:
                self._show(each, max(time_ns, each.shown_ns), State.UNKNOWN)

    def _only_stops(self, thread: Thread, time_ns: int, end: End) -> bool:
        """Whether a thread that was blocked gets a core only to be stopped, or to go on with its call."""
        if end.blocked and end.futex == STOPPED:
            thread.keeps_wait = True
            return True
        self._stopped.discard(thread)
        was_blocked, thread.keeps_wait = thread.keeps_wait, False
        if not was_blocked or not end.blocked or end.futex != thread.futex or end.cpu_ns >= BLIP_NS:
            return False
        thread.keeps_wait = True
        if thread.holder is None or thread.holder.thread is thread:
            self._show(thread, time_ns, State.RUNNING)
        else:
            thread.frees(thread.ran_ns)
            self._show(thread, time_ns, State.RELEASED)
        return True

    def _keeps_waiting(self, thread: Thread, time_ns: int) -> None:
        """A thread that was stopped is blocked in the same call as before."""
        thread.keeps_wait = False
        holds = thread.holder is not None and thread.holder.thread is thread
        self._show(thread, time_ns, *((State.BLOCKED_WITH_GIL, 0) if holds else thread.blocked_as))
