"""Gathers the moments in which a thread loses its core to another that needs it for some us. Pure.

Each thread that waits for the GIL wakes up once a switch interval, mostly on the core of the thread that holds it. So
four threads that compute lose their cores hundreds of times a second, for 10 us each. Of what is read at once, such
moments become one, as long as all together, where the last was. Example, in us, of a thread that has a core (= is that
it runs):

    before    0 ==== 1000    1010 ==== 2000    2012 ==== 4000 it blocks
    after     0 ================ 1994          2012 ==== 4000        if a switch takes 4, which records don't show

A moment is moved by `NEAR_NS` at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from pconc_tui.kernel.records import IN, PREEMPTED, Exit, Lost, Record, Switch

SHORT_NS = 80_000
"""A longer one is shown where it was."""
NEAR_NS = 5_000_000
"""So far are those apart that become one."""
SETTLED_NS = 100_000
"""Those sooner after a wake-up stay where they are: whether a thread takes the GIL is found out then."""


def gather(records: Iterable[Record], switches_ns: Mapping[int, int]) -> tuple[list[Record], Counter[int]]:
    """The records with fewer preemptions, each thread's in order; and how many fewer each thread has, by its id.

    `switches_ns`: what a switch to each thread takes, by its id; others take no time.
    """
    found: list[Record] = []
    left_out = Counter[int]()
    append = found.append
    off: dict[int, Switch] = {}
    """With which record each thread has lost its core."""
    woke_ns: dict[int, int] = {}
    """When each thread got a core after it was blocked."""
    short: dict[int, tuple[int, int, Switch]] = {}
    """Of each thread that has one: when the first was, how long they are, and the record with which the last ended."""
    for record in records:
        if type(record) is Switch:
            time_ns, _, tid, _, way, _ = record
            if way == PREEMPTED:
                off[tid] = record
                continue
            if way == IN and tid in off:
                lost = off.pop(tid)
                ns = time_ns - lost.time_ns
                if tid in short:
                    first_ns, before_ns, last = short[tid]
                    if ns < SHORT_NS and time_ns - first_ns < NEAR_NS:
                        short[tid] = first_ns, max(1, before_ns + ns - switches_ns.get(tid, 0)), record
                        left_out[tid] += 1
                        continue
                    del short[tid]
                    found += _one(before_ns, last)
                if ns < SHORT_NS and lost.time_ns - woke_ns.get(tid, 0) >= SETTLED_NS:
                    short[tid] = lost.time_ns, ns, record
                    continue
                append(lost)
            else:
                if way == IN:
                    woke_ns[tid] = time_ns
                if tid in short:
                    found += _one(*short.pop(tid)[1:])
        elif type(record) is Lost or type(record) is Exit:
            _give_back(found, off, short)
        append(record)
    _give_back(found, off, short)
    return found, left_out


def _give_back(found: list[Record], off: dict[int, Switch], short: dict[int, tuple[int, int, Switch]]) -> None:
    for _, ns, last in short.values():
        found += _one(ns, last)
    found += off.values()
    short.clear()
    off.clear()


def _one(ns: int, last: Switch) -> tuple[Switch, Switch]:
    return Switch(last.time_ns - ns, last.pid, last.tid, last.cpu, PREEMPTED), last
