"""The lanes of all threads of a watched program, and the GILs that these share."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator

from pconc_tui.monitor.first_ids import FIRST_IDS
from pconc_tui.monitor.lock_shares import LockTimes
from pconc_tui.monitor.sampled_tree import SampledTree
from pconc_tui.monitor.thread_holds import LongHold
from pconc_tui.monitor.watched_processes import WatchedProcesses
from pconc_tui.monitor.watched_thread import ThreadLane
from pconc_tui.monitor.watched_tree import FOREVER_NS, WatchedTree
from pconc_tui.protocol.lane_source import Source
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.watched_program import Hold

KEEP_MANY_NS = 1_000_000_000
MANY_ENDED = 32
"""So many threads that have ended are kept for as long as a few; of more, those that count in the last second."""
MAX_LONG_HOLDS = 10_000


class WatchedLanes:
    """Each frame: `find` the new threads, `read` what all did, then use the lanes. Iterating gives each lane."""

    def __init__(self, history_pieces: int | None, long_hold_ns: int, keep_ended_ns: int | None) -> None:
        """As in `Watch`."""
        self._history_pieces = history_pieces
        self._long_hold_ns = long_hold_ns
        self._keep_ended_ns = keep_ended_ns
        self._first_id = next(FIRST_IDS)
        self._lanes: dict[int, ThreadLane] = {}
        self._gils: defaultdict[int, Gil] = defaultdict(Gil)
        self._long_holds: deque[tuple[ThreadLane, int, int]] = deque(maxlen=MAX_LONG_HOLDS)

    def __iter__(self) -> Iterator[ThreadLane]:
        return iter(self._lanes.values())

    @property
    def handoffs(self) -> int:
        """Hand-offs of all GILs since watching began."""
        return sum(gil.handoffs.total() for gil in self._gils.values())

    def find(self, tree: WatchedTree, processes: WatchedProcesses, now_ns: int) -> None:
        """Add lanes of new threads, and forget those of threads that ended long ago."""
        new = [thread for id, thread in tree.threads.items() if id not in self._lanes]
        from_ns = processes.executed_ns(tree)
        processes.read_threads({thread.pid for thread in new}, from_ns, now_ns)
        for thread in new if from_ns is not None else ():
            self._lanes[thread.id] = ThreadLane(
                self._first_id + thread.id,
                thread,
                self._history_pieces,
                from_ns or 0,
                processes.cpu_before_ns(thread),
            )
        names = Counter((lane.thread.pid, lane.thread.name) for lane in self)
        for lane in self:
            if lane.thread.tid != lane.thread.pid and names[lane.thread.pid, lane.thread.name] > 1:
                lane.shares_name = True
            process = processes.views.get(lane.thread.pid)
            if process is not None:
                lane.identify(process.python_threads, process.threads_read_ns, tree.processes.get(process.pid))
                lane.has_gil = process.gil_enabled is not False
                lane.halted.since_ns, lane.halted.ran_ns = process.halted_ns, process.ran_ns
        if self._keep_ended_ns is not None and not processes.ended:
            self._forget(tree, now_ns, self._keep_ended_ns)
            processes.forget(tree, (lane.thread.pid for lane in self))

    def _forget(self, tree: WatchedTree, now_ns: int, keep_ns: int) -> None:
        """Forget threads that have ended so long ago; where they are many, sooner."""
        ended = [lane for lane in self if not lane.alive]
        keep_ns = keep_ns if len(ended) <= MANY_ENDED else min(keep_ns, KEEP_MANY_NS)
        for lane in ended:
            if now_ns - (lane.lane.ended_ns or 0) > keep_ns:
                del self._lanes[lane.thread.id]
                tree.forget(lane.thread)

    def read(self, tree: WatchedTree, now_ns: int) -> None:
        """Read what all threads did."""
        # While the observer writes down what it has read, that is known of some threads only.
        is_sampled = tree.source is Source.SAMPLED
        is_complete = tree.died or is_sampled
        latest_ns = FOREVER_NS if is_complete else tree.until_ns
        for lane in self:
            lane.read(self._gils, tree.until_ns, latest_ns)
        for gil in self._gils.values():
            gil.update(now_ns)
        for lane in self:
            runs = lane.lane.gil if is_sampled else None
            holds = lane.holds.settle(self._long_hold_ns, runs, lane.thread.gil_held)
            self._long_holds += [(lane, *hold) for hold in holds]
            lane.finalize(now_ns, tree.died)

    def sample(self, now_ns: int, read_ns: int) -> None:
        """Read the threads' figures, as in `ThreadLane`."""
        for lane in self:
            lane.sample(now_ns, read_ns)

    def lock_times(self, now_ns: int) -> dict[int, LockTimes]:
        """What threads that need no GIL have waited for locks, by the ids of their lanes."""
        return {lane.id: lane.lock_times(now_ns) for lane in self if lane.python and not lane.needs_gil}

    def continue_with(self, tree: SampledTree, known_ns: int) -> None:
        """Go on with what `tree` samples. `known_ns`: up to when all is known from what observed before."""
        for lane in [lane for lane in self if lane.alive]:
            del self._lanes[lane.thread.id]
            lane.continue_as(tree.thread(lane.thread.pid, lane.thread.tid), known_ns)
            self._lanes[lane.thread.id] = lane

    @property
    def last_thread_id(self) -> int:
        """The highest id of a thread that has a lane; 0: there is none."""
        return max(self._lanes, default=0)

    def take_long_holds(self, until_ns: int | None) -> list[LongHold]:
        """The long holds that ended before `until_ns` and were not taken yet; None: all that have ended."""
        found = []
        while self._long_holds and (until_ns is None or self._long_holds[0][2] < until_ns):
            lane, began_ns, ended_ns = self._long_holds.popleft()
            found.append(_long_hold(lane, lane.holds.hold(began_ns, ended_ns)))
        return found

    def present_long_holds(self) -> list[LongHold]:
        """The long holds that go on."""
        holds = [(lane, lane.holds.present(self._long_hold_ns)) for lane in self if lane.alive]
        return [_long_hold(lane, hold) for lane, hold in holds if hold is not None]


def _long_hold(lane: ThreadLane, hold: Hold) -> LongHold:
    return LongHold(lane.name, lane.thread.pid, lane.thread.tid, hold, lane.holds.mostly_in)
