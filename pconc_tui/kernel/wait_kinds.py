"""What threads are most likely blocked in, where records don't say it and no sample found it. Pure.

A thread waits for the GIL only if another holds it, and so is on a core or waits for one, or has asked for it. If it
had just woken up and ran for a moment only, that is nearly always why it blocks again. Otherwise samples decide. Waits
of one kind are alike: about as long, after and before as much running. A sample finds a wait the more likely the longer
it is, so among waits of one kind the samples show the shares of time. The others get places by these shares; while
there are few samples of a kind, wider ones count too. Example, of waits of one kind, 1 ms each:

    samples so far     3 at the GIL, 1 at a lock
    the next waits     GIL   GIL   lock   GIL   GIL   GIL   lock   GIL

Threads may run different code: one waits for events where its helpers wait for work at a lock. So samples of others
count by how much more often, or less, this thread is found at the GIL, at a lock or in a call than all are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from typing import NamedTuple, TypeAlias

from pconc_tui.kernel.gil_wait_count import GilWaitCount
from pconc_tui.kernel.thread import Place, Rivals

Found: TypeAlias = "tuple[Place, int]"
"""What a thread is blocked in, and the address of the futex; 0: it is the GIL's, or none."""

AT_GIL: Found = Place.COND, 0
AT_MUTEX: Found = Place.MUTEX, 0
IN_CALL: Found = Place.ELSEWHERE, 0
GUESS = 2.0
"""So many samples of one kind of waits count as much as all of a wider one; and of one thread, as those of all."""
KEPT = 64.0
"""More samples of a kind than this count as fewer: a program may begin to do something else."""
FEWEST = 0.5
MOST_PLACES = 64
"""Of the places of one thread's waits of a kind, so many are kept: it may use ever new locks."""


INTERVAL = 3
"""The length of a wait of about one switch interval."""
TOO_LONG = INTERVAL + 6
"""From this length on, 1.6 switch intervals, no wait for the GIL lasts, unless the thread then waits for a core."""
SHORT_NS = 50_000
"""All shorter waits are of one length."""


class Kind(NamedTuple):
    """What makes waits alike."""

    rivals: Rivals
    """Those for the GIL when the thread blocked."""
    asked: bool
    """Whether the thread ran for a moment only before, as if to ask for the GIL."""
    length: int
    """Class of its length."""
    asks: bool
    """Whether the thread only asks for the GIL afterwards."""


def found_at(place: Place, futex: int) -> Found:
    """What a thread is blocked in that was found here."""
    return AT_MUTEX if place is Place.MUTEX else (place, futex) if place > Place.MUTEX else AT_GIL


