"""Which locks the threads of a process wait for, by the records and, where these don't say it, by its memory.

Until CPython 3.12 a lock is a semaphore: the futex at which a thread waits is the lock's address. From 3.13 on it is
mostly a semaphore of the waiting thread's own, beside which the thread has the lock's address. It can be read while
the thread waits, so a wait that no reading has met is one for an unknown lock. All readings together say how long
threads wait for which lock: each counts for the time since the one before.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from operator import itemgetter

from pconc_tui.cpython import Parked
from pconc_tui.kernel.found import Transition
from pconc_tui.kernel.lock_holders import LockHolders
from pconc_tui.protocol.block import State
from pconc_tui.protocol.observer_slots import ALL_STOPPED, AN_EVENT, UNKNOWN_LOCK
from pconc_tui.sampler.thread_slots import ThreadSlot

MOST_LOCKS = 26 * 27
"""Locks that have a letter: A to ZZ."""
SEMAPHORES = 3
"""The semaphores at which a thread waited last, of which one may have it now: one for each depth of its C stack."""
QUIET_NS = 1_000_000_000
"""A thread that has not started to wait for a lock for so long waits for none, or for the same one still."""
LONGEST_NS = 200_000_000
"""A reading counts for this time at most."""
REPORT_NS = 250_000_000
MISSES = 3
"""A semaphore is no thread's own if in so many readings a thread waits at it, but is not found parked there. One may be
wrong: the thread began to wait between two reads, or the list that it is in changed meanwhile."""
STATE_BYTES = 1024
"""What a thread waits for that is this near after the beginning of its PyThreadState is the state in that."""


class _Waiter:
    """What is known of one thread that has waited for locks."""

    def __init__(self, slot: ThreadSlot) -> None:
        self.slot = slot
        self.futex = 0
        """What it waits at; 0: it doesn't."""
        self.since_ns = 0
        self.number: int | None = None
        """Of the lock that it waits for; None: unknown."""
        self.began_ns = 0
        """When it last began to wait."""
        self.semaphores: deque[int] = deque(maxlen=SEMAPHORES)
        self.own: set[int] = set()
        """Semaphores at which it has been found parked: they are its own."""
        self.misses: Counter[int] = Counter()
        """In how many readings it waited at a semaphore, and was not found parked there."""
        self.waited_ns: Counter[int] = Counter()
        """By number of the lock."""
        self.stops = 0
        """How often it waited because all threads were stopped."""
        self.reported: object = None


