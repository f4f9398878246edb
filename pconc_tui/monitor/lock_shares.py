"""How long threads waited for locks, for how many different ones, and how often all were stopped. Pure.

The lanes say how long each thread waited. For what it did is read some times a tenth of a second, so that only parts
are known of it:

    thread 1   waited 0.6 of 1 s   of the readings 22 found A, 2 B        lock 0.6, one_lock 44 / 48 = 0.92
    thread 2   waited 0.6 of 1 s   22 found A, 2 B
    thread 3   waited 1 s          all found an event                     not counted: it waits for the others' ends
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pconc_tui.measurement import LockShares
from pconc_tui.protocol.observer_slots import ALL_STOPPED, AN_EVENT

WINDOW_NS = 1_000_000_000
FEWEST_NS = 300_000_000
"""Waits that were read for less time than this say little of what threads wait for."""


class LockWaits(NamedTuple):
    """How long a thread has waited for locks since observing began."""

    waited_ns: Mapping[int, int]
    """By the lock's number, or that of something else, as in `observer_slots`."""
    stops: int
    """How often it waited because another thread had stopped all."""


NO_LOCK_WAITS = LockWaits({}, 0)


class LockTimes(NamedTuple):
    """One thread, since observing began or within a stretch."""

    waited_ns: Mapping[int, int]
    """As in `LockWaits`: the parts of its waiting."""
    stops: int
    lock_s: float
    """For how long it waited, by its lane."""
    wall_s: float

    def since(self, before: LockTimes) -> LockTimes:
        """What has come since then."""
        waited_ns = {number: ns - before.waited_ns.get(number, 0) for number, ns in self.waited_ns.items()}
        lock_s, wall_s = self.lock_s - before.lock_s, self.wall_s - before.wall_s
        return LockTimes(waited_ns, self.stops - before.stops, max(0.0, lock_s), max(0.0, wall_s))


class RecentLocks:
    """What the threads of a program waited for over the last second, and since the beginning; `add` twice a second."""

    def __init__(self) -> None:
        self.recent: LockShares | None = None
        self.all: LockShares | None = None
        self._before: deque[tuple[int, dict[int, LockTimes]]] = deque()

    def add(self, now_ns: int, threads: dict[int, LockTimes]) -> None:
        """How long each thread waited until now, by its id."""
        self._before.append((now_ns, threads))
        while len(self._before) > 2 and self._before[1][0] <= now_ns - WINDOW_NS:
            self._before.popleft()
        before = self._before[0][1]
        self.all = lock_shares(threads.values())
        self.recent = lock_shares([times.since(before[id]) for id, times in threads.items() if id in before])


def lock_shares(threads: Iterable[LockTimes]) -> LockShares | None:
    """What they waited for altogether; None: unknown."""
    known = [each for each in threads if each.wall_s > 0]
    waited_ns: Counter[int] = Counter()
    by_lock: dict[int, int] = {}
    lock_s = stopped_s = wall_s = 0.0
    for each in known:
        total_ns = sum(each.waited_ns.values())
        event = each.waited_ns.get(AN_EVENT, 0) / total_ns if total_ns else 0.0
        stopped = each.waited_ns.get(ALL_STOPPED, 0) / total_ns if total_ns else 0.0
        if event > 0.5:
            continue  # It waits for the others' ends.
        wall_s += each.wall_s
        lock_s += each.lock_s * (1 - event - stopped)
        stopped_s += each.lock_s * stopped
        for number, ns in each.waited_ns.items():
            if number >= 0 and ns > 0:
                waited_ns[number] += ns
                by_lock[number] = by_lock.get(number, 0) + 1
    if not wall_s:
        return None
    total_ns = sum(waited_ns.values())
    most = max((ns for number, ns in waited_ns.items() if by_lock[number] > 1), default=0)
    one_lock = most / total_ns if total_ns >= FEWEST_NS else None
    stops_per_s = max(each.stops / each.wall_s for each in known)
    return LockShares(lock_s / wall_s, one_lock, stopped_s / wall_s, stops_per_s)
