"""Threads that hold the GIL for a moment, which looks like only having asked for it. Pure.

A thread that wakes up from waiting for the GIL, and after some us waits for it again, mostly found it taken; but it may
have held it meanwhile. What other threads do next shows which. All of this is common where threads share a core,
since the kernel lets a thread that is woken up take the core of the one that wakes it. Example, in us:

    thread 7                        thread 8                       thread 9
    0    wakes up from `cond`       waits at `cond`                at `switch_cond`: it gave the GIL up on request
    20                                                             40   wakes up: another took the GIL since, so 7 did
    50   releases it: 8 wakes up
    51   loses its core             51   wakes up from `cond`
    55   gets it back               55   finds the mutex locked    so 7 has it, to release the GIL: it held the GIL
    58   loses its core             58   takes the GIL
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pconc_tui.kernel.gil import Gil, Holder
from pconc_tui.kernel.gil_tracking import GilTracking
from pconc_tui.kernel.lookahead import End, Wait, meanwhile
from pconc_tui.kernel.outside import Outside
from pconc_tui.kernel.records import Record
from pconc_tui.kernel.thread import BLIP_NS, ELSEWHERE, REQUEST_NS, Place, Thread
from pconc_tui.protocol.block import State

TIMED_OUT = 0.95
"""A wait for the GIL that lasts so many switch intervals ends with its time-out, others when the GIL is released."""
RETRY_NS = 12_000
"""A thread that waits for the same lock again so soon did not get it, as another had been faster."""
RELEASED_NS = 100_000
"""Which it can only have been woken up for by a thread that has run since: with none, its wait has timed out."""


class Ahead(NamedTuple):
    """What is known when a record is judged."""

    records: Sequence[Record | Outside] = ()
    ends: Sequence[End | Wait | None] = ()


class ShortHolds(GilTracking):
    """The threads of a process, its GILs, and what is known ahead."""

    def __init__(self, gils: Sequence[Gil], interval_ns: int) -> None:
        super().__init__(gils)
        self.interval_ns = interval_ns
        self._ahead = Ahead()
        self._number = 0
        """Of the record that is judged, in `_ahead`."""

    def _takes_before(self, thread: Thread, end: End) -> bool | None:
        """Whether a thread that wakes up and soon loses its core takes the GIL before; None: nothing shows it.

        If another that waits for the GIL's mutex takes the GIL then, it does not. If another is woken up by its
        releasing the GIL, and finds the mutex locked, it does.
        """
        if end.slice_ns >= min(BLIP_NS, end.cpu_ns):
            return None
        for switch, other_end in meanwhile(*self._ahead, self._number):
            other = self._threads.get(switch.tid)
            if other is None or other.is_ready or other.place is not _COND or other.holder is not thread.holder:
                continue
            if other.is_undecided:
                ends_at = self._places.get(other_end.futex, ELSEWHERE)[0]
                if other_end.cpu_ns >= REQUEST_NS or (other_end.blocked and ends_at in _NOT_FOR_GIL):
                    return False
            elif other_end.passes and switch.time_ns - other.blocked_ns < TIMED_OUT * self.interval_ns:
                return True
        return None

    def _wakes_up(self, thread: Thread, holder: Holder[Thread], time_ns: int, end: End) -> None:
        """A thread wakes up from something else than waiting for the GIL: it may take it."""
        if thread.place is Place.SWITCH_COND and holder.before is thread and holder.thread is None:
            self._find_taker(holder)
        retries = end.blocked and end.cpu_ns < RETRY_NS and end.futex == thread.futex > 0
        if retries and self._may_have_released(thread, time_ns):
            thread.frees(thread.ran_ns)
        elif self._is_handed_over(thread, holder, end):
            self._take(thread, time_ns)
        else:
            self._claim(thread, time_ns)

    def _may_have_released(self, thread: Thread, time_ns: int) -> bool:
        """Whether another thread has just run, so that it may have released the lock that this one waited for."""
        since_ns = time_ns - RELEASED_NS
        return any(each.is_ready or each.blocked_ns > since_ns for each in self._threads.values() if each is not thread)

    def _find_taker(self, holder: Holder[Thread]) -> None:
        """A thread that gave the GIL up on request goes on, so another took it since, if only for a moment."""
        since_ns = holder.released_ns
        others = [
            each
            for each in self._threads.values()
            if each.blipped and each.holder is holder and (each.is_ready or each.blocked_ns > since_ns)
        ]
        if not others or any(each.is_undecided for each in others):
            return
        taker = max(others, key=lambda each: each.woke_ns)
        time_ns = max(since_ns, taker.shown_ns if taker.is_ready else taker.woke_ns)
        holder.take(taker, time_ns)
        if taker.on_core:
            self._show(taker, time_ns, State.RUNNING)
            self._show(taker, time_ns + 1, State.RELEASED)
        self._release(holder, time_ns + 1)

    def _is_handed_over(self, thread: Thread, holder: Holder[Thread], end: End) -> bool:
        """Whether a thread that wakes up must have the GIL, though another that has no core seems to hold it.

        That one has released it to do what wakes up this thread, and lost the core to it.
        """
        seems_held = holder.thread is not None and holder.thread.is_preempted
        at_lock = end.blocked and end.futex > 0 and end.futex not in self._places
        return seems_held and at_lock and end.cpu_ns >= RETRY_NS and thread.tid not in self.native_tids


_COND, _NOT_FOR_GIL = Place.COND, (Place.SWITCH_COND, Place.ELSEWHERE)
