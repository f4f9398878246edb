"""What is known of one thread, from one of its records to the next. Pure."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from pconc_tui.kernel.found import WITHOUT_CORE
from pconc_tui.kernel.gil import Holder
from pconc_tui.kernel.slice_lead import SliceLead
from pconc_tui.protocol.block import State

BLIP_NS, REQUEST_NS = 100_000, 300_000
"""An episode with less CPU time than this that ends at `cond` did not hold the GIL; the latter after a time-out.
Measured: requests take 5 to 90 us, on a busy machine up to 200; the shortest holds 110."""
UNDECIDED_NS = 30_000
"""A thread that wakes up and gets less CPU time than this before it loses the core may not have reached the GIL yet."""


class Place(IntEnum):
    """What a thread is blocked in, as far as a GIL is concerned."""

    COND = 0
    SWITCH_COND = 1
    MUTEX = 2
    ELSEWHERE = 3
    UNKNOWN = 4


class Rivals(IntEnum):
    """Other threads because of which one that blocks may have to wait for the GIL."""

    NONE = 0
    ASKED = 1
    """One had asked for the GIL, so this one may wait until that has taken it."""
    READY = 2
    """One had a core or could have used one, so it may hold the GIL."""
    HELD = 3
    """The same, but as far as records show, the GIL was held by the thread that blocks."""


_RELEASED, _RUNNING, _MUTEX = State.RELEASED, State.RUNNING, Place.MUTEX
_GIL_WAIT, _IO = (State.GIL_WAIT, 0), (State.IO, 0)
ELSEWHERE: tuple[Place, Any] = (Place.ELSEWHERE, None)


class Thread:
    """A thread of a process that is recorded."""

    __slots__ = (
        *("tid", "holder", "on_core", "is_preempted", "is_free", "is_undecided", "blipped"),
        *("place", "futex", "blocked_ns", "is_unresolved", "is_found", "rivals", "woke_ns", "waits_ns"),
        *("shown", "shown_ns", "detail", "got_core_ns", "ran_ns"),
        *("woke_ran_ns", "freed_ran_ns", "needs_ran_ns", "lead"),
        *("released_ran_ns", "was_asked", "lost_core", "needs_next", "is_unlearned", "keeps_wait"),
    )

    def __init__(self, tid: int, holder: Holder[Thread] | None, lead_ns: int) -> None:
        self.tid = tid
        self.holder = holder
        """The GIL that it needs; None: none."""
        self.on_core = self.is_preempted = False
        self.is_free = False
        """Whether it runs, or would if it had a core, without the GIL that it needs."""
        self.is_undecided = False
        """Whether it woke up from waiting for the GIL and got no core long enough to see what for."""
        self.blipped = False
        """Whether its last episode only requested the GIL, or found that it has to wait for it."""
        self.place, self.futex = Place.ELSEWHERE, 0
        """What it is blocked in, or was before its episode."""
        self.blocked_ns = 0
        """When it blocked."""
        self.is_unresolved = False
        """Whether it is blocked and it is unknown in what."""
        self.is_found = False
        """Whether a sample found what it is blocked in, or was before its episode."""
        self.rivals = Rivals.NONE
        """Those for the GIL when it blocked."""
        self.woke_ns = 0
        """When its episode began."""
        self.waits_ns = 0
        """Since when it has waited for the GIL, or last asked for it; that it woke up meanwhile counts for nothing."""
        self.shown, self.shown_ns, self.detail = State.UNKNOWN, 0, 0
        """The last transition."""
        self.got_core_ns = 0
        self.ran_ns = 0
        """Time on a core, as recorded."""
        self.woke_ran_ns = self.freed_ran_ns = 0
        """The former when its episode began, and when it was last found to be without the GIL."""
        self.needs_ran_ns = -BLIP_NS
        """How long it had run when it was last known to need the GIL next: it woke up, or asked for it."""
        self.lead = SliceLead(lead_ns)
        self.released_ran_ns, self.was_asked = -BLIP_NS, False
        """How long it had run when another thread took the GIL from it, and whether it had been asked for it."""
        self.lost_core = False
        """Whether it has lost its core since."""
        self.needs_next = [False, True]
        """Whether it then needed the GIL again, and nothing else, the last time that it lost its core: by `was_asked`.

        Where it keeps its core, it may find held what is free later.
        """
        self.is_unlearned = False
        """Whether what it is blocked in, once that is known, says so."""
        self.keeps_wait = False
        """Whether it was blocked and has only been woken up to be stopped, or to go on with its call after that."""

    @property
    def runs_as(self) -> State:
        """Its state while it is on a core."""
        return _RELEASED if self.is_free else _RUNNING

    @property
    def blocked_as(self) -> tuple[State, int]:
        """Its state while it is blocked, and the address of the lock."""
        if self.place <= _MUTEX:
            return _GIL_WAIT
        return (State.LOCK, self.futex) if self.futex > 0 else _IO

    @property
    def is_ready(self) -> bool:
        """Whether it is on a core or waits for one."""
        return self.on_core or self.is_preempted

    @property
    def preempted_as(self) -> tuple[State, int]:
        """Its state while it could go on but has no core, and a detail: had it one, it might only wait for the GIL."""
        released_ran_ns = self.released_ran_ns if self.needs_next[self.was_asked] else self.needs_ran_ns
        is_soon = self.ran_ns - max(self.needs_ran_ns, released_ran_ns) < BLIP_NS
        needs = self.holder is not None and self.is_free and is_soon
        return (State.GIL_WAIT, WITHOUT_CORE) if needs else (State.CORE_WAIT, 0)

    @property
    def changed_ns(self) -> int:
        """When it last got a core or blocked."""
        return max(self.got_core_ns, self.blocked_ns)

    def ran_since_ns(self, time_ns: int, ran_ns: int) -> int:
        """How long it has run since `ran_ns` of running."""
        return self.ran_ns - ran_ns + (time_ns - self.got_core_ns if self.on_core else 0)

    def loses_core(self, time_ns: int) -> int:
        """It loses the core that it has; returns when, which is not before it got it."""
        if time_ns < self.got_core_ns:
            time_ns = self.got_core_ns
        self.on_core = False
        self.ran_ns += time_ns - self.got_core_ns
        return time_ns

    def may_take(self, soon_ns: int) -> bool:
        """Whether it takes the GIL if it gets a core: no thread holds it, and it has not run without for as long."""
        is_soon = not self.is_free or self.ran_ns - self.freed_ran_ns < soon_ns
        return is_soon and self.holder is not None and self.holder.thread is None

    def frees(self, ran_ns: int) -> None:
        """It is found to be without the GIL, perhaps since it had run for so long."""
        if not self.is_free:
            self.is_free, self.freed_ran_ns = True, ran_ns

    def loses_gil(self, time_ns: int, was_asked: bool) -> None:
        """Another thread takes the GIL that it has released."""
        self.released_ran_ns, self.was_asked = self.ran_since_ns(time_ns, 0), was_asked
        self.lost_core = not self.on_core
        self.frees(self.ran_ns)

    def blocks_first(self, place: Place) -> None:
        """It blocks for the first time since another thread took the GIL from it."""
        if self.is_free and self.released_ran_ns >= 0 and self.lost_core:
            is_soon = self.ran_ns - self.released_ran_ns < BLIP_NS
            self.is_unlearned = is_soon and place is Place.UNKNOWN
            self.needs_next[self.was_asked] = is_soon and place is Place.COND
        self.released_ran_ns = -BLIP_NS

    def resolve(self, place: Place, futex: int) -> None:
        """It has been blocked here."""
        self.place, self.futex, self.is_unresolved = place, futex, False
        if self.is_unlearned:
            self.is_unlearned, self.needs_next[self.was_asked] = False, place is Place.COND

    def lose(self) -> None:
        """What it does is unknown from now on."""
        self.on_core = self.is_preempted = self.is_free = self.is_undecided = self.is_unresolved = False
        self.keeps_wait = False
        self.place, self.futex = Place.ELSEWHERE, 0
        self.lead.forget()
