"""Scheduling records of one process become states of its threads. Pure.

A thread's *episode* goes from a wake-up to the next time it blocks. What it blocked in before and after, by the address
of the futex, shows whether it held the GIL meanwhile. CPython waits for the GIL at `cond`, with a time-out of one
switch interval; a thread that gave the GIL up on request waits at `switch_cond` until another has taken it. Example:

    time (ms)   thread 7                                  thread 8
    0           runs                                      blocks at cond: GIL_WAIT
    5.00                                                  wakes up, for 5 us: the time-out, a *request* for the GIL
    5.02        blocks at switch_cond: it held the GIL    (RELEASED while it asked)
    5.03                                                  wakes up
    5.04        wakes up, blocks at cond                  goes on for longer than BLIP_NS: it holds the GIL, RUNNING

So an episode after `cond` that isn't short, or ends elsewhere than at `cond`, begins with taking the GIL; one that ends
at `switch_cond` held it to the end. An episode after another wait took the GIL unless it soon blocks at `cond`, or
another thread holds it for certain: then it runs without, RELEASED. A thread that runs while another takes the GIL has
released it. A record is judged when LOOKAHEAD_NS more are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pconc_tui.kernel.records import (
    BLOCKED,
    IN,
    NO_CALL,
    NO_FUTEX,
    PREEMPTED,
    UNKNOWN,
    Exit,
    Fork,
    Lost,
    Record,
    Switch,
)
from pconc_tui.protocol.block import State

BLIP_NS = 200_000
"""An episode from `cond` to `cond` with less CPU time than this did not hold the GIL."""
LOOKAHEAD_NS = 1_000_000
WAKE_UP_NS = 20_000
"""A thread that gets a core later than this after the GIL was released for it has waited for a core."""
_SLACK = 0.95
"""Of a switch interval: a wait that lasted so long ended by its time-out."""


class Gil(NamedTuple):
    """Addresses in a `_gil_runtime_state`: each begins a lock at which threads wait; `end` follows the last."""

    cond: int
    mutex: int
    switch_cond: int
    switch_mutex: int
    end: int


class Transition(NamedTuple):
    """From this time on a thread is in this state."""

    time_ns: int
    tid: int
    state: State
    detail: int = 0
    """Address of the futex of a `LOCK`."""


class Request(NamedTuple):
    """A thread that has waited for the GIL for a switch interval asks its holder to release it."""

    time_ns: int
    tid: int


class Hold(NamedTuple):
    """A thread held a GIL without another taking it."""

    began_ns: int
    ended_ns: int
    tid: int


class Found(NamedTuple):
    """What records say; each list is ordered by time for each thread."""

    transitions: list[Transition]
    requests: list[Request]
    holds: list[Hold]


_COND, _SWITCH_COND, _MUTEX, _ELSEWHERE, _STARTING = range(5)
"""What a thread is blocked in, as far as the GIL is concerned."""


class _Thread:
    __slots__ = ("blocked_in", "blocked_ns", "gil", "is_python", "on_core", "shown", "shown_ns", "tid")

    def __init__(self, tid: int, gil: _Held, is_python: bool) -> None:
        self.tid = tid
        self.gil = gil
        self.is_python = is_python
        """Whether it has waited for a GIL, or is the main thread."""
        self.on_core = False
        self.blocked_in = _STARTING
        """Of the episode that it is in, or will be in."""
        self.blocked_ns = 0
        self.shown, self.shown_ns = State.UNKNOWN, 0
        """The last transition."""


class _Held:
    """A GIL, and the thread that holds it."""

    def __init__(self) -> None:
        self.holder: _Thread | None = None
        self.last: _Thread | None = None
        """The last that took it."""
        self.before: _Thread | None = None
        """The last that held it before the holder, or before no thread did."""
        self.taken_ns = self.released_ns = 0
        self.waiting: set[_Thread] = set()
        """Threads that are blocked at `cond`."""


class Episodes:
    """The threads of one process."""

    def __init__(self, pid: int, gils: Sequence[Gil] = (), interval_ns: int = 5_000_000) -> None:
        """`gils`: those that are enabled, the main interpreter's first; none: its threads run without a GIL.

        `interval_ns`: the switch interval.
        """
        self.handoffs = 0
        """How often a GIL was taken by another thread than the last time."""
        self.interval_ns = interval_ns
        self._pid = pid
        self._threads: dict[int, _Thread] = {}
        self._later: list[Record] = []
        self.know(gils)

    def know(self, gils: Sequence[Gil]) -> None:
        """Use these GILs from now on: an interpreter came or went, or the process has another program."""
        self._gils = tuple(gils)
        self._held = {gil: _Held() for gil in gils}
        self._no_gil = _Held()
        self._places: dict[int, tuple[int, _Held | None]] = {NO_FUTEX: (_ELSEWHERE, None), UNKNOWN: (_ELSEWHERE, None)}
        main = self._held[gils[0]] if gils else self._no_gil
        self._main = main
        for thread in self._threads.values():
            thread.gil = main

    def add(self, records: Iterable[Record], watermark_ns: int) -> Found:
        """Judge these records and those left from before; `watermark_ns`: all until then are known.

        Records of other processes are none of its business; a `Lost` is of all.
        """
        found = Found([], [], [])
        pending = [*self._later, *records]
        settled_ns = watermark_ns - LOOKAHEAD_NS
        ends = self._ends(pending)
        number = 0
        for number, record in enumerate(pending):
            if record.time_ns > settled_ns:
                self._later = pending[number:]
                return found
            if type(record) is Switch:
                self._switch(record, ends[number], found)
            else:
                self._other(record, found)
        self._later = []
        return found

    def _ends(self, records: list[Record]) -> list[tuple[int, int, int] | None]:
        """For each switch onto a core how its episode ends: `(futex, time_ns, CPU time in ns)`; None: not known yet."""
        ends: list[tuple[int, int, int] | None] = [None] * len(records)
        following: dict[int, tuple[int, int, int]] = {}
        """By thread: how its episode ends, and since when it is off the core."""
        off_ns: dict[int, int] = {}
        for number in range(len(records) - 1, -1, -1):
            record = records[number]
            if type(record) is not Switch:
                continue
            time_ns, _, tid, _, way, futex = record
            if way == IN:
                end = following.get(tid)
                if end is not None:
                    ends[number] = following[tid] = (end[0], end[1], end[2] + off_ns[tid] - time_ns)
            else:
                off_ns[tid] = time_ns
                if way == BLOCKED and self._place(futex)[0] != _MUTEX:
                    following[tid] = (futex, time_ns, 0)
        return ends

    def _place(self, futex: int) -> tuple[int, _Held | None]:
        place = self._places.get(futex)
        if place is None:
            place = (_ELSEWHERE, None)
            for gil in self._gils:
                if gil.cond <= futex < gil.end:
                    is_cond, is_switch_cond = futex < gil.mutex, gil.switch_cond <= futex < gil.switch_mutex
                    place = _COND if is_cond else _SWITCH_COND if is_switch_cond else _MUTEX, self._held[gil]
            if len(self._places) < 4096:
                self._places[futex] = place
        return place

    def _switch(self, record: Switch, end: tuple[int, int, int] | None, found: Found) -> None:
        time_ns, _, tid, _, way, futex = record
        thread = self._threads.get(tid) or self._new(tid)
        if way == IN:
            if not thread.on_core:
                thread.on_core = True
                if thread.shown is State.CORE_WAIT:
                    if thread.gil.holder is None:
                        self._claim(thread, time_ns, found)
                    self._show(thread, time_ns, self._running(thread), found)
                else:
                    self._start(thread, time_ns, end, found)
            return
        thread.on_core = False
        if way == PREEMPTED:
            self._show(thread, time_ns, State.CORE_WAIT, found)
            return
        where, gil = self._place(futex)
        if gil is not None:
            thread.gil, thread.is_python = gil, True
        held = thread.gil
        if where == _MUTEX:
            self._show(thread, time_ns, State.GIL_WAIT, found)
            return
        if where == _SWITCH_COND and held.holder is not thread and held.before is not thread:
            self._take(thread, time_ns, found)  # It held it unnoticed.
        if held.holder is thread and futex != NO_CALL:
            self._release(held, time_ns, found)
        thread.blocked_in, thread.blocked_ns = where, time_ns
        if where == _COND:
            held.waiting.add(thread)
        if where != _ELSEWHERE:
            self._show(thread, time_ns, State.GIL_WAIT, found)
        elif futex > 0:
            self._show(thread, time_ns, State.LOCK, found, futex)
        else:
            self._show(thread, time_ns, State.UNKNOWN if futex == UNKNOWN else State.IO, found)

    def _start(self, thread: _Thread, time_ns: int, end: tuple[int, int, int] | None, found: Found) -> None:
        """An episode begins, or goes on after a wait for a mutex of the GIL."""
        held = thread.gil
        held.waiting.discard(thread)
        waited_gil = thread.blocked_in == _COND
        if end is not None and end[2] < BLIP_NS and self._place(end[0])[0] == _COND:
            if waited_gil and time_ns - thread.blocked_ns >= _SLACK * self.interval_ns:
                found.requests.append(Request(time_ns, thread.tid))
            self._show(thread, time_ns, State.RELEASED, found)
            return
        if waited_gil:
            if held.holder is None and thread.blocked_ns < held.released_ns < time_ns - WAKE_UP_NS:
                self._show(thread, max(held.released_ns, thread.shown_ns), State.CORE_WAIT, found)
            self._take(thread, time_ns, found)
        else:
            self._claim(thread, time_ns, found)
        self._show(thread, time_ns, self._running(thread), found)

    def _claim(self, thread: _Thread, time_ns: int, found: Found) -> None:
        """A thread runs that did not wait for the GIL: it takes it, if no other holds it for certain."""
        held = thread.gil
        if held.holder is None or (thread.is_python and not held.waiting):
            self._take(thread, time_ns, found)

    def _running(self, thread: _Thread) -> State:
        held = thread.gil
        return State.RUNNING if held is self._no_gil or held.holder in (thread, None) else State.RELEASED

    def _take(self, thread: _Thread, time_ns: int, found: Found) -> None:
        held = thread.gil
        if held is self._no_gil or held.holder is thread:
            return
        if held.holder is not None:
            before = held.holder
            self._release(held, time_ns, found)
            if before.on_core:
                self._show(before, time_ns, State.RELEASED, found)
        if held.last is not thread:
            self.handoffs += held.last is not None
            held.last = thread
        held.holder, held.taken_ns = thread, time_ns

    def _release(self, held: _Held, time_ns: int, found: Found) -> None:
        if held.holder is not None:
            found.holds.append(Hold(held.taken_ns, time_ns, held.holder.tid))
            held.before = held.holder
            held.holder, held.released_ns = None, time_ns

    def _show(self, thread: _Thread, time_ns: int, state: State, found: Found, detail: int = 0) -> None:
        thread.shown, thread.shown_ns = state, time_ns
        found.transitions.append(Transition(time_ns, thread.tid, state, detail))

    def _new(self, tid: int) -> _Thread:
        thread = self._threads[tid] = _Thread(tid, self._main, tid == self._pid)
        return thread

    def _other(self, record: Record, found: Found) -> None:
        if isinstance(record, Lost):
            for held in self._held.values():
                self._release(held, record.since_ns, found)
                held.waiting.clear()
            for thread in self._threads.values():
                thread.on_core = False
                thread.blocked_in = _STARTING
                self._show(thread, max(record.since_ns, thread.shown_ns), State.UNKNOWN, found)
        elif isinstance(record, Fork):
            if record.pid == self._pid:
                self._show(self._new(record.tid), record.time_ns, State.STARTING, found)
        elif isinstance(record, Exit) and record.tid in self._threads:
            thread = self._threads.pop(record.tid)
            if thread.gil.holder is thread:
                self._release(thread.gil, record.time_ns, found)
            thread.gil.waiting.discard(thread)
            self._show(thread, record.time_ns, State.ENDED, found)
