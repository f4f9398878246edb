"""Finds runs of a user's function in which no worker runs any more, and has the lab report where each one waits.

Nothing runs where, for `STANDSTILL_NS`, each worker that has started is sampled as blocked in one stretch, and neither
helper threads nor child processes of theirs use CPU time. Such a run may be a deadlock, or may just sleep: this module
says what each worker waits for, and since when, and judges no more. Example, in s:

    0.4   Thread-1 blocks, the last to do so
    2.4   the lab is asked for stacks
    2.4   its answers arrive; the report stays until a worker runs, starts or ends

Where no worker has started for as long, Python or the function's module is still loading, or blocks at import.

Reading its stack wakes a worker that runs in a main thread for a moment, within `DISTURBED_NS`; that does not count.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from pconc_tui.measurement import BlockedWorker
from pconc_tui.models import POOLS
from pconc_tui.monitor.shown_moment import LONGEST_LAG_NS
from pconc_tui.monitor.wait_description import SLEEPS, describe
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import BLOCKED, CONTROL, STOP, State

STANDSTILL_NS = 2_000_000_000
ANSWERED_NS = 300_000_000
"""How long the lab may take to answer; a worker whose stack it can't read then has none."""
DISTURBED_NS = 1_000_000_000
IDLE = 0.03
"""Helpers that use less of a core do nothing; their clocks have ticks of 10 ms."""
LOADING = "has not started: Python or its module is still loading"
_BLOCKED = BLOCKED | {State.GIL_WAIT}


class StandstillDetector:
    """One group's; `update` once a frame."""

    def __init__(self) -> None:
        self.workers: tuple[BlockedWorker, ...] = ()
        """What each worker waits for; empty: some run, or it is not known yet."""
        self._since_ns: dict[int, int] = {}
        """When each worker blocked, by id, if the lab was asked; empty: it was not."""
        self._states: dict[int, State] = {}
        self._asked_ns = 0
        self._at_once = False

    def find_at_once(self, members: Sequence[WorkerTracker], now_ns: int) -> bool:
        """Find out what the workers wait for, however short they have; returns False if that is not possible now."""
        started = _started(members)
        self._at_once = bool(started) and all(_blocked_ns(member, now_ns) for member in started)
        return self._at_once

    def update(
        self, members: Sequence[WorkerTracker], model: str, helpers: Mapping[int, float], now_ns: int
    ) -> list[WorkerTracker]:
        """Return the workers whose stacks the lab is to report now.

        `helpers`: the cores that helper threads and child processes of each process use, by process id.
        """
        alive, started = [member for member in members if member.alive], _started(members)
        if not started:
            self.workers, self._since_ns = tuple(_loading(alive, now_ns)), {}
            return []
        if self._since_ns:
            self._continue(alive, started, model, now_ns)
            return []
        if not self._at_once and not _stands_still(alive, started, model, helpers, now_ns):
            self.workers = ()
            return []
        self._at_once = False
        self._asked_ns = now_ns
        self._since_ns = {member.id: member.lane.since_ns(now_ns) for member in started}
        self._states = {member.id: member.lane.state(now_ns) for member in started}
        for member in started:
            member.stack = None
        return started

    def _continue(self, alive: list[WorkerTracker], started: list[WorkerTracker], model: str, now_ns: int) -> None:
        """Report once the answers have arrived, and end the report when a worker runs, starts or ends."""
        if {member.id for member in started} != self._since_ns.keys() or any(
            now_ns - self._asked_ns > DISTURBED_NS and not self._still_blocked(member, now_ns) for member in started
        ):
            self.workers, self._since_ns = (), {}
        elif self.workers or all(member.stack for member in started) or now_ns - self._asked_ns > ANSWERED_NS:
            self.workers = tuple(self._blocked_worker(member, model, now_ns) for member in alive)

    def _still_blocked(self, member: WorkerTracker, now_ns: int) -> bool:
        since_ns = member.lane.since_ns(now_ns)
        return member.lane.state(now_ns) in _BLOCKED and since_ns <= self._asked_ns + DISTURBED_NS

    def _blocked_worker(self, member: WorkerTracker, model: str, now_ns: int) -> BlockedWorker:
        since_ns, stack = self._since_ns.get(member.id), member.stack
        if since_ns is None:
            does = "waits for the event loop" if model == "asyncio" else "waits until the pool runs it"
            return BlockedWorker(member.name, does, ends_itself=True)
        does = describe(stack, self._states[member.id])
        place = stack.calls[-1] if stack and stack.calls and os.path.isabs(stack.calls[-1].path) else None
        return BlockedWorker(
            worker=member.name,
            does=does,
            ends_itself=does.endswith(SLEEPS),
            blocked_s=(now_ns - since_ns) / 1e9,
            function=place.function if place else "",
            path=place.path if place else "",
            line=place.line if place else 0,
        )


def _started(members: Sequence[WorkerTracker]) -> list[WorkerTracker]:
    return [member for member in members if member.alive and member.lane.started_ns is not None]


def _loading(alive: list[WorkerTracker], now_ns: int) -> Iterator[BlockedWorker]:
    """The workers that have not started for `STANDSTILL_NS`, and are not asked to stop."""
    for member in alive:
        waits = member.observed is not None and not member.header[CONTROL] & STOP
        if waits and now_ns - member.info.launched_ns >= STANDSTILL_NS:
            yield BlockedWorker(member.name, LOADING, ends_itself=False)


def _stands_still(
    alive: list[WorkerTracker],
    started: list[WorkerTracker],
    model: str,
    helpers: Mapping[int, float],
    now_ns: int,
) -> bool:
    """Whether nothing of these workers has run for `STANDSTILL_NS`, although none is asked to stop."""
    if min((_blocked_ns(member, now_ns) for member in started), default=0) < STANDSTILL_NS:
        return False
    idle = all(helpers.get(member.thread[0], 1.0) < IDLE for member in started)
    stopping = any(member.header[CONTROL] & STOP for member in alive)
    return idle and not stopping and _others_queue(alive, started, model)


def _blocked_ns(member: WorkerTracker, now_ns: int) -> int:
    """How long the worker is known to have been blocked in one stretch; 0: it is not, or that is unknown."""
    if member.observed is None or member.lane.state(now_ns) not in _BLOCKED:
        return 0
    seen_ns = member.observed.last_ns  # One that was last seen long ago may have run since.
    return max(0, seen_ns - member.lane.since_ns(now_ns)) if now_ns - seen_ns < LONGEST_LAG_NS else 0


def _others_queue(alive: list[WorkerTracker], started: list[WorkerTracker], model: str) -> bool:
    """Whether the workers that have not started wait for those that have; otherwise they are about to start."""
    if len(alive) == len(started) or model == "asyncio":
        return True
    return model in POOLS and len(started) >= max(2, len(os.sched_getaffinity(0)))
