"""The time between two samples of a thread, divided among states. Pure; `transition_builder` explains how and why."""

from __future__ import annotations

from typing import NamedTuple

from pconc_tui.protocol.block import RUNS, State

WAKE_UP_NS = 200_000
"""A thread that wakes up to request the GIL uses less CPU time than this."""
SHORTEST_NS = 20_000
"""Less CPU time than this between two samples of a blocked thread is carried over."""
MOST_CARRIED_NS = 2_000_000
"""CPU time of requests for the GIL is carried over up to this, so that it does not interrupt every wait."""
FEW_SLICES = 4
"""A hand-off takes up to this many time slices: their order is clear from the samples around them."""
TURN_NS = 5_000_000
"""The default switch interval: a thread that waits for the GIL wakes up this often to request it."""


class Interval(NamedTuple):
    """The time between two samples."""

    start_ns: int
    end_ns: int
    was: State
    """The activity at its start."""
    now: State
    """The activity at its end."""
    slices: int
    """How often the thread got a core."""
    cpu_ns: int
    """What the CPU clock counted."""
    unshown_cpu_ns: int
    """That, and what was carried over."""
    unshown_queued_ns: int
    """The same for time in run queues."""
    trails_ns: int
    """By how much the CPU clock may trail at its end."""
    released_ns: int | None
    """When the GIL's last holder released it; None: unknown."""
    others_cpu_ns: int
    """CPU time that others which share the GIL have used."""
    taken: float
    """The part of the time for which another thread held the GIL when this one did not, by samples: 0, 0.5 or 1."""

    @property
    def ns(self) -> int:
        return self.end_ns - self.start_ns

    @property
    def ran(self) -> bool:
        return self.was in RUNS

    @property
    def runs(self) -> bool:
        return self.now in RUNS

    @property
    def only_requests(self) -> bool:
        """Whether the thread waited for the GIL throughout, but for waking up to request it."""
        requests = 1 + self.ns // TURN_NS
        return self.was is self.now is State.GIL_WAIT and self.cpu_ns < requests * WAKE_UP_NS

    @property
    def many_slices(self) -> bool:
        """Whether it got a core too often for the order of its states to be known."""
        return self.slices > FEW_SLICES * (1 + self.ns // TURN_NS)

    def running_ns(self) -> int:
        """How long it ran: as long as the CPU clock says, or longer by as much as that may trail."""
        least = self.unshown_cpu_ns
        room = max(0, self.ns - self.unshown_queued_ns)
        if self.ran and self.runs:
            likely = room
        elif self.runs and self.released_ns is not None:
            likely = min(room, self.end_ns - self.released_ns)
        elif self.ran or self.runs:
            likely = room // 2
        elif (self.only_requests or self.cpu_ns < SHORTEST_NS) and least < MOST_CARRIED_NS:
            return 0
        else:
            likely = 0
        return max(0, min(self.ns, least + self.trails_ns, max(least, likely)))

    def queued_ns(self, running: int) -> int:
        """How long it waited for a core, other than to request the GIL while another thread held that."""
        room = self.ns - running
        if self.only_requests:
            return 0
        if self.ran and self.runs and not self.slices:
            return room  # It has not been blocked, or it would have got a core again.
        if self.was is State.GIL_WAIT and self.runs and self.released_ns is not None:
            room = min(room, self.end_ns - self.released_ns - running)
        return max(0, min(self.unshown_queued_ns, room))

    def parts(self, runs_as: State, running: int, queued: int, blocked: State) -> list[tuple[State, int]]:
        """Its states and their lengths in ns, in order; `blocked`: what blocks it where neither sample says so."""
        rest = self.ns - running - queued
        taken = self._taken_ns(queued, rest)
        needs_gil, queue = (State.GIL_WAIT, taken), (State.CORE_WAIT, queued - taken)
        if self.ran and self.runs:
            # CPU time that the clock counted since the last sample may have been used before, but never after.
            after = min(running, self.cpu_ns) if self.slices else 0
            return [(runs_as, running - after), needs_gil, queue, (blocked, rest), (runs_as, after)]
        if self.ran:
            return [needs_gil, queue, (runs_as, running), (self.now, rest)]
        if self.runs:
            return [(self.was, rest), needs_gil, queue, (runs_as, running)]
        before = rest // 2
        if self.released_ns is not None:
            before = max(0, min(rest, self.released_ns - self.start_ns - queued))
        return [(self.was, before), needs_gil, queue, (runs_as, running), (self.now, rest - before)]

    def _taken_ns(self, queued: int, rest: int) -> int:
        """For how much of its time in run queues another thread held the GIL, so that it waited for that."""
        if not self.many_slices:
            if self.released_ns is not None:
                return 0  # It took the GIL when that was released, and lacked only a core.
            if self.was is State.RUNNING:  # It held the GIL at first: others ran meanwhile if they ran beyond the rest.
                return max(0, min(queued, self.others_cpu_ns - rest))
        return round(self.taken * queued)
