"""Scheduling records of one process become states of its threads. Pure.

A thread's *episode* goes from a wake-up to the next time it blocks. What it blocks in before and after, by the address
of the futex, shows whether it held the GIL meanwhile. CPython waits for the GIL at `cond`, with a time-out of one
switch interval; a thread that gave the GIL up on request waits at `switch_cond` until another has taken it. Example:

    time (ms)   thread 7                                  thread 8
    0           runs                                      blocks at cond: GIL_WAIT
    5.00                                                  wakes up, for 5 us: the time-out, a *request* for the GIL
    5.02        blocks at switch_cond: it held the GIL    (RELEASED while it asked)
    5.03                                                  wakes up
    5.04        wakes up, blocks at cond                  goes on for longer than a request: it holds the GIL, RUNNING

So an episode after `cond` that isn't short, or ends elsewhere than at `cond`, begins with taking the GIL; one that ends
at `switch_cond` held it. An episode after another wait took the GIL too, unless it soon blocks at `cond`, or others
still wait there, which shows that the GIL was not free: then it runs without, RELEASED. So does a thread while another
takes the GIL. Each record is judged when LOOKAHEAD_NS more are known.

Two things leave no record: a GIL taken and released while no other thread waits for it, and without registers the place
where a thread blocks. `outside` says what can be sampled of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter

from pconc_tui.kernel.found import Found, Request, Transition
from pconc_tui.kernel.gil import Gil, Hold
from pconc_tui.kernel.lookahead import End, Wait, ends
from pconc_tui.kernel.outside import BlockedSample, ClockSample, GilWaits, HolderSample, Outside
from pconc_tui.kernel.records import IN, NO_CALL, PREEMPTED, STOPPED, Comm, Exit, Fork, Lost, Record, Switch
from pconc_tui.kernel.short_holds import TIMED_OUT, Ahead
from pconc_tui.kernel.stopped_threads import StoppedThreads
from pconc_tui.kernel.thread import BLIP_NS, ELSEWHERE, REQUEST_NS, UNDECIDED_NS, Place, Thread
from pconc_tui.protocol.block import State

LOOKAHEAD_NS = 1_000_000
WAKE_UP_NS = 20_000
"""A thread that gets a core later than this after the GIL was released for it has waited for a core."""
NEAR_NS = 30_000
"""A sample of the holder that is nearer to a switch than this says nothing: either may have been first."""
SWITCH_NS = 5_000
"""The kernel takes less than this from one thread to the next on a core, and charges it to the next."""
COUNTED_NS = 100_000
"""A thread's CPU clock counts up to when it got its core, if that is not longer ago: but for ticks, which are rare."""


