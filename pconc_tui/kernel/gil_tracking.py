"""Which thread of a process holds which GIL, and what that makes of the others. Pure.

`Episodes` finds what each record means; here is what follows from it: a thread that takes a GIL takes it from another,
and one that runs without the GIL that it needs is RELEASED.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pconc_tui.kernel.found import Found, Transition
from pconc_tui.kernel.gil import Gil, Hold, Holder
from pconc_tui.kernel.gil_use import GilUse
from pconc_tui.kernel.records import UNKNOWN
from pconc_tui.kernel.thread import BLIP_NS, Place, Thread
from pconc_tui.protocol.block import RELEASING_NS, State

NOT_SHOWN_NS = 1_000
"""Less than this from when a thread gets its core until it has the GIL is not shown: no record is as exact."""


class GilTracking:
    """The threads of a process and its GILs."""

    def __init__(self, gils: Sequence[Gil]) -> None:
        self.native_tids: Collection[int] = frozenset()
        """Its threads that Python doesn't know; one that has just started counts as Python's until that is known."""
        self._threads: dict[int, Thread] = {}
        self._lead_ns = 0
        """Of new threads."""
        self._until_ns = 0
        """When the last record was judged."""
        self._found = Found([], [], [])
        self.know(gils)

    @property
    def handoffs(self) -> int:
        """How often a GIL was taken by another thread than the last time, as far as records show."""
        return sum(holder.handoffs for holder in self._holders)

    @property
    def switches_ns(self) -> dict[int, int]:
        """What a switch to each thread takes that no record shows, as far as is known, by thread id."""
        return {tid: thread.lead.switch_ns for tid, thread in self._threads.items()}

    @property
    def all_on_record(self) -> bool:
        """Whether threads wait for every GIL, and it is held nearly always: then what becomes of it is on record."""
        return all(holder.waiting and holder.use.is_nearly_always_held for holder in self._holders)

    @property
    def needs_ready_samples(self) -> bool:
        """Whether it matters which threads are ready: a GIL is free for some of the time."""
        return any(holder.use.is_often_free for holder in self._holders)

    @property
    def has_few_samples(self) -> bool:
        """Whether it is known of a GIL by few samples only, for how much of the time it is held."""
        return any(holder.use.has_few_samples for holder in self._holders)

    def holding(self) -> list[Hold]:
        """Holds that go on, until the last record."""
        return [Hold(each.taken_ns, self._until_ns, each.thread.tid) for each in self._holders if each.thread]

    def gil_of(self, tid: int) -> int:
        """The number of the GIL that a thread needs, among those that are known: the first, until it used another."""
        thread = self._threads.get(tid)
        holder = None if thread is None else thread.holder
        return next((number for number, each in enumerate(self._holders) if each is holder), 0)

    def use(self, number: int) -> GilUse | None:
        """For how much of the time the GIL with this number is held; None: there is none."""
        return self._holders[number].use if number < len(self._holders) else None

    def left_out(self, tid: int, moments: int) -> None:
        """So many moments in which this thread had a core are in the length of others, each with its `switches_ns`."""
        if tid in self._threads:
            self._threads[tid].lead.left_out(moments)

    def know(self, gils: Sequence[Gil]) -> None:
        """Use these GILs from now on: an interpreter has come or gone, or the process runs another program."""
        self._holders: list[Holder[Thread]] = [Holder() for _ in gils]
        self._places: dict[int, tuple[Place, Holder[Thread] | None]] = {UNKNOWN: (Place.UNKNOWN, None)}
        self._passing: set[int] = set()
        for gil, holder in zip(gils, self._holders, strict=True):
            for place, first, end in (
                (Place.COND, gil.cond, gil.mutex),
                (Place.MUTEX, gil.mutex, gil.switch_cond),
                (Place.SWITCH_COND, gil.switch_cond, gil.switch_mutex),
                (Place.MUTEX, gil.switch_mutex, gil.end),
            ):
                self._places.update(dict.fromkeys(range(first, end, 4), (place, holder)))
                if place is Place.MUTEX:
                    self._passing.update(range(first, end, 4))
        for thread in self._threads.values():
            thread.holder = self._holders[0] if gils else None

    def learn(self, number: int, cond: Iterable[int], switch_cond: Iterable[int]) -> None:
        """Threads wait for this GIL at these addresses too: with musl they are on their stacks."""
        if number < len(self._holders):
            holder = self._holders[number]
            self._places.update(dict.fromkeys(cond, (Place.COND, holder)))
            self._places.update(dict.fromkeys(switch_cond, (Place.SWITCH_COND, holder)))

    def _claim(self, thread: Thread, time_ns: int) -> None:
        """A thread runs that did not wait for the GIL: it takes it, if no other holds it for certain."""
        holder = thread.holder
        is_python = thread.tid not in self.native_tids
        if holder is not None and is_python and (holder.thread is None or not holder.waiting):
            self._take(thread, time_ns)
        else:
            if holder is not None and holder.thread is not thread:
                thread.frees(thread.ran_ns)
                if is_python:
                    thread.needs_ran_ns = thread.ran_ns

    def _take(self, thread: Thread, time_ns: int) -> None:
        holder = thread.holder
        if holder is None or holder.thread is thread:
            return
        # A thread gets its core up to some us before its record, and so before what another core recorded meanwhile.
        time_ns = max(time_ns, holder.taken_ns, holder.released_ns)
        before = holder.thread
        if before is not None:
            time_ns = max(time_ns, before.shown_ns + 1)
            was_asked = holder.requested_ns > holder.taken_ns
            holder.use.ended(on_record=False)
            self._release(holder, time_ns)
            before.loses_gil(time_ns, was_asked)
        holder.waiting.discard(thread)
        holder.take(thread, time_ns)
        thread.is_free = False
        if before is not None and before.is_ready:
            self._show_without(before, time_ns)

    def _runs(self, thread: Thread, time_ns: int) -> None:
        """A thread has a core from this time on; it may have taken the GIL a moment later."""
        holder = thread.holder
        if holder is not None and holder.thread is thread and holder.taken_ns > time_ns:
            if holder.taken_ns - time_ns >= NOT_SHOWN_NS:
                self._show(thread, time_ns, _RELEASED)
            time_ns = holder.taken_ns
        self._show(thread, time_ns, thread.runs_as)

    def _release(self, holder: Holder[Thread], time_ns: int) -> None:
        if holder.thread is not None:
            thread = holder.thread
            self._found.holds.append(Hold(holder.taken_ns, max(time_ns, holder.taken_ns), thread.tid))
            holder.release(time_ns)
            if thread.shown is _BLOCKED_WITH_GIL:
                self._show(thread, max(time_ns, thread.shown_ns), *thread.blocked_as)

    def _show_without(self, thread: Thread, time_ns: int) -> None:
        """A thread that is on a core, or waits for one, does not have the GIL any more."""
        time_ns = max(time_ns, thread.shown_ns)
        state, detail = (_RELEASED, 0) if thread.on_core else thread.preempted_as
        if state is _CORE_WAIT:
            # It waits for a core as before: that its hold of the GIL is over is to be seen.
            self._show(thread, time_ns, _RELEASED)
            time_ns += RELEASING_NS
        self._show(thread, time_ns, state, detail)

    def _take_back(self, thread: Thread, time_ns: int) -> None:
        """The GIL is free that another took from this thread. One that gave it up on request needs it again at once: if
        it still has its core, and so has not found it held, it takes it.
        """
        gave_up = thread.is_free and thread.was_asked and thread.released_ran_ns >= 0 and thread.on_core
        if gave_up and thread.ran_since_ns(time_ns, thread.released_ran_ns) < BLIP_NS:
            self._take(thread, time_ns)
            self._show(thread, time_ns, _RUNNING)

    def _find_holder(self, holder: Holder[Thread], time_ns: int) -> None:
        """A thread waits for the GIL, so another holds it: the ready one that ran the least since it released it.

        If all of them only asked for it, as far as was known, one may have taken it since.
        """
        ready = [each for each in self._threads.values() if each.holder is holder and each.is_ready]
        others = [each for each in ready if not each.blipped] or (ready if self._keeper(holder) is None else [])
        if others:
            thread = min(others, key=lambda each: each.ran_since_ns(time_ns, each.freed_ran_ns))
            thread.blipped = False
            self._take(thread, time_ns)
            if thread.on_core:
                self._show(thread, time_ns, _RUNNING)

    def _find_keeper(self, holder: Holder[Thread], waiter: Thread, time_ns: int) -> None:
        """A thread has waited for a switch interval, and the GIL is not free. If no other could run meanwhile, the last
        that held it blocked without releasing it.
        """
        kept = self._keeper(holder)
        others = (each for each in self._threads.values() if each.holder is holder and each is not waiter)
        if kept is not None and not any(each.is_ready and each.tid not in self.native_tids for each in others):
            self._take(kept, time_ns)
            self._show(kept, time_ns, _BLOCKED_WITH_GIL)

    def _keeper(self, holder: Holder[Thread]) -> Thread | None:
        """The thread that would still hold a GIL if it had not released it when it blocked; None: there is none."""
        last = holder.before
        if last is None or last in holder.waiting or last.blocked_ns != holder.released_ns:
            return None
        return last if last.place is Place.ELSEWHERE else None

    def _show(self, thread: Thread, time_ns: int, state: State, detail: int = 0) -> None:
        if state is not thread.shown or detail != thread.detail:
            thread.shown, thread.shown_ns, thread.detail = state, time_ns, detail
            self._found.transitions.append(_new(Transition, (time_ns, thread.tid, state, detail)))

    def _new(self, tid: int) -> Thread:
        thread = self._threads[tid] = Thread(tid, self._holders[0] if self._holders else None, self._lead_ns)
        return thread


_new = tuple.__new__
# Found faster than through their class.
_RUNNING, _RELEASED, _CORE_WAIT = State.RUNNING, State.RELEASED, State.CORE_WAIT
_BLOCKED_WITH_GIL = State.BLOCKED_WITH_GIL
