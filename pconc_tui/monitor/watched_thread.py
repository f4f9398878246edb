"""Tracks one thread of a watched program: its lane, where it is, and its part of a Snapshot."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection
from typing import Protocol

from pconc_tui.monitor.halted_thread import HaltedThread
from pconc_tui.monitor.last_second import WINDOW_NS
from pconc_tui.monitor.lock_shares import LockTimes, LockWaits
from pconc_tui.monitor.thread_cpu import blocked_in
from pconc_tui.monitor.thread_figures import ThreadFigures
from pconc_tui.monitor.thread_holds import ReadStack, ThreadHolds
from pconc_tui.protocol.block import MIXED, State, pack, unpack
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Worker
from pconc_tui.stacks.thread_stacks import ThreadStack
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.span_builder import SpanBuilder
from pconc_tui.watched_program import Place, WatchedThread

KNOWN_FOR_NS = 300_000_000
"""What is known last holds for so long after the moment up to which all is known; then it is unknown."""
STARTS_NS = 20_000_000
"""A thread is Python's so long after its start, if it is, and ends so long before its process, if it ends by itself."""
UNCHANGED_NS = 300_000_000
"""A thread without a transition for so long did not change."""


class TransitionReader(Protocol):
    """Reads what a thread does."""

    @property
    def lost(self) -> int:
        """Transitions that were overwritten before they were read."""

    @property
    def last_ns(self) -> int:
        """Time of the last transition that was read."""

    def read(self) -> list[int]:
        """Its transitions since the last call."""


class ObservedThread(Protocol):
    """A thread of a tree, as `TreeObserver` and `SampledTree` have it."""

    id: int
    pid: int
    tid: int
    name: str
    started_ns: int
    started_by: int
    """0: it was there when observing began, or that is unknown."""
    ended_ns: int | None
    has_python_state: bool
    lock_waits: LockWaits

    @property
    def gil_held(self) -> float:
        """The part of the time for which its GIL is held, of that for which transitions say so."""

    @property
    def known_gil(self) -> int | None:
        """The number of the GIL that it needs; 0: none, None: not known."""

    def reader(self) -> TransitionReader:
        """A reader from the oldest transition that is kept."""


class ObservedProcess(Protocol):
    """A process of a tree."""

    ended_ns: int | None
    python: bool | None
    """Whether it runs CPython; None: not known yet."""


