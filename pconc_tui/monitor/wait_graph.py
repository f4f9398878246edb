"""Who of a group waits for whom, by the locks that have names, and whether they wait for each other for ever."""

from __future__ import annotations

from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import AWAITED_LOCK, HEAD, HELD_LOCKS
from pconc_tui.snapshot import Wait


class WaitGraph:
    """Follows one group; `look` once a frame."""

    def __init__(self) -> None:
        self.now: tuple[Wait, ...] = ()
        self.deadlock: tuple[Wait, ...] = ()
        """The last circle of workers that waited for each other, until another is found."""
        self.found = False
        """Whether anybody has ever waited for a lock with a name."""
        self.since_ns: int | None = None
        """When the circle that there is now was found; None: there is none."""
        self._suspected: frozenset[tuple[int, int]] = frozenset()

    def look(self, members: list[WorkerTracker], now_ns: int) -> bool:
        """Take the waits as they are now; whether they have just turned out to be a deadlock."""
        waiting = {
            member: member.header[AWAITED_LOCK] for member in members if member.alive and member.header[AWAITED_LOCK]
        }
        held_by = {member: _holder(members, number) for member, number in waiting.items()}
        waits = {member: _wait(member, number, held_by[member]) for member, number in waiting.items()}
        self.now = tuple(waits.values())
        self.found = self.found or bool(waits)
        circle = [member for member in waiting if _in_circle(member, held_by)]
        # The slots were not read all at once. Nobody has moved between two looks: then what was read was true.
        suspected = frozenset((member.id, member.header[HEAD]) for member in circle)
        confirmed = bool(circle) and suspected == self._suspected
        self._suspected = suspected
        if not confirmed:
            if not circle:
                self.since_ns = None
            return False
        self.deadlock = tuple(waits[member] for member in circle)
        news = self.since_ns is None
        self.since_ns = now_ns if self.since_ns is None else self.since_ns
        return news


def _holder(members: list[WorkerTracker], number: int) -> WorkerTracker | None:
    """Who holds this lock: a worker that lives, or one that was killed with the lock in its hands."""
    holders = [member for member in members if member.header[HELD_LOCKS] >> number & 1]
    return max(holders, key=lambda member: member.alive, default=None)


def _wait(member: WorkerTracker, number: int, holder: WorkerTracker | None) -> Wait:
    return Wait(member.name, chr(ord("A") + number - 1), None if holder is None else holder.name)


def _in_circle(member: WorkerTracker, held_by: dict[WorkerTracker, WorkerTracker | None]) -> bool:
    """Whether who follows the holders from this worker on comes back to it."""
    at = held_by[member]
    for _ in held_by:
        if at is None or at is member:
            break
        at = held_by.get(at)
    return at is member