class Episodes(StoppedThreads):
    """The threads of one process."""

    def __init__(self, pid: int, gils: Sequence[Gil] = (), interval_ns: int = 5_000_000) -> None:
        """`gils`: those that are enabled, the main interpreter's first; none: its threads run without a GIL.

        `interval_ns`: the switch interval.
        """
        super().__init__(gils, interval_ns)
        self.pid = pid
        self.lost = 0
        """Records that had no room."""
        self._later: list[Record | Outside] = []
        self._unknown_until_ns = 0
        self._off_ns: dict[int, int] = {}
        """When each core was last taken from one of the threads."""

    def add(self, records: Iterable[Record], watermark_ns: int, outside: Iterable[Outside] = ()) -> Found:
        """Judge these records of the process, and those left from before; all until `watermark_ns` are known."""
        self._found = found = Found([], [], [])
        pending = self._later
        pending.extend(records)
        for each in outside:
            if type(each) is BlockedSample:
                self._expect(each)
            pending.append(each)
        pending.sort(key=_time)
        settled = bisect_right(pending, watermark_ns - LOOKAHEAD_NS, key=_time)
        ahead = ends(pending, self._passing, watermark_ns)
        self._ahead = Ahead(pending, ahead)
        for number, record in enumerate(pending[:settled]):
            if type(record) is Switch:
                time_ns, _, tid, cpu, way, futex = record
                if time_ns < self._unknown_until_ns:
                    continue
                thread = self._threads.get(tid) or self._new(tid)
                if way == IN:
                    if not thread.on_core:
                        self._number = number
                        self._gets_core(thread, time_ns, cpu, ahead[number])  # type: ignore[arg-type]
                    continue
                self._off_ns[cpu] = time_ns
                if thread.on_core:
                    time_ns = thread.loses_core(time_ns)
                if way == PREEMPTED:
                    thread.is_preempted = thread.lost_core = True
                    self._show(thread, time_ns, *thread.preempted_as)
                else:
                    thread.is_preempted = False
                    self._blocks(thread, time_ns, futex, ahead[number])  # type: ignore[arg-type]
            else:
                self._other(record)
        self._later = pending[settled:]
        self._until_ns = max(self._until_ns, watermark_ns - LOOKAHEAD_NS)
        return found

    def _gets_core(self, thread: Thread, time_ns: int, cpu: int, end: End) -> None:
        off_ns = self._off_ns.get(cpu, 0)
        recorded_ns, lead_ns = time_ns, thread.lead.next_ns()
        if lead_ns < 0:
            lead_ns = max(lead_ns, -end.slice_ns // 2)  # It runs before another does.
        time_ns = off_ns if lead_ns >= 0 and time_ns - off_ns < SWITCH_NS else time_ns - lead_ns
        if time_ns < thread.shown_ns:
            time_ns = thread.shown_ns
        thread.lead.give(recorded_ns - time_ns)
        thread.on_core = True
        thread.got_core_ns = time_ns
        was_preempted, thread.is_preempted = thread.is_preempted, False
        if was_preempted and not thread.is_undecided:
            if end.cpu_ns > UNDECIDED_NS and not thread.keeps_wait and thread.may_take(UNDECIDED_NS):
                self._claim(thread, time_ns)
            self._runs(thread, time_ns)
            return
        if self._only_stops(thread, time_ns, end):
            return
        if thread.is_unresolved or thread.is_found:
            self._end_wait(thread, time_ns, end)
        self._start(thread, time_ns, end)

    def _blocks(self, thread: Thread, time_ns: int, futex: int, wait: Wait | None) -> None:
        place, holder = self._places.get(futex, ELSEWHERE)
        if holder is None:
            holder = thread.holder
        else:
            thread.holder = holder
        if place is _MUTEX:
            self._show(thread, time_ns, _GIL_WAIT)
            return
        if futex == STOPPED:
            self._stops(thread, time_ns)
            return
        if thread.keeps_wait:
            self._keeps_waiting(thread, time_ns)
            return
        if holder is not None:
            if place is _SWITCH_COND and thread is not holder.thread and thread is not holder.before:
                self._take(thread, time_ns)  # It had taken it unnoticed.
            if holder.thread is thread and futex != NO_CALL:
                holder.use.ended(on_record=True)
                before = holder.before
                self._release(holder, time_ns)
                if before is not None and before.holder is holder:
                    self._take_back(before, time_ns)
        thread.blocked_ns = time_ns
        if wait is not None:
            place, futex = self._likely(thread, wait)
            holder = thread.holder
            if holder is not None:
                holder.waiting.discard(thread)  # It may have taken the GIL unnoticed since.
        thread.blocks_first(place)
        if holder is not None and place is _COND:
            holder.waiting.add(thread)
            if not thread.blipped:
                thread.waits_ns = time_ns
            if holder.thread is None:
                self._find_holder(holder, time_ns)
        thread.place, thread.futex = place, futex
        thread.is_undecided, thread.is_unresolved = False, place is _UNSEEN
        thread.is_found = wait is not None and not wait.woke_ns and place is not _UNSEEN
        if place is _COND:
            self._show(thread, time_ns, _GIL_WAIT)
        elif futex == NO_CALL and self._stopped:
            self._show(thread, time_ns, State.UNKNOWN)
        elif holder is not None and holder.thread is thread:
            self._show(thread, time_ns, State.BLOCKED_WITH_GIL)
        elif place is not _UNSEEN:
            self._show(thread, time_ns, *thread.blocked_as)

    def _start(self, thread: Thread, time_ns: int, end: End) -> None:
        """An episode begins, or goes on after a wait for a mutex of the GIL."""
        if not thread.is_undecided:
            thread.woke_ran_ns, thread.woke_ns = thread.ran_ns, time_ns
        holder = thread.holder
        if holder is None:
            self._show(thread, time_ns, _RUNNING)
            return
        waited = thread.place is _COND
        timed_out = waited and time_ns - thread.waits_ns >= TIMED_OUT * self.interval_ns
        ends_at = self._places.get(end.futex, ELSEWHERE)[0]
        if not end.blocked:
            asks = end.cpu_ns < UNDECIDED_NS
        elif ends_at is _UNSEEN:  # Records without registers.
            is_held = holder.thread not in (None, thread)
            asks = end.cpu_ns < (REQUEST_NS if timed_out else self._asks_ns(waited) if is_held else 0)
        else:
            # A holder without a core has not released it meanwhile.
            is_held = holder.thread is not None and holder.thread.is_preempted
            asks = ends_at is _COND and end.cpu_ns < (REQUEST_NS if timed_out or is_held else BLIP_NS)
        takes = self._takes_before(thread, end) if waited else None
        if takes is False or (not takes and (asks or (waited and end.passes))):
            if timed_out and not thread.is_undecided:
                if holder.thread is None and ends_at is _COND and thread.waits_ns > holder.released_ns:
                    self._find_keeper(holder, thread, time_ns)
                holder.requested_ns = thread.waits_ns = time_ns
                if holder.taken_ns <= thread.blocked_ns:  # Else it changed hands meanwhile: it just waits again.
                    self._found.requests.append(_new(Request, (time_ns, thread.tid)))
            thread.is_undecided, thread.blipped = takes is False or end.passes or not end.blocked, True
            thread.needs_ran_ns = thread.ran_ns
            thread.frees(thread.ran_ns)
            self._show(thread, time_ns, _RELEASED)
            return
        thread.is_undecided = thread.blipped = False
        if waited:
            if holder.thread is None and thread.blocked_ns < holder.released_ns < time_ns - WAKE_UP_NS:
                self._show(thread, max(holder.released_ns, thread.shown_ns), _CORE_WAIT)
            self._take(thread, time_ns)
        else:
            self._wakes_up(thread, holder, time_ns, end)
        self._runs(thread, time_ns)

    def _other(self, record: Record | Outside) -> None:
        if isinstance(record, HolderSample):
            self._holder_sampled(record)
        elif isinstance(record, BlockedSample):
            self._block_sampled(record)
        elif isinstance(record, ClockSample):
            sampled = self._threads.get(record.tid)
            if sampled is not None and sampled.on_core and record.time_ns - sampled.got_core_ns >= COUNTED_NS:
                sampled.lead.clock_sampled_on_core(record.cpu_ns, sampled.ran_ns)
            elif sampled is not None:
                sampled.lead.clock_sampled(record.cpu_ns, sampled.ran_ns)
                self._lead_ns = sampled.lead.usual_ns
        elif isinstance(record, GilWaits):
            self._kinds.read(record.begun)
        elif isinstance(record, Lost):
            self._lose(record)
        elif isinstance(record, Fork):
            started = self._new(record.tid)
            started.lead.starts()
            self._show(started, record.time_ns, State.STARTING)
            if record.time_ns < self._unknown_until_ns:
                self._show(started, record.time_ns, State.UNKNOWN)
        elif isinstance(record, Comm):
            if record.exec:
                self._execute(record)
        elif isinstance(record, Exit) and record.tid in self._threads:
            self._end(record.tid, record.time_ns)

    def _end(self, tid: int, time_ns: int) -> None:
        thread = self._threads.pop(tid)
        self._stopped.discard(thread)
        self._kinds.forget(tid)
        if thread.holder is not None:
            if thread.holder.thread is thread:
                thread.holder.use.ended(on_record=True)
                self._release(thread.holder, time_ns)
            elif thread.released_ran_ns >= 0 and thread.ran_since_ns(time_ns, thread.released_ran_ns) < BLIP_NS:
                thread.holder.use.was_on_record()
            thread.holder.forget(thread)
        self._show(thread, max(time_ns, thread.shown_ns), State.ENDED)

    def _execute(self, record: Comm) -> None:
        """The process runs another program: the thread that called execve goes on as its first, with that one's id, and
        all others have ended, of which its own id's has no record.
        """
        for tid in self._threads.keys() - {record.tid}:
            self._end(tid, record.time_ns)
        self.know(())
        if record.tid not in self._threads:
            thread = self._new(record.tid)
            thread.on_core, thread.got_core_ns = True, record.time_ns
            self._show(thread, record.time_ns, _RUNNING)

    def _lose(self, lost: Lost) -> None:
        self.lost += lost.records
        if lost.until_ns <= lost.time_ns:
            return
        self._unknown_until_ns = max(self._unknown_until_ns, lost.until_ns)
        for holder in self._holders:
            self._release(holder, lost.time_ns)
            holder.waiting.clear()
        self._stopped.clear()
        for thread in self._threads.values():
            thread.lose()
            self._show(thread, max(lost.time_ns, thread.shown_ns), State.UNKNOWN)

    def _holder_sampled(self, sample: HolderSample) -> None:
        if sample.gil >= len(self._holders) or sample.time_ns < self._unknown_until_ns:
            return
        holder = self._holders[sample.gil]
        held = holder.thread
        for tid in sample.ready if held is not None else ():
            woken = self._threads.get(tid)
            if woken is not None and not woken.is_ready and woken.holder is holder and tid not in self.native_tids:
                holder.use.sampled_ready(sample.tid != 0)
        thread = self._threads.get(sample.tid)
        settled_ns = sample.time_ns - sample.error_ns - NEAR_NS
        if max(holder.taken_ns, holder.released_ns, thread.changed_ns if thread is not None else 0) > settled_ns:
            return
        needed = (each for each in self._threads.values() if each.holder is holder and each is not held)
        if held is not None and any(each.is_ready or each.place is _COND for each in needed):
            holder.use.sampled(sample.tid != 0)
        if sample.tid == 0 and held is not None:
            self._release(holder, sample.time_ns)
            held.frees(held.woke_ran_ns)
            if held.is_ready:
                self._show_without(held, sample.time_ns)
        elif thread is not None and thread is not held:
            thread.holder = holder
            self._take(thread, sample.time_ns)
            if thread.on_core:
                self._show(thread, sample.time_ns, _RUNNING)
            elif not thread.is_preempted and thread.place is Place.ELSEWHERE and not self._stopped:
                self._show(thread, sample.time_ns, State.BLOCKED_WITH_GIL)


_time = itemgetter(0)
_new = tuple.__new__
# Found faster than through their class.
_RUNNING, _RELEASED, _CORE_WAIT, _GIL_WAIT = State.RUNNING, State.RELEASED, State.CORE_WAIT, State.GIL_WAIT
_COND, _SWITCH_COND, _MUTEX, _UNSEEN = Place.COND, Place.SWITCH_COND, Place.MUTEX, Place.UNKNOWN
__all__ = ["Episodes", "Found", "Gil", "Hold", "Request", "Transition"]
