"""How long a thread that has been woken up waits for a core: records don't have that, its queue clock has. Pure.

A record says when a thread blocks and when it next gets a core; not when it was woken up in between. The kernel adds up
for each thread how long it has been ready without a core. What of that the records don't show as preemption are waits
after a wake-up. Example, in ms, of a thread that slept on a busy machine:

    records        10.0 blocked    25.0 gets a core    26.0 preempted    28.0 gets a core
    queue clock    grew by 7.0: 2.0 of them preempted, so the other 5.0 are before 25.0: it was woken up at 20.0

A wait for the GIL ends after a switch interval at the latest: what it lasted longer was waiting for a core. Where the
thread was woken up several times between two readings of the clock, what is left of it is divided in three steps, each
time equally, as far as each can have waited:

    first     those that got a core which another thread of the process had until then (`core_use`)
    then      others that got one which none of them had, unless they waited for the GIL, as records show or as is
              judged when these are divided: the thread that releases it mostly blocks at once, so that
              its core is free
    at last   all

The clock is read a moment after the last of the records: what it counts of that moment is in the records that come
next, so it is subtracted from these. The clock of a thread that has ended can't be read: after its last wake-ups it is
taken to have waited for as long as after those before, on average. So the clock of a thread that is new is read early
too, before the records are, whenever its life has become a twenty-fifth longer; each such reading is for the wake-ups
before it, once their records have come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container
from typing import NamedTuple

from pconc_tui.kernel.records import BLOCKED
from pconc_tui.sampler.core_use import JUST_WOKEN, UNUSED

SHORTEST_NS = 25_000
"""Shorter waits are shown with the next, where these last so long together: each that is shown costs CPU time."""
NEAR_NS = 60_000
"""A thread runs from a little before the record of its getting a core."""
LATE_NS = 10_000
"""Or from a little after it."""
PART = 25
"""The clock is read early when a thread's life has become longer by one part of so many: no more of it is unread."""
NEW_NS = 5_000_000_000
"""It is not read early any more when a thread is older: records are read as often."""
MOST_AHEAD_NS = 50_000_000
"""By more than this the clock is not ahead of the records, or behind them."""


class _WakeUp(NamedTuple):
    time_ns: int
    """When it got a core."""
    late_ns: int
    """So long it has waited for that at least."""
    most_ns: int
    """And so much longer at most."""
    taken_ns: int
    """Of that, for how long others have had its core; `UNUSED`, or `JUST_WOKEN`."""


class _Wait(NamedTuple):
    time_ns: int
    """When it got a core."""
    ns: int
    """For so long it is shown to have waited for that."""
    blocked_ns: int
    """When it blocked before."""


