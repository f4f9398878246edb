"""Gathers the moments in which threads that wait for the GIL wake up only to go on waiting. Pure.

CPython waits for the GIL for one switch interval at a time. A thread that wakes up then asks for the GIL, unless it
has changed hands meanwhile or another has asked already: then it just waits again. With many threads that is nearly all
there is on record: 64 that wait wake up 12,800 times a second, while one hand-off takes place in each interval. In what
is read at once, those moments of a thread become one, as long as all together, where the last was. Example, in us, of
thread 7, while others give the GIL up on request at 3000, 8000 and 13000 (| is a wait at `cond`):

    before    | 5100-5110 | 10120-10128 | 15140-15152 | 20000- it holds the GIL
    after                               | 15122-15152 | 20000- it holds the GIL

What asks first stays where it was; and where a thread has blocked elsewhere since, which may have released the GIL, so
does the first after a wait that began later: if that took a whole interval, the GIL was not released. Each moment also
counts the time that a switch takes and no record shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.records import BLOCKED, IN, STOPPED, Decoded, Lost, Record, Slice, Switch

MOMENT_NS = 80_000
"""A longer one may have held the GIL."""
GATHERED_NS = 250_000
"""So long does one become at most: `Episodes` takes it for what follows a time-out."""


class Waited:
    """One GIL, as those see it that wait for it."""

    __slots__ = ("changed_ns", "freed_ns", "is_asked", "is_kept")

    def __init__(self) -> None:
        self.changed_ns = 0
        """When it last changed hands, as far as that is certain."""
        self.freed_ns = 0
        """When it may have been released last: a thread blocked elsewhere."""
        self.is_asked = False
        """Whether it has been asked for since, and nothing has happened that may have ended that."""
        self.is_kept = False
        """Whether that was after a wait that began when it may have been released, and so shows that it was not."""

    def change(self, time_ns: int) -> None:
        """It changes hands."""
        self.changed_ns, self.is_asked, self.is_kept = time_ns, False, False

    def may_be_free(self, time_ns: int) -> None:
        """A thread blocks elsewhere, which may have held it."""
        self.freed_ns, self.is_asked, self.is_kept = time_ns, False, False

    def ask(self, since_ns: int) -> bool:
        """A thread that has waited since then wakes up, and may ask for it; returns whether that says something new."""
        waits_for_it = since_ns > self.freed_ns
        if self.changed_ns > since_ns or (self.is_asked and (self.is_kept or not waits_for_it)):
            return False
        self.is_asked, self.is_kept = True, waits_for_it
        return True


class _Waiter:
    """A thread that waits for a GIL."""

    __slots__ = ("gil", "last", "left_out", "ns", "since_ns", "tid")

    def __init__(self, tid: int, since_ns: int, gil: Waited) -> None:
        self.tid = tid
        self.since_ns = since_ns
        self.gil = gil
        self.ns = 0
        """How long its moments were, those that become one; 0: there are none."""
        self.last: Slice | Switch
        """The record with which the last ended."""
        self.left_out = 0
        """How many have become part of another."""

    def take_one(self) -> tuple[Switch, Switch]:
        """What its moments have become."""
        ns, self.ns = self.ns, 0
        time_ns, pid, tid, cpu, _, futex = self.last
        return Switch(time_ns - ns, pid, tid, cpu, IN), Switch(time_ns, pid, tid, cpu, BLOCKED, futex)


class RenewedWaits:
    """The threads of one process that wait for a GIL."""

    def __init__(self) -> None:
        self._gils: list[Waited] = []
        self.conds: dict[int, Waited] = {}
        """By the addresses at which threads wait for it."""
        self._switch_conds: dict[int, Waited] = {}
        self._waiting: dict[int, _Waiter] = {}
        self.left_out: Counter[int] = Counter()
        """How many moments fewer each thread has, by its id."""

    def know(self, gils: Sequence[Gil]) -> None:
        """Use these GILs from now on."""
        self._waiting.clear()
        self.conds.clear()
        self._switch_conds.clear()
        self._gils = [Waited() for _ in gils]
        for gil, waited in zip(gils, self._gils, strict=True):
            self.conds.update(dict.fromkeys(range(gil.cond, gil.mutex, 4), waited))
            self._switch_conds.update(dict.fromkeys(range(gil.switch_cond, gil.switch_mutex, 4), waited))

    def gather(self, records: Iterable[Decoded], switches_ns: Mapping[int, int]) -> list[Record]:
        """The records with fewer moments and slices as two switches, not quite in order; each thread's are.

        Sets `left_out`. `switches_ns`: what a switch to each thread takes, by its id; others take no time.
        """
        found: list[Record] = []
        append, waiting, conds = found.append, self._waiting, self.conds
        woken: dict[int, Switch] = {}
        gathered: list[_Waiter] = []
        """Threads that have moments, or had some."""
        for record in records:
            begin: Switch | None = None
            if type(record) is Slice:
                time_ns, _, tid, _, on_ns, futex = record
                is_blocked, waiter = True, waiting.get(tid)
            elif type(record) is Switch:
                time_ns, _, tid, _, way, futex = record
                if way == IN:
                    if tid in waiting:
                        woken[tid] = record
                    else:
                        append(record)
                    continue
                begin, is_blocked, waiter = woken.pop(tid, None), way == BLOCKED, None
                if begin is not None:
                    on_ns, waiter = begin.time_ns, waiting.get(tid)
            else:
                append(record)  # type: ignore[arg-type]
                if type(record) is Lost:
                    waiting.clear()
                continue
            gil = conds.get(futex) if is_blocked else None
            if waiter is not None:
                ns = time_ns - on_ns
                if gil is waiter.gil and ns < MOMENT_NS:
                    if not gil.ask(waiter.since_ns):
                        if not waiter.ns:
                            gathered.append(waiter)
                        elif (all_ns := waiter.ns + switches_ns.get(tid, 0) + ns) < GATHERED_NS:
                            ns = all_ns
                            waiter.left_out += 1
                        else:
                            found += waiter.take_one()
                        waiter.ns, waiter.last, waiter.since_ns = ns, record, time_ns
                        continue
                elif is_blocked and futex != STOPPED:
                    waiter.gil.change(on_ns)
                if waiter.ns:
                    found += waiter.take_one()
            if isinstance(record, Slice):
                found += (record.on, record.off)
            else:
                if begin is not None:
                    append(begin)
                append(record)
            if gil is not None:
                if waiter is None:
                    waiting[tid] = _Waiter(tid, time_ns, gil)
                else:
                    waiter.since_ns, waiter.gil = time_ns, gil
                continue
            waiting.pop(tid, None)
            if futex in self._switch_conds:
                self._switch_conds[futex].change(time_ns)
            elif is_blocked and futex != STOPPED:
                for waited in self._gils:
                    waited.may_be_free(time_ns)
        self.left_out = left_out = Counter[int]()
        for waiter in gathered:
            if waiter.ns:
                found += waiter.take_one()
            left_out[waiter.tid] += waiter.left_out
            waiter.left_out = 0
        for tid, begin in woken.items():
            waiting.pop(tid, None)
            append(begin)
        return found
