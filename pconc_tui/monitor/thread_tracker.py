"""Tracks one observed thread that is no worker: builds its lane, and makes its part of a Snapshot."""

from __future__ import annotations

from collections import defaultdict

from pconc_tui.monitor.last_second import LastSecond, growing, recent_times
from pconc_tui.monitor.observed_thread import ObservedThread
from pconc_tui.monitor.thread_cpu import ThreadUse, thread_use
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.protocol.block import State, pack
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.span_builder import SpanBuilder

KNOWN_FOR_NS = 1_000_000_000
"""What the records say last holds for so long, where a busy machine delays the next reading; then it is unknown."""


class ThreadTracker:
    """Each frame: `read` all, `Gil.update`, `finalize` all, then `snapshot`. The last values stay when it has ended."""

    def __init__(self, id: int, thread: ObservedThread, observer: TreeObserver, max_history_pieces: int | None) -> None:
        self.id = id
        self.thread = thread
        self.lane = SpanBuilder(id, thread.started_ns, max_history_pieces)
        self.lane.is_observed = self.lane.hides_releases = True
        self._observer = observer
        self._reader = thread.reader()
        self._is_unknown = False
        """Whether the observer has ended before it: what it does is unknown from then on."""
        self._use: ThreadUse | None = None
        self._recent, self._recent_cpu = LastSecond(), LastSecond()

    @property
    def alive(self) -> bool:
        """Whether its lane has not ended yet."""
        return self.lane.ended_ns is None

    def read(self, gils: defaultdict[int, Gil]) -> None:
        """Add what is new to the lane. `gils`: all known GILs by number."""
        until_ns = self._observer.until_ns
        words = self._reader.read()
        if self._observer.died and not self._is_unknown:
            self._is_unknown = True
            words.append(pack(max(until_ns, self._reader.last_ns), State.UNKNOWN))
        number = self.thread.gil
        self.lane.use_gil(gils[number] if number else None)
        self.lane.add(words, until_ns, KNOWN_FOR_NS)

    def finalize(self, now_ns: int) -> None:
        """Make final spans of what is known."""
        self.lane.finalize(now_ns)

    def sample(self, now_ns: int, read_ns: int) -> None:
        """Read the thread's CPU time and core, at `read_ns`, and its times up to `now_ns`, which is shown.

        Figures of the last second are of one second of the one or the other.
        """
        if not self.alive or self.lane.started_ns is None:
            return
        use = thread_use(self.thread.pid, self.thread.tid)
        if use is None and self._is_unknown:
            self.lane.end(now_ns)  # It was last seen at the sample before.
        if use is None and self._use is not None:
            return
        self._recent.add(now_ns, *growing(self.lane.times(now_ns)))
        self._recent_cpu.add(read_ns, use.cpu_ns if use else 0)
        self._use = use

    def snapshot(self, now_ns: int, name: str, python: str, helper_of: int) -> Worker:
        """The thread's part of a Snapshot: `name`, `python` and `helper_of` as in `Worker`."""
        lane, thread = self.lane, self.thread
        growth, cpu = self._recent.growth(), self._recent_cpu.rate
        return Worker(
            id=self.id,
            name=name,
            experiment="",
            variant="",
            model="threads",
            python=python,
            launched_ns=lane.launched_ns,
            state=lane.state(now_ns),
            ending=None if self.alive else "ended",
            pid=thread.pid,
            native_id=thread.tid,
            core=self._use.core if self._use else None,
            cpu=max(0.0, cpu / 1e9) if cpu is not None and self._use and self.alive else None,
            recent=recent_times(growth) if growth and self.alive else None,
            total=lane.times(now_ns),
            handoffs=0 if lane.gil is None else lane.gil.handoffs.received(self.id),
            started_ns=lane.started_ns,
            ended_ns=lane.ended_ns,
            held_s=lane.held_s(now_ns),
            history=lane.history(now_ns),
            gil=thread.gil or None,
            helper_of=helper_of,
            source=self._observer.source and self._observer.source.value,
            lost_transitions=self._reader.lost,
        )
