"""Streams of records made by hand, and what Episodes find in them; times in microseconds."""

from __future__ import annotations

from collections.abc import Iterable

from pconc_tui.kernel.episodes import Episodes, Found
from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.outside import Outside
from pconc_tui.kernel.records import BLOCKED, IN, NO_FUTEX, PREEMPTED, Record, Switch
from pconc_tui.protocol.block import State

PID, A, B, C = 10, 10, 11, 12
GIL = Gil(0x1000, 0x1030, 0x1058, 0x1088, 0x10B0)
COND, MUTEX, SWITCH_COND, LOCK = 0x1028, 0x1030, 0x1080, 0x9000
LONG_US = 10_000_000
CPUS = {A: 0, B: 1, C: 2}


def on(us: int, tid: int) -> Switch:
    return Switch(1000 * us, PID, tid, CPUS[tid], IN)


def preempted(us: int, tid: int) -> Switch:
    return Switch(1000 * us, PID, tid, CPUS[tid], PREEMPTED)


def blocked(us: int, tid: int, futex: int) -> Switch:
    return Switch(1000 * us, PID, tid, CPUS[tid], BLOCKED, futex)


def judge(records: Iterable[Record], *outside: Outside, gils: Iterable[Gil] = (GIL,)) -> tuple[Episodes, Found]:
    episodes = Episodes(PID, tuple(gils))
    return episodes, episodes.add(records, 1000 * LONG_US, outside)


def lane(found: Found, tid: int) -> list[tuple[int, State]]:
    return [(each.time_ns // 1000, each.state) for each in found.transitions if each.tid == tid]


TAKE_TURNS = [
    on(0, A),
    on(10, B),
    blocked(15, B, COND),
    on(5065, B),
    blocked(5070, B, COND),
    blocked(5090, A, SWITCH_COND),
    on(5095, B),
    on(5110, A),
    blocked(5115, A, COND),
    on(10200, A),
    blocked(10205, A, COND),
    blocked(10230, B, SWITCH_COND),
    on(10240, A),
    blocked(15000, A, NO_FUTEX),
]
