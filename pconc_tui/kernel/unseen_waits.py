"""What threads wait for where records don't say it: without registers. Pure.

Most waits have ended when their beginning is judged, so that `wait_kinds` can say what they were. Of the others a
sample says what the thread is blocked in, also one that is newer than the records. Of a thread that can't be sampled
nothing is shown until it wakes up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.lookahead import End, Wait
from pconc_tui.kernel.outside import BlockedSample
from pconc_tui.kernel.records import UNKNOWN
from pconc_tui.kernel.short_holds import ShortHolds
from pconc_tui.kernel.thread import BLIP_NS, ELSEWHERE, UNDECIDED_NS, Place, Rivals, Thread
from pconc_tui.kernel.wait_kinds import AT_GIL, AT_MUTEX, Kind, WaitKinds, found_at, length_of
from pconc_tui.protocol.block import State

FEW_GIL_WAITS = 0.1
"""Where no more of all waits are for the GIL, a thread that did not wait for it before is not taken to ask for it."""
ASKED_NS = 20_000
"""An episode that uses less CPU time than this may have found the GIL held, also where records seem to show it free.
Measured in `events` and `queue_producer`: 94 and 95 % of those before waits for the GIL, 2 and 0.4 % of those before
waits for locks."""
SOON_NS = 10_000
"""A thread that woke up more recently than this has not taken the GIL yet."""


class UnseenWaits(ShortHolds):
    """Those of the threads of a process."""

    def __init__(self, gils: Sequence[Gil], interval_ns: int) -> None:
        super().__init__(gils, interval_ns)
        self._kinds = WaitKinds()
        self._gil_waits: defaultdict[int, set[int]] = defaultdict(set)

    def take_gil_waits(self) -> Mapping[int, Set[int]]:
        """When each thread got a core after a wait for the GIL that no record shows, since this was last asked."""
        found, self._gil_waits = self._gil_waits, defaultdict(set)
        return found

    def _likely(self, thread: Thread, wait: Wait) -> tuple[Place, int]:
        """What a thread that blocks waits for, which no record says; `Place.UNKNOWN`: it is too early to decide."""
        self._kinds.gil_waits.blocks()
        thread.rivals = self._rivals(thread, thread.blocked_ns)
        kind = self._kind(thread, wait.woke_ns, wait.end) if wait.woke_ns else None
        if wait.futex == UNKNOWN:
            if kind is None:
                return Place.UNKNOWN, UNKNOWN
            found = self._kinds.decide(thread.tid, kind, wait.woke_ns - thread.blocked_ns)
            if found == AT_GIL:
                self._gil_waits[thread.tid].add(wait.woke_ns)
            return AT_GIL if found == AT_MUTEX else found
        place, holder = self._places.get(wait.futex, ELSEWHERE)
        if holder is not None:
            thread.holder = holder
        if kind is not None:
            self._kinds.learn(thread.tid, kind, found_at(place, wait.futex))
            if place < Place.MUTEX:
                self._gil_waits[thread.tid].add(wait.woke_ns)
        return place, wait.futex

    def _expect(self, sample: BlockedSample) -> None:
        """What was sampled counts for the waits before it, too, that have not been judged yet."""
        place, _ = self._places.get(sample.futex, ELSEWHERE)
        self._kinds.sampled(sample.tid, found_at(place, sample.futex))

    def _kind(self, thread: Thread, woke_ns: int, end: End) -> Kind:
        asks = end.blocked and end.cpu_ns < BLIP_NS
        asked = thread.ran_ns - thread.woke_ran_ns < ASKED_NS
        return Kind(thread.rivals, asked, length_of(woke_ns - thread.blocked_ns, self.interval_ns), asks)

    def _asks_ns(self, waited: bool) -> int:
        """An episode that uses less CPU time while another thread holds the GIL ends with waiting for it."""
        gil_waits = self._kinds.gil_waits
        if gil_waits.are_most:
            return BLIP_NS
        return UNDECIDED_NS if waited or gil_waits.most > FEW_GIL_WAITS else 0

    def _end_wait(self, thread: Thread, time_ns: int, end: End) -> None:
        """A thread wakes up; what it was blocked in, no record says, and it was too early to decide that."""
        waited_ns, kind = time_ns - thread.blocked_ns, self._kind(thread, time_ns, end)
        if thread.is_found:
            found = found_at(thread.place, thread.futex)
            self._kinds.learn(thread.tid, kind, found)
        else:
            found = self._kinds.decide(thread.tid, kind, waited_ns)
            self._resolve(thread, *(AT_GIL if found == AT_MUTEX else found))
        thread.is_found = False
        if found == AT_GIL:
            self._gil_waits[thread.tid].add(self._ahead.records[self._number].time_ns)

    def _rivals(self, thread: Thread, time_ns: int) -> Rivals:
        """Why a thread that blocks may have to wait for the GIL."""
        holder = thread.holder
        if holder is None:
            return Rivals.NONE
        held = holder.before is thread and holder.released_ns == time_ns
        for each in self._threads.values():
            if each is not thread and each.holder is holder and each.is_ready and each.woke_ns < time_ns - SOON_NS:
                return Rivals.HELD if held else Rivals.READY
        return Rivals.ASKED if held and holder.requested_ns > holder.taken_ns else Rivals.NONE

    def _resolve(self, thread: Thread, place: Place, futex: int) -> None:
        """What a thread has been blocked in is known now."""
        thread.resolve(place, futex)
        if place is Place.COND and thread.holder is not None:
            thread.holder.waiting.add(thread)
            if not thread.blipped:
                thread.waits_ns = thread.blocked_ns
        self._show(thread, max(thread.blocked_ns, thread.shown_ns), *thread.blocked_as)

    def _block_sampled(self, sample: BlockedSample) -> None:
        thread = self._threads.get(sample.tid) or self._new(sample.tid)
        is_new = thread.shown is State.UNKNOWN
        if thread.on_core or sample.time_ns < thread.blocked_ns or not (thread.is_unresolved or is_new):
            return
        place, holder = self._places.get(sample.futex, ELSEWHERE)
        if holder is not None:
            thread.holder = holder
        if not thread.is_unresolved:
            thread.blocked_ns = sample.time_ns
        thread.is_found = True
        self._resolve(thread, place, sample.futex)