class WakeUps:
    """One thread's."""

    __slots__ = (
        *("_blocked_ns", "_preempted_ns", "_queued_ns", "_shown_ns", "_ahead_ns", "_waits", "_woken"),
        *("_interval_ns", "_wake_ups", "_waited_ns", "_left_ns", "left_out", "slices"),
        *("_started_ns", "_early", "_next_ns"),
    )

    def __init__(self, started_ns: int = 0) -> None:
        """`started_ns`: when it was started, and its queue clock was zero; 0: before it was recorded."""
        self._blocked_ns, self._preempted_ns = 0, started_ns
        """Since when it is blocked, and preempted or new; 0: it is not."""
        self._queued_ns = 0 if started_ns else None
        self._started_ns = started_ns
        self._early: deque[tuple[int, int]] = deque()
        """What the clock read, and when, of times the records of which come later."""
        self._next_ns = 0
        """When it is read early again."""
        self._ahead_ns = 0
        """What the clock, when it was read, counted that the records did not show yet."""
        self._shown_ns = 0
        """Of the queue clock, what records show as preemption since it was read."""
        self._interval_ns = 0
        """After this it is woken up in any case; 0: it is not."""
        self._woken: list[_WakeUp] = []
        """Since the clock was read."""
        self._waits: deque[_Wait] = deque()
        self._left_ns = 0
        """Of these, what is too short to be shown."""
        self._wake_ups = self._waited_ns = 0
        """How many there were, as far as the clock was read after that, and for how long it has waited."""
        self.left_out = 0
        """Wake-ups since the clock was read that no record was passed on of."""
        self.slices = 0
        """How often it got a core."""

    @property
    def has_no_core(self) -> bool:
        """By its last record."""
        return bool(self._blocked_ns or self._preempted_ns)

    @property
    def is_due(self) -> bool:
        """Whether its queue clock should be read."""
        return bool(self._woken) or self._queued_ns is None

    @property
    def has_waits(self) -> bool:
        """Whether there are some that `waited_ns` has not returned."""
        return bool(self._waits)

    def gets_core(self, time_ns: int, taken_ns: int = UNUSED) -> None:
        """This thread gets a core. `taken_ns`: for how long others have had that, by `CoreUse`."""
        self.slices += 1
        while self._early and self._early[0][0] < time_ns:
            self._read(self._early.popleft()[1])
        if self._blocked_ns:
            self._woken.append(_woken(time_ns, time_ns - self._blocked_ns, taken_ns, self._interval_ns))
        elif self._preempted_ns:
            self._shown_ns += time_ns - self._preempted_ns
        self._blocked_ns = self._preempted_ns = 0

    def loses_core(self, time_ns: int, way: int, interval_ns: int = 0) -> None:
        """This thread loses its core, in this way of a `Switch`.

        `interval_ns`: that of switches if it waits for the GIL, else 0.
        """
        if way == BLOCKED:
            self._blocked_ns, self._preempted_ns, self._interval_ns = time_ns, 0, interval_ns
        else:
            self._preempted_ns, self._blocked_ns = time_ns, 0

    def is_new(self, now_ns: int) -> bool:
        """Whether its queue clock is read early."""
        return now_ns - self._started_ns < NEW_NS

    def is_due_early(self, now_ns: int) -> bool:
        """Whether its queue clock should be read before its records are; not while it has never blocked."""
        return now_ns >= self._next_ns and bool(self._blocked_ns or self._woken or self._wake_ups)

    def read_early(self, now_ns: int, queued_ns: int) -> None:
        """Its queue clock now, which is for the wake-ups up to now; their records come later."""
        self._early.append((now_ns, queued_ns))
        self._next_ns = now_ns + (now_ns - self._started_ns) // PART

    def read(self, queued_ns: int, gil_waits: Container[int] = (), interval_ns: int = 0) -> None:
        """Its queue clock now.

        `gil_waits`: when it got a core after waits for the GIL that no record shows; `interval_ns`: that of switches.
        """
        if gil_waits:
            self._woken = [
                _woken(each.time_ns, each.most_ns, each.taken_ns, interval_ns) if each.time_ns in gil_waits else each
                for each in self._woken
            ]
        self._read_earlier()
        self._read(queued_ns)

    def _read_earlier(self) -> None:
        """Take what was read early for all records so far."""
        while self._early:
            self._read(self._early.popleft()[1])

    def _read(self, queued_ns: int) -> None:
        if self._queued_ns is not None:
            total_ns = self._ahead_ns + queued_ns - self._queued_ns - self._shown_ns
            left_ns = max(0, total_ns - sum(each.late_ns for each in self._woken))
            more_ns, waited_ns = self._divided(left_ns)
            waits_ns = sum(map(self._wait, self._woken, more_ns))
            self._wake_ups += len(self._woken)
            self._waited_ns += waits_ns
            total_ns -= waits_ns + waited_ns * self.left_out
            self._ahead_ns = max(-MOST_AHEAD_NS, min(total_ns, MOST_AHEAD_NS))
        self._queued_ns, self._shown_ns, self.left_out = queued_ns, 0, 0
        self._woken.clear()

    def _divided(self, total_ns: int) -> tuple[list[int], int]:
        """How long each wait is, and each of those left out, if they last so long together."""
        most_ns, taken_ns = [each.most_ns for each in self._woken], [each.taken_ns for each in self._woken]
        given_ns = [0] * len(most_ns)
        firsts = []
        if total_ns and max(taken_ns, default=0) > 0:
            firsts.append([ns if ns > 0 else 0 for ns in taken_ns])
        if total_ns and UNUSED in taken_ns:
            firsts.append([most if taken == UNUSED else 0 for most, taken in zip(most_ns, taken_ns, strict=True)])
        left_ns, room_ns = total_ns, most_ns
        for first_ns in firsts:
            equal_ns = _equal_ns(left_ns, [ns for ns in first_ns if ns], 0)
            given_ns = [ns + min(equal_ns, first) for ns, first in zip(given_ns, first_ns, strict=True)]
            left_ns = total_ns - sum(given_ns)
            room_ns = [most - ns for most, ns in zip(most_ns, given_ns, strict=True)]
        equal_ns = _equal_ns(left_ns, room_ns, self.left_out) if left_ns else 0
        if equal_ns:
            given_ns = [ns + min(equal_ns, room) for ns, room in zip(given_ns, room_ns, strict=True)]
        return given_ns, equal_ns

    def end(self) -> None:
        """The thread has ended."""
        self._read_earlier()
        for each in self._woken:
            self._wait(each, min(self._waited_ns // max(1, self._wake_ups), each.most_ns))
        self._woken.clear()

    def waited_ns(self, time_ns: int) -> int:
        """How long it had waited for a core when it began to run at this time."""
        waits = self._waits
        while waits and waits[0][0] < time_ns - LATE_NS:
            waits.popleft()
        if waits:
            got_core_ns, ns, blocked_ns = waits[0]
            # It may have run, blocked and woken up again so soon.
            if got_core_ns <= time_ns + NEAR_NS and blocked_ns <= time_ns:
                waits.popleft()
                return ns
        return 0

    def _wait(self, woken: _WakeUp, more_ns: int) -> int:
        """It had waited for so much longer than it is late. Returns for how long."""
        ns = woken.late_ns + more_ns
        self._left_ns += ns
        if self._left_ns >= SHORTEST_NS:
            shown_ns = min(self._left_ns, woken.late_ns + woken.most_ns)
            blocked_ns = woken.time_ns - woken.late_ns - woken.most_ns
            self._waits.append(_new(_Wait, (woken.time_ns, shown_ns, blocked_ns)))
            self._left_ns -= shown_ns
        return ns


def _woken(time_ns: int, waited_ns: int, taken_ns: int, interval_ns: int) -> _WakeUp:
    """It gets a core after it was blocked for so long. `interval_ns`: as for `loses_core`."""
    late_ns = waited_ns - interval_ns
    if 0 < late_ns < interval_ns:
        waited_ns -= late_ns
    else:
        late_ns = 0  # In a longer one it was woken up more than once.
    if taken_ns > waited_ns:
        taken_ns = waited_ns
    elif taken_ns == UNUSED and interval_ns:
        taken_ns = JUST_WOKEN
    return _new(_WakeUp, (time_ns, late_ns, waited_ns, taken_ns))


def _equal_ns(total_ns: int, most_ns: list[int], more: int) -> int:
    """How long each wait is, none longer than its own `most_ns`, if they and so many more last `total_ns` together."""
    left = len(most_ns) + more
    for most in sorted(most_ns):
        if most * left >= total_ns:
            break
        total_ns -= most
        left -= 1
    return total_ns // left if left else max(most_ns, default=0)


_new = tuple.__new__
"""Faster than calling the class."""
