"""Finds deadlocks among the workers of a group, from the named locks that each holds and waits for.

Each frame builds the wait-for graph: a worker that waits for a lock points to the worker that holds it. It waits for
one lock at a time, so it has at most one successor, and it is in a cycle if its successors lead back to it. Example:

    Thread-1 holds A and waits for B        successor Thread-2
    Thread-2 holds B and waits for A        successor Thread-1
    Thread-3 waits for A                    successor Thread-1

Thread-1 and Thread-2 form a cycle; Thread-3 waits as well, but no successor leads back to it. The slots are read one
after another, so a cycle may mix two moments. It is confirmed when the next frame finds the same cycle and none of its
workers has made a transition since (HEAD is the same): then all its waits existed at the same time.
"""

from __future__ import annotations

from pconc_tui.measurement import Wait
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import AWAITED_LOCK, HEAD, HELD_LOCKS


class DeadlockDetector:
    """The waits of one group; `update` once a frame."""

    def __init__(self) -> None:
        self.waits: tuple[Wait, ...] = ()
        """The current waits for named locks."""
        self.deadlock: tuple[Wait, ...] = ()
        """The waits of the latest confirmed cycle; they stay when it is resolved."""
        self.has_waited = False
        """Whether any worker has ever waited for a named lock."""
        self.since_ns: int | None = None
        """When the current deadlock was confirmed; None: there is none."""
        self.lasted_s: float | None = None
        """How long the latest deadlock has lasted, or had lasted when it was resolved."""
        self.stuck = 0
        """How many workers waited meanwhile, for each other or behind them."""
        self._suspected: frozenset[tuple[int, int]] = frozenset()

    def update(self, members: list[WorkerTracker], now_ns: int) -> bool:
        """Build the graph of this frame; return whether it has just confirmed a new deadlock."""
        wanted = {
            member: member.header[AWAITED_LOCK] for member in members if member.alive and member.header[AWAITED_LOCK]
        }
        holders = {member: _holder(members, lock) for member, lock in wanted.items()}
        waits = {member: _wait(member, lock, holders[member]) for member, lock in wanted.items()}
        self.waits = tuple(waits.values())
        self.has_waited = self.has_waited or bool(waits)
        cycle = [member for member in wanted if _in_cycle(member, holders)]
        suspected = frozenset((member.id, member.header[HEAD]) for member in cycle)
        confirmed = bool(cycle) and suspected == self._suspected
        self._suspected = suspected
        if not confirmed:
            if not cycle:
                self.since_ns = None
            return False
        self.deadlock = tuple(waits[member] for member in cycle)
        is_new = self.since_ns is None
        if self.since_ns is None:
            self.since_ns = now_ns
        self.lasted_s = (now_ns - self.since_ns) / 1e9
        self.stuck = len(waits)
        return is_new


def _holder(members: list[WorkerTracker], lock: int) -> WorkerTracker | None:
    """The worker that holds this lock: a living one, else one that was killed while it held the lock."""
    holders = [member for member in members if member.header[HELD_LOCKS] >> lock & 1]
    return max(holders, key=lambda member: member.alive, default=None)


def _wait(member: WorkerTracker, lock: int, holder: WorkerTracker | None) -> Wait:
    return Wait(member.name, chr(ord("A") + lock - 1), None if holder is None else holder.name)


def _in_cycle(member: WorkerTracker, holders: dict[WorkerTracker, WorkerTracker | None]) -> bool:
    """Whether the successors of this worker lead back to it."""
    successor = holders[member]
    for _ in holders:
        if successor is None or successor is member:
            break
        successor = holders.get(successor)
    return successor is member