def length_of(waited_ns: int, interval_ns: int) -> int:
    """The class of this length. `interval_ns`: the switch interval, after which a wait for the GIL ends.

    CPython goes on waiting no sooner, and at once where a core is idle. A sleep of 1 ms is of another length than waits
    for the lock that others hold in such sleeps.
    """
    if 49 * interval_ns // 50 <= waited_ns < 11 * interval_ns // 10:
        return INTERVAL
    return INTERVAL + 1 + (10 * waited_ns // interval_ns).bit_length() if waited_ns >= SHORT_NS else 0


class WaitKinds:
    """Those of the threads of one process."""

    def __init__(self) -> None:
        self.gil_waits = GilWaitCount()
        self._samples: defaultdict[tuple[int, Hashable], dict[Found, float]] = defaultdict(dict)
        """Of each kind of each thread, of each of all threads, and of several kinds together."""
        self._known: dict[tuple[int, Kind], dict[Found, float]] = {}
        """What `_shares` has returned since the last sample."""
        self._unassigned: defaultdict[tuple[int, Kind], defaultdict[Found, float]] = defaultdict(
            lambda: defaultdict(float)
        )
        """Of each kind of each thread, the time in ns that samples give each place, less that of the waits it got."""

    def sampled(self, tid: int, found: Found) -> None:
        """A sample found the thread blocked here; of which kind the wait is, is not known yet."""
        self._count((tid, None), found)
        self._count((0, None), found)

    def learn(self, tid: int, kind: Kind, found: Found) -> None:
        """A wait in which a sample found the thread blocked here turned out to be of this kind."""
        for key in _keys(tid, kind):
            self._count(key, found)

    def read(self, gil_waits: int) -> None:
        """So many waits for the GIL have begun until now."""
        self.gil_waits.read(gil_waits)
        self._known.clear()

    def decide(self, tid: int, kind: Kind, waited_ns: int) -> Found:
        """What the thread was most likely blocked in."""
        unassigned = self._unassigned[tid, kind]
        if len(unassigned) > MOST_PLACES:
            unassigned.clear()
        shares = self._known.get((tid, kind))
        if shares is None:
            shares = self._known[tid, kind] = self._shares(tid, kind)
        for found, share in shares.items():
            unassigned[found] += waited_ns * share
        likely = max(unassigned, key=unassigned.__getitem__)
        unassigned[likely] -= waited_ns
        return likely

    def forget(self, tid: int) -> None:
        """The thread has ended."""
        self._samples = defaultdict(dict, {key: each for key, each in self._samples.items() if key[0] != tid})
        self._known.clear()
        for key in [key for key in self._unassigned if key[0] == tid]:
            del self._unassigned[key]

    def _count(self, key: tuple[int, Hashable], found: Found) -> None:
        self._known.clear()
        counts = self._samples[key]
        counts[found] = counts.get(found, 0.0) + 1
        if sum(counts.values()) > KEPT:
            self._samples[key] = {each: count / 2 for each, count in counts.items() if count / 2 >= FEWEST}

    def _shares(self, tid: int, kind: Kind) -> dict[Found, float]:
        """In what part of the time threads are blocked where, in waits of this kind."""
        timed_out = kind.rivals and kind.length == INTERVAL and kind.asks
        contended = timed_out or kind.rivals in (Rivals.ASKED, Rivals.READY)
        contended = contended or self.gil_waits.are_most
        only_gil = self._samples.get((tid, None), {}).keys() == {AT_GIL}
        may_be_gil, is_long = kind.rivals or kind.asked or contended or only_gil, kind.length >= TOO_LONG
        gil = self.gil_waits.most
        shares: dict[Found, float] = {AT_GIL: gil, IN_CALL: 1 - gil} if contended else {}
        weights = self._weights(tid)
        for key in ((tid, None), *reversed(_keys(tid, kind))):
            counts = self._samples.get(key, {})
            if not may_be_gil or (is_long and key[1] in (None, kind[:2])):
                counts = {found: count for found, count in counts.items() if found[0] > Place.MUTEX}
            if not key[0]:
                counts = {found: count * weights[_what(found)] for found, count in counts.items()}
            if counts:
                guess = GUESS if shares else 0.0
                total = sum(counts.values()) + guess
                shares = {
                    found: (counts.get(found, 0.0) + guess * shares.get(found, 0.0)) / total
                    for found in counts.keys() | shares.keys()
                }
        return shares or {IN_CALL: 1.0}

    def _weights(self, tid: int) -> dict[int, float]:
        """How much samples of all threads count for this one, by what they found: more where it is more often."""
        weights = {}
        everyone, own = (self._samples.get((each, None), {}) for each in (0, tid))
        total, own_total = sum(everyone.values()) + 3, sum(own.values()) + GUESS
        for what in (_GIL, _LOCK, _CALL):
            count, own_count = (
                sum(count for found, count in each.items() if _what(found) == what) for each in (everyone, own)
            )
            share = (count + 1) / total
            weights[what] = (own_count + GUESS * share) / own_total / share
        most = max(weights.values())
        return {what: weight / most for what, weight in weights.items()}


_GIL, _LOCK, _CALL = range(3)


def _what(found: Found) -> int:
    return _GIL if found[0] <= Place.MUTEX else _LOCK if found[1] > 0 else _CALL


def _keys(tid: int, kind: Kind) -> tuple[tuple[int, Hashable], ...]:
    """From the narrowest to the widest."""
    return (tid, kind), (0, kind), (tid, kind[:2]), (0, kind[:2]), (0, (kind.rivals, kind.length))
