"""What a thread of a watched program waits for, in words: the GIL or a lock, the thread that has it, and its place."""

from __future__ import annotations

from collections.abc import Iterable

from pconc_tui.monitor.lock_names import lock_wait
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.monitor.watched_thread import ThreadLane
from pconc_tui.monitor.watched_tree import WatchedTree
from pconc_tui.protocol.block import State
from pconc_tui.text.lock_words import in_words
from pconc_tui.watched_program import LockWait


class ThreadWaits:
    """The threads at one moment."""

    def __init__(self, lanes: Iterable[ThreadLane], tree: WatchedTree) -> None:
        self._lanes = [lane for lane in lanes if lane.alive]
        self._tree = tree
        holding = [lane for lane in self._lanes if lane.holds.began_ns is not None]
        holders = {id(lane.lane.gil): lane for lane in sorted(holding, key=lambda each: each.holds.began_ns or 0)}
        self._gils = {gil: self._held_by(holder) for gil, holder in holders.items()}
        """What each GIL's waiting threads wait for, in words."""

    def lock(self, lane: ThreadLane, state: State) -> LockWait | None:
        """What is known of the lock that it waits for, as in `Worker`."""
        found = self._lock(lane) if state is State.LOCK else None
        return None if found is None else found[0]

    def words(self, lane: ThreadLane, state: State) -> str:
        """Completes "waits for"; empty: it waits for nothing, or it is unknown."""
        if state in (State.GIL_WAIT, State.ASKING):
            return self._gils.get(id(lane.lane.gil), "the GIL")
        if state is not State.LOCK or not lane.python:
            return ""
        found = self._lock(lane)
        return "a lock" if found is None else in_words(*found)

    def _held_by(self, holder: ThreadLane) -> str:
        what = f"the GIL: {self._name(holder)}"
        return what if holder.place is None else f"{what} in {holder.place}"

    def _lock(self, lane: ThreadLane) -> tuple[LockWait, str] | None:
        """The lock, and the place of its holder; None: the threads are not recorded."""
        if not isinstance(self._tree, TreeObserver):
            return None
        pid = lane.thread.pid
        lock, tid = lock_wait(self._tree, pid, lane.thread.tid)
        holder = next((each for each in self._lanes if (each.thread.pid, each.thread.tid) == (pid, tid)), None)
        if holder is None:
            return lock, ""
        return lock._replace(holder=self._name(holder)), str(holder.place or "")

    def _name(self, lane: ThreadLane) -> str:
        """Its name, with its id where another thread of its process has the same: names may be unknown."""
        same = (each for each in self._lanes if each.thread.pid == lane.thread.pid and each.name == lane.name)
        return lane.name if sum(1 for _ in same) <= 1 else f"{lane.name} ({lane.thread.tid})"