class ThreadLane:
    """Each frame: `read` all, `Gil.update`, `finalize` all, then `snapshot`. The last values stay when it has ended."""

    def __init__(
        self,
        id: int,
        thread: ObservedThread,
        max_history_pieces: int | None,
        from_ns: int = 0,
        cpu_before_ns: int | None = None,
    ) -> None:
        """`from_ns`: what it did before is left out; `cpu_before_ns`: its CPU time then, None: as it is now."""
        self.id = id
        self.thread = thread
        self._known_name: str | None = None
        """Its `Thread.name`, as read last."""
        self.shares_name = False
        """Whether another thread of its process has, or had, the same name for the system: a thread inherits it."""
        self.python = False
        """Whether it runs Python code."""
        self.has_gil = True
        """Whether its process has a GIL, as far as is known."""
        self.halted = HaltedThread()
        self.lane = SpanBuilder(id, max(thread.started_ns, from_ns), max_history_pieces)
        self.lane.is_observed = self.lane.hides_releases = True
        self.lane.hold = None  # `holds` has that.
        self.holds = ThreadHolds(id, bool(from_ns or thread.started_by))
        """When it held the GIL."""
        self.stack: ThreadStack | None = None
        """The newest stack; None: none was read."""
        self.place: Place | None = None
        """Where it is, by the newest stack."""
        self._reader = thread.reader()
        self._later: list[int] = []
        """What was read before it was known of all threads."""
        self._between: list[int] = []
        """What is still to be added when another observer has taken over, and when that was."""
        self._from_ns = from_ns
        self._native_ns: int | None = None
        """When it was first found to be without Python code; None: it was not."""
        self._is_known = False
        """Whether its first transition is known."""
        self._figures = ThreadFigures(thread.pid, thread.tid, cpu_before_ns)

    @property
    def name(self) -> str:
        """Its `Thread.name`, or else the system's name of it, which can change; with its id if others have that."""
        if self._known_name or not self.shares_name:
            return self._known_name or self.thread.name
        return f"{self.thread.name} ({self.thread.tid})"

    @property
    def alive(self) -> bool:
        """Whether its lane has not ended yet."""
        return self.lane.ended_ns is None

    @property
    def needs_gil(self) -> bool:
        """Whether it runs Python code of an interpreter with a GIL."""
        return self.python and self.has_gil

    @property
    def _gil(self) -> int:
        """The number of the GIL that it needs; 0: none. Until it is known, it is its process's first."""
        known = self.thread.known_gil if self.needs_gil else 0
        return self.thread.pid if known is None else known

    def read(self, gils: defaultdict[int, Gil], until_ns: int, latest_ns: int) -> None:
        """Add what is new to the lane, and to its GIL. `until_ns`: up to when all is known; what is later than
        `latest_ns` waits for a later call.
        """
        words = self.halted.add(self._words(until_ns, latest_ns), until_ns)
        # A thread that came and went between two readings of the interpreter's threads may have waited for the GIL.
        self.python = self.python or self.thread.has_python_state
        number = self._gil
        gil = gils[number] if number else None
        self.lane.use_gil(gil)
        self.lane.add(words, until_ns, KNOWN_FOR_NS)
        if gil is not None:
            self.holds.queue = gil.queue
        self.holds.needs_gil = gil is not None
        self.holds.may_need_gil = gil is None and self.has_gil and not self.python and self._native_ns is None
        self.holds.add(words, until_ns)

    def identify(self, python_threads: Collection[int], read_ns: int, process: ObservedProcess | None) -> None:
        """Find out whether it runs Python code. `python_threads`: those of its process that do, when that was read;
        0: it was not.

        One that came and went between two readings is taken for one that does, unless it ended with its process: native
        threads mostly do.
        """
        thread = self.thread
        if self.python or thread.tid in python_threads:
            self.python = True
            return
        if process is not None and process.python is False:
            self._native_ns = thread.started_ns
        elif self._native_ns is None and read_ns > thread.started_ns + STARTS_NS:
            self._native_ns = read_ns
        if thread.ended_ns is not None and read_ns and not self._is_native:
            process_ended_ns = None if process is None else process.ended_ns
            self.python = process_ended_ns is None or process_ended_ns > thread.ended_ns + STARTS_NS

    @property
    def _is_native(self) -> bool:
        """Whether it was found to be without Python code while it lived."""
        ended_ns = self.thread.ended_ns
        return self._native_ns is not None and (ended_ns is None or self._native_ns < ended_ns)

    def continue_as(self, thread: ObservedThread | None, known_ns: int) -> None:
        """Go on with what another observer reads of the same thread; None: it has ended meanwhile.

        All is known up to `known_ns`, the end of what the first observer has read; from then on to what the other reads
        first it is unknown what the thread did.
        """
        words = [*self._later, *self._reader.read()]
        self._later = []
        self._from_ns = max(known_ns, self._reader.last_ns, self.thread.started_ns)
        self._between = [*words, pack(self._from_ns, State.UNKNOWN)]
        if thread is None:
            self._between.append(pack(self._from_ns, State.ENDED))
            return
        thread.has_python_state |= self.python
        self.thread, self._reader = thread, thread.reader()

    def _words(self, until_ns: int, latest_ns: int) -> list[int]:
        """Its new transitions. One that has none for a while has been doing the same all along: what it does now."""
        words = [*self._later, *self._reader.read()]
        known = bisect_left(words, latest_ns + 1 << 5)
        words, self._later = words[:known], words[known:]
        if self._from_ns:
            words = self._between + _not_before(self._from_ns, words)
            self._between = []
        if words or self._is_known:
            self._is_known = self._is_known or bool(words)
            return words
        if until_ns - self.thread.started_ns > UNCHANGED_NS:
            state = blocked_in(self.thread.pid, self.thread.tid)
            if state is not None:
                self._is_known = True
                return [pack(self.thread.started_ns, state)]
        return words

    def finalize(self, now_ns: int, died: bool) -> None:
        """Make final spans of what is known. `died`: nothing more will be."""
        self.lane.finalize(now_ns)
        if died and self.alive:
            self.lane.end(self._reader.last_ns)

    def add_stack(self, time_ns: int, stack: ThreadStack) -> None:
        """A stack was read at this time."""
        self.stack, self.place = stack, stack.place
        self._known_name = stack.name or self._known_name
        self.holds.add_stack(ReadStack(time_ns, stack))

    def sample(self, now_ns: int, read_ns: int) -> None:
        """Read the thread's CPU time and core, at `read_ns`, and its times up to `now_ns`, which is shown and earlier.

        Figures of the last second are of one second of the one or the other. A thread that has ended counts as long as
        that second is not over: threads that live for a moment, one for each request of a server, do most of its work.
        All threads' figures stay until they are read again, so that what is added up is of the same second.
        """
        if self.lane.started_ns is None:
            return
        if self.lane.ended_ns is not None and now_ns - self.lane.ended_ns >= WINDOW_NS:
            self._figures.forget_recent()
            return
        if self.alive and not self._figures.read(self.thread.pid, self.thread.tid, read_ns):
            return
        held_ns = self.holds.held_ns(now_ns, self.alive)
        self._figures.add(self.lane.started_ns, now_ns, self.lane.times(now_ns), held_ns)

    def lock_times(self, now_ns: int) -> LockTimes:
        """How long it has waited for locks, and for which."""
        times, waits = self.lane.times(now_ns), self.thread.lock_waits
        return LockTimes(waits.waited_ns, waits.stops, times.lock_wait, times.wall)

    def snapshot(
        self, now_ns: int, python: str, role: str, waits_for: str, now: State, source: str | None, halted: str = ""
    ) -> Worker:
        """Its part of a Snapshot. `python`: version of its interpreter; `role`: the process, where there are several;
        `now`: its state; `source` and `halted`: as in `Worker` and `WatchedThread`.
        """
        lane, thread, figures = self.lane, self.thread, self._figures
        longest = self.holds.longest(now_ns, self.alive)
        total = lane.times(now_ns)
        return Worker(
            id=self.id,
            name=self.name,
            experiment="",
            variant="",
            model="threads",
            python=python,
            launched_ns=lane.launched_ns,
            state=now,
            ending=None if self.alive else "ended",
            pid=thread.pid,
            native_id=thread.tid,
            core=figures.core,
            cpu=figures.cpu if self.alive else None,
            recent=figures.recent,
            total=total,
            cpu_s=figures.cpu_s if self.alive else max(figures.cpu_s or 0.0, total.running),
            handoffs=0 if lane.gil is None else lane.gil.handoffs.received(self.id),
            started_ns=lane.started_ns,
            ended_ns=lane.ended_ns,
            role=role,
            held_s=longest.waited_s if longest and longest.waited_ns else None,
            history=lane.history(now_ns),
            gil=self._gil or None,
            source=source,
            lost_transitions=self._reader.lost,
            shows_handoffs=source == Source.KERNEL,
            thread=WatchedThread(
                python=self.python or (False if self.alive or self._is_native else None),
                place=self.place,
                stack=self.stack.frames if self.stack else (),
                waits_for=waits_for,
                held_s=self.holds.held_ns(now_ns, self.alive) / 1e9,
                recent_held_s=figures.recent_held_s,
                longest=longest,
                holds_in=self.holds.mostly_in,
                halted=halted if self.alive else "",
            ),
        )


def _not_before(from_ns: int, words: list[int]) -> list[int]:
    """These transitions; of those before `from_ns` the last one stays, as if it had happened then."""
    early = [word for word in words if unpack(word)[0] < from_ns]
    return [pack(from_ns, unpack(word)[1], bool(word & MIXED)) for word in early[-1:]] + words[len(early) :]
