"""Gathers the moments in which threads that wait for the GIL wake up only to go on waiting. Pure.

CPython waits for the GIL for one switch interval at a time. A thread that wakes up then asks for the GIL, unless it
has changed hands meanwhile or another has asked already: then it just waits again. With many threads that is nearly all
there is on record: 64 that wait wake up 12,800 times a second, while one hand-off takes place in each interval. In what
is read at once, those moments of a thread become one, as long as all together, where the last was. Example, in us, of
thread 7, while others give the GIL up on request at 3000, 8000 and 13000 (| is a wait at `cond`):

    before    | 5100-5110 | 10120-10128 | 15140-15152 | 20000- it holds the GIL
    after                               | 15122-15152 | 20000- it holds the GIL

What asks first stays where it was. Each moment also counts the time that a switch takes and no record shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.records import BLOCKED, IN, Lost, Record, Switch

MOMENT_NS = 80_000
"""A longer one may have held the GIL."""
GATHERED_NS = 250_000
"""So long does one become at most: `Episodes` takes it for what follows a time-out."""


class Waited:
    """One GIL, as those see it that wait for it."""

    __slots__ = ("changed_ns", "is_asked")

    def __init__(self) -> None:
        self.changed_ns = 0
        """When it last changed hands, as far as that is certain."""
        self.is_asked = False
        """Whether it has been asked for since, and nothing has happened that may have ended that."""

    def change(self, time_ns: int) -> None:
        """It changes hands."""
        self.changed_ns, self.is_asked = time_ns, False


class RenewedWaits:
    """The threads of one process that wait for a GIL."""

    def __init__(self) -> None:
        self._gils: list[Waited] = []
        self._conds: dict[int, Waited] = {}
        """By the addresses at which threads wait for it."""
        self._switch_conds: dict[int, Waited] = {}
        self._waiting: dict[int, tuple[int, Waited]] = {}
        """Since when each thread waits for which."""
        self.left_out: Counter[int] = Counter()
        """How many moments fewer each thread has, by its id."""

    def know(self, gils: Sequence[Gil]) -> None:
        """Use these GILs from now on."""
        self._waiting.clear()
        self._conds.clear()
        self._switch_conds.clear()
        self._gils = [Waited() for _ in gils]
        for gil, waited in zip(gils, self._gils, strict=True):
            self._conds.update(dict.fromkeys(range(gil.cond, gil.mutex, 4), waited))
            self._switch_conds.update(dict.fromkeys(range(gil.switch_cond, gil.switch_mutex, 4), waited))

    def gather(self, records: Iterable[Record], switch_ns: int) -> list[Record]:
        """The records with fewer moments, not quite in order; sets `left_out`. `switch_ns`: of a switch."""
        self.left_out = left_out = Counter[int]()
        found: list[Record] = []
        append, waiting, conds = found.append, self._waiting, self._conds
        woken: dict[int, Switch] = {}
        moments: dict[int, tuple[int, Switch]] = {}
        """How long each thread's were, and the record with which the last ended."""
        for record in records:
            if type(record) is not Switch:
                append(record)
                if type(record) is Lost:
                    waiting.clear()
                continue
            time_ns, _, tid, _, way, futex = record
            if way == IN:
                if tid in waiting:
                    woken[tid] = record
                else:
                    append(record)
                continue
            gil = conds.get(futex) if way == BLOCKED else None
            begin = woken.pop(tid, None)
            if begin is not None:
                ns = time_ns - begin.time_ns
                since_ns, waited = waiting.get(tid, _NOT)
                if gil is waited and ns < MOMENT_NS:
                    if waited.is_asked or waited.changed_ns > since_ns:
                        if tid in moments:
                            before_ns, last = moments[tid]
                            if before_ns + switch_ns + ns < GATHERED_NS:
                                ns += before_ns + switch_ns
                                left_out[tid] += 1
                            else:
                                found += _one(before_ns, last)
                        moments[tid] = ns, record
                        waiting[tid] = time_ns, gil
                        continue
                    gil.is_asked = True
                elif way == BLOCKED:
                    waited.change(begin.time_ns)
                if tid in moments:
                    found += _one(*moments.pop(tid))
                append(begin)
            append(record)
            if gil is not None:
                waiting[tid] = time_ns, gil
                continue
            waiting.pop(tid, None)
            if futex in self._switch_conds:
                self._switch_conds[futex].change(time_ns)
            elif way == BLOCKED:
                for waited in self._gils:
                    waited.is_asked = False
        for ns, last in moments.values():
            found += _one(ns, last)
        for tid, begin in woken.items():
            waiting.pop(tid, None)
            append(begin)
        return found


def _one(ns: int, last: Switch) -> tuple[Switch, Switch]:
    return Switch(last.time_ns - ns, last.pid, last.tid, last.cpu, IN), last


_NOT = 0, Waited()