class LockWaits:
    """The threads of one process."""

    def __init__(self, pid: int, slots: Mapping[int, ThreadSlot], report: Callable[..., None]) -> None:
        self.parks = True
        """Whether its threads may wait at semaphores of their own."""
        self.states: Mapping[int, int] = {}
        """The address of each thread's PyThreadState, by native id."""
        self._pid = pid
        self._slots = slots
        self._report = report
        self._numbers: dict[int, int] = {}
        """By address of the lock."""
        self._waiters: dict[int, _Waiter] = {}
        self._holders = LockHolders()
        self._reported_holders: dict[int, int] = {}
        self._stops_at: set[tuple[int, int]] = set()
        """Threads and semaphores at which they wait while all threads are stopped."""
        self._probed_ns = self._reported_ns = 0

    def add(self, transitions: Iterable[Transition]) -> None:
        """Threads of the process have new states; the transitions of each are in order."""
        tids = self._waiters.keys() | {tid for _, tid, state, _ in transitions if state is _LOCK}
        if tids:
            for each in sorted([each for each in transitions if each[1] in tids], key=_time):
                self._add(each)

    def _add(self, transition: Transition) -> None:
        time_ns, tid, state, futex = transition
        waiter = self._waiters.get(tid)
        if state is State.LOCK:
            if waiter is None and tid in self._slots:
                waiter = self._waiters[tid] = _Waiter(self._slots[tid])
            if waiter is not None:
                self._waits(waiter, tid, time_ns, futex)
        elif waiter is not None:
            if waiter.futex:
                self._wakes(waiter, tid, time_ns, state)
            if state is State.ENDED:
                self._send(waiter, waiter.waited_ns)
                self._holders.ends(tid)
                del self._waiters[tid]

    def _waits(self, waiter: _Waiter, tid: int, time_ns: int, futex: int) -> None:
        if waiter.futex:
            self._wakes(waiter, tid, time_ns, State.UNKNOWN)
        waiter.futex, waiter.since_ns, waiter.began_ns, waiter.number = futex, time_ns, time_ns, None
        if self.parks and futex not in self._numbers:
            if futex not in waiter.semaphores:
                waiter.semaphores.append(futex)
            waiter.stops += (tid, futex) in self._stops_at
            waiter.slot.waits_for(time_ns, UNKNOWN_LOCK)
        else:
            self._knows(waiter, tid, self._number(futex))

    def _wakes(self, waiter: _Waiter, tid: int, time_ns: int, state: State) -> None:
        number = self._numbers.get(waiter.futex)
        if number is not None:
            waiter.waited_ns[number] += time_ns - waiter.since_ns
        if waiter.number is None:
            self._holders.wakes_from_unknown()
        elif state is State.UNKNOWN:
            self._holders.lose(tid)
        else:
            self._holders.wakes(tid)
        waiter.futex = 0

    @property
    def probes(self) -> bool:
        """Whether `probe` reads anything: threads that wait for locks do so at semaphores of their own."""
        return self.parks and bool(self._waiters)

    def probe(self, now_ns: int, parked: Callable[[int], Parked | None], waited_at: Callable[[int], bool]) -> None:
        """Read what threads wait for now that wait at semaphores of their own.

        `parked`, `waited_at`: what a thread waits for, and whether any does, whose semaphore is at an address.
        """
        if not self.parks:
            return
        counted_ns = min(now_ns - self._probed_ns, LONGEST_NS)
        self._probed_ns = now_ns
        for tid, waiter in self._waiters.items():
            if waiter.futex in self._numbers or (not waiter.futex and now_ns - waiter.began_ns > QUIET_NS):
                continue
            for semaphore in waiter.semaphores:
                found = parked(semaphore)
                if found is not None:
                    self._found(waiter, tid, semaphore, found, counted_ns)
                    break
            else:
                if waiter.futex and waiter.futex not in waiter.own and waited_at(waiter.futex):
                    waiter.misses[waiter.futex] += 1
                    if waiter.misses[waiter.futex] >= MISSES:
                        self._is_a_lock(waiter, tid)

    def _found(self, waiter: _Waiter, tid: int, semaphore: int, found: Parked, counted_ns: int) -> None:
        number = self._kind(tid, found)
        waiter.waited_ns[number] += counted_ns
        waiter.own.add(semaphore)
        if number == ALL_STOPPED:
            self._stops_at.add((tid, semaphore))
        else:
            self._stops_at.discard((tid, semaphore))
        if waiter.futex == semaphore:
            self._knows(waiter, tid, number)

    def _is_a_lock(self, waiter: _Waiter, tid: int) -> None:
        """It waits at a semaphore that is no thread's own."""
        with suppress(ValueError):
            waiter.semaphores.remove(waiter.futex)
        self._knows(waiter, tid, self._number(waiter.futex))

    def _knows(self, waiter: _Waiter, tid: int, number: int) -> None:
        """It is known what it waits for."""
        waiter.slot.waits_for(waiter.since_ns, number)
        if number != waiter.number and number >= 0:
            self._holders.waits(tid, number)
        waiter.number = number

    def _kind(self, tid: int, found: Parked) -> int:
        if found.is_mutex:
            return self._number(found.address)
        return ALL_STOPPED if 0 <= found.address - self.states.get(tid, 0) < STATE_BYTES else AN_EVENT

    def _number(self, address: int) -> int:
        number = self._numbers.get(address)
        if number is None:
            number = len(self._numbers) if len(self._numbers) < MOST_LOCKS else UNKNOWN_LOCK
            self._numbers[address] = number
            self._report("lock", pid=self._pid, number=number, address=address)
        return number

    def report(self, now_ns: int, until_ns: int) -> None:
        """Report which threads hold locks, and now and then for how long threads have waited for which.

        `until_ns`: what the records cover.
        """
        if self._holders.holders != self._reported_holders:
            self._reported_holders = dict(self._holders.holders)
            self._report("holders", pid=self._pid, holders=[*self._reported_holders.items()])
        if now_ns - self._reported_ns < REPORT_NS:
            return
        self._reported_ns = now_ns
        for waiter in self._waiters.values():
            waited_ns = waiter.waited_ns
            number = self._numbers.get(waiter.futex)
            if number is not None:
                waited_ns = waited_ns + Counter({number: max(0, until_ns - waiter.since_ns)})
            self._send(waiter, waited_ns)

    def _send(self, waiter: _Waiter, waited_ns: Mapping[int, int]) -> None:
        found = dict(waited_ns), waiter.stops
        if found != waiter.reported:
            waiter.reported = found
            self._report("lock_waits", id=waiter.slot.id, waited_ns=[*waited_ns.items()], stops=waiter.stops)


_time = itemgetter(0)
_LOCK = State.LOCK
"""Found faster than through its class."""
