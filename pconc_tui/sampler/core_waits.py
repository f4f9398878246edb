"""Shows what threads that need the GIL and have no core wait for: the GIL as long as another holds it, then a core."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from pconc_tui.kernel.episodes import Episodes
from pconc_tui.kernel.gil import Hold
from pconc_tui.protocol.block import BLOCKED, State
from pconc_tui.sampler.held_time import HeldTime
from pconc_tui.sampler.thread_slots import ThreadSlot
from pconc_tui.sampler.wake_ups import SHORTEST_NS


class CoreWaits:
    """Those of a process's threads."""

    def __init__(self, episodes: Episodes) -> None:
        """`episodes`: judges the records of the process."""
        self._episodes = episodes
        self._held: defaultdict[int, HeldTime] = defaultdict(HeldTime)
        """For how long each GIL was held, by its number."""

    def forget_holds(self) -> None:
        """The numbers of GILs mean others now."""
        self._held.clear()

    def add_holds(self, ended: Iterable[Hold], gil_of: Callable[[int], int]) -> None:
        """Threads have held the GIL, or hold it now. `gil_of`: the number of the GIL that a thread needs."""
        for hold in ended:
            self._held[gil_of(hold.tid)].add(hold)
        for held_time in self._held.values():
            held_time.since_ns = None
        for hold in self._episodes.holding():
            self._held[gil_of(hold.tid)].since_ns = hold.began_ns

    def write(self, slot: ThreadSlot, gil: int, since_ns: int, runs_ns: int, is_woken: bool) -> None:
        """A thread that needs this GIL could go on since then, and gets a core now. `is_woken`: it was blocked before.

        As long as another held the GIL, a core would not have helped it: it waited for the GIL. `GilUse` says for what
        part of the time that was, but not when, so it is shown first, and the wait for a core after it.
        """
        state, wait_ns = slot.state, runs_ns - since_ns
        if state not in _WAITS:
            return
        core_wait_ns = slot.core_wait_ns + wait_ns
        use = self._episodes.use(gil)
        if use is not None and slot.tid not in self._episodes.native_tids:
            part = use.held_for_ready if is_woken else use.held
            # It runs from a little before its record on, so its wait began before it had blocked.
            gil_ns = round(part * self._held[gil].between(max(since_ns, slot.last_ns), runs_ns))
            core_wait_ns -= gil_ns
            if gil_ns and state != _GIL_WAIT:
                slot.write(since_ns, _GIL_WAIT)
        if core_wait_ns >= SHORTEST_NS:
            shown_ns = max(0, min(core_wait_ns, runs_ns - slot.last_ns))
            core_wait_ns -= shown_ns
            slot.write(runs_ns - shown_ns, _CORE_WAIT)
        slot.core_wait_ns = core_wait_ns


# Found faster than through their class.
_GIL_WAIT, _CORE_WAIT = State.GIL_WAIT, State.CORE_WAIT
_WAITS = BLOCKED | {State.GIL_WAIT}
"""The states in which a thread waits for something other than a core."""
