"""Tracks one thread of a watched program: its lane, its holds of the GIL, where it is, and its part of a Snapshot."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Protocol

from pconc_tui.monitor.last_second import WINDOW_NS, LastSecond
from pconc_tui.monitor.lock_shares import LockTimes, LockWaits
from pconc_tui.monitor.thread_cpu import ThreadUse, blocked_in, thread_use
from pconc_tui.protocol.block import MIXED, State, pack, unpack
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Hold, Place, WatchedThread, Worker
from pconc_tui.stacks.thread_stacks import ThreadStack
from pconc_tui.timeline.gil_queue import GilQueue
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.holds import HoldFinder
from pconc_tui.timeline.span_builder import SpanBuilder
from pconc_tui.timeline.spans import Times

LAG_NS = 150_000_000
"""What is known last holds for twice this long: records are read 16 times a second."""
UNCHANGED_NS = 300_000_000
"""A thread without a transition for so long did not change."""
KEPT_STACKS = 64
"""The newest stacks that are kept to find out what a hold was for."""


class TransitionReader(Protocol):
    """Reads what a thread does."""

    lost: int
    last_ns: int

    def read(self) -> list[int]:
        """Its transitions since the last call."""


class ObservedThread(Protocol):
    """A thread of a tree, as `TreeObserver` and `SampledTree` have it."""

    id: int
    pid: int
    tid: int
    name: str
    started_ns: int
    ended_ns: int | None
    has_python_state: bool
    lock_waits: LockWaits

    @property
    def gil(self) -> int:
        """The number of the GIL that it needs; 0: none."""

    def reader(self) -> TransitionReader:
        """A reader from the oldest transition that is kept."""


class ReadStack:
    """A stack, and the moment to which it belongs."""

    def __init__(self, time_ns: int, stack: ThreadStack) -> None:
        self.time_ns = time_ns
        self.stack = stack


class ThreadLane:
    """Each frame: `read` all, `Gil.update`, `finalize` all, then `snapshot`. The last values stay when it has ended."""

    def __init__(self, id: int, thread: ObservedThread, max_history_pieces: int | None) -> None:
        self.id = id
        self.thread = thread
        self.name = thread.name
        self.python = thread.has_python_state
        """Whether it runs Python code."""
        self.needs_gil = self.python
        """Whether it runs Python code of an interpreter with a GIL."""
        self.lane = SpanBuilder(id, thread.started_ns, max_history_pieces)
        self.longest: Hold | None = None
        """The longest hold so far: for which others waited, and only where there was none, without that."""
        self.stack: ThreadStack | None = None
        """The newest stack; None: none was read."""
        self._reader = thread.reader()
        self._holds = HoldFinder()
        self._queue: GilQueue | None = None
        """Which threads wait for its GIL; None: it needs none."""
        self._ended_holds: list[tuple[int, int]] = []
        """Those of which it is not known yet which threads waited."""
        self._recent_holds: deque[tuple[int, int]] = deque(maxlen=KEPT_STACKS)
        self._ended_holds_ns = 0
        """The sum of the holds that have ended."""
        self._stacks: deque[ReadStack] = deque(maxlen=KEPT_STACKS)
        self._unassigned: deque[ReadStack] = deque(maxlen=KEPT_STACKS)
        """Stacks of moments of which it is not known yet what the thread did."""
        self._held_in: Counter[Place] = Counter()
        self._between: list[int] = []
        """What is still to be added when another observer has taken over, and when that was."""
        self._from_ns = 0
        self.holds_in: Place | None = None
        """The function that it was in most often while it held the GIL, at its most frequent line."""
        self._is_known = False
        """Whether its first transition is known."""
        self._until_ns = 0
        """Up to when all is known."""
        self._use: ThreadUse | None = None
        self._first_cpu_ns: int | None = None
        self._recent = LastSecond()
        self._growth: tuple[float, ...] | None = None
        """What grew in the last second; None: not known yet."""
        self._recent_cpu = LastSecond()

    @property
    def alive(self) -> bool:
        """Whether its lane has not ended yet."""
        return self.lane.ended_ns is None

    @property
    def place(self) -> Place | None:
        """Where it is, by the newest stack."""
        return None if self.stack is None else self.stack.place

    @property
    def holding_since_ns(self) -> int | None:
        """When its present hold of the GIL began, as far as is known; None: it holds none."""
        return self._holds.began_ns if self.lane.gil is not None else None

    def read(self, gils: dict[int, Gil], queues: dict[int, GilQueue], until_ns: int) -> None:
        """Add what is new to the lane, and to its GIL. `until_ns`: up to when all is known."""
        self._until_ns = until_ns
        words = self._words(until_ns)
        # A thread that came and went between two readings of the interpreter's threads has still shown what it is.
        self.python = self.python or any(unpack(word)[1] is State.GIL_WAIT for word in words)
        number = self.thread.gil if self.needs_gil else 0
        self.lane.use_gil(gils.setdefault(number, Gil()) if number else None)
        self.lane.add(words, until_ns, LAG_NS)
        ended = list(self._holds.add(words))
        if self.lane.gil is None:
            ended = []
        elif number:
            self._queue = queues.setdefault(number, GilQueue())
            self._queue.add(self.id, words)
        self._ended_holds += ended
        self._recent_holds += ended
        self._ended_holds_ns += sum(ended_ns - began_ns for began_ns, ended_ns in ended)
        self._assign(until_ns)

    def ended_holds(self, long_ns: int) -> list[tuple[int, int]]:
        """The holds of at least `long_ns` that have ended; the longest of all is kept. Call it when all were read."""
        known = [each for each in self._ended_holds if each[1] <= self._until_ns]
        self._ended_holds = [each for each in self._ended_holds if each[1] > self._until_ns]
        for began_ns, ended_ns in known:
            self.longest = self._longer(began_ns, ended_ns)
        return [each for each in known if each[1] - each[0] >= long_ns]

    def _longer(self, began_ns: int, ended_ns: int) -> Hold | None:
        """This hold if it is longer than the longest so far, or else that."""
        longest = self.longest
        if longest is not None and ended_ns - began_ns <= (longest.waited_ns or longest.end_ns - longest.start_ns):
            return longest
        hold = self.hold(began_ns, ended_ns)
        if longest is None or hold.waited_ns > longest.waited_ns or not hold.waited_ns | longest.waited_ns:
            return hold
        return longest

    def continue_as(self, thread: ObservedThread | None, known_ns: int) -> None:
        """Go on with what another observer reads of the same thread; None: it has ended meanwhile.

        All is known up to `known_ns`, the end of what the first observer has read; from then on to what the other reads
        first it is unknown what the thread did.
        """
        words = self._reader.read()
        self._from_ns = max(known_ns, self._reader.last_ns, self.thread.started_ns)
        self._between = [*words, pack(self._from_ns, State.UNKNOWN)]
        if thread is None:
            self._between.append(pack(self._from_ns, State.ENDED))
            return
        thread.has_python_state |= self.python
        self.thread, self._reader = thread, thread.reader()

    def _words(self, until_ns: int) -> list[int]:
        """Its new transitions. One that has none for a while has been doing the same all along: what it does now."""
        words = self._between + _not_before(self._from_ns, self._reader.read())
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
        self.stack = stack
        self.name = stack.name or self.name
        read = ReadStack(time_ns, stack)
        self._stacks.append(read)
        self._unassigned.append(read)
        longest = self.longest
        if longest is not None and longest.place is None and longest.start_ns <= time_ns <= longest.end_ns:
            self.longest = longest._replace(stack=stack.frames, place=stack.place)

    def sample(self, now_ns: int) -> None:
        """Read the thread's CPU time and core, and its times: figures of the last second are of one second.

        A thread that has ended counts as long as that second is not over: threads that live for a moment, one for each
        request of a server, do most of its work.
        """
        if self.lane.started_ns is None or not self._was_alive_within(WINDOW_NS, now_ns):
            return
        use = thread_use(self.thread.pid, self.thread.tid) if self.alive else None
        if self.alive and use is None and self._use is not None:
            return
        times = self.lane.times(now_ns)
        states = (
            times.running,
            times.gil_wait,
            times.core_wait,
            times.io,
            times.lock_wait,
            times.unknown,
            times.released,
        )
        if not self._recent:
            self._recent.add(self.lane.started_ns, *[0.0] * (len(states) + 1))
        self._recent.add(now_ns, *states, self._held_ns(now_ns))
        self._growth = self._recent.growth()
        if use is not None:
            self._first_cpu_ns = use.cpu_ns if self._first_cpu_ns is None else self._first_cpu_ns
            self._recent_cpu.add(now_ns, use.cpu_ns)
            self._use = use

    def _was_alive_within(self, window_ns: int, now_ns: int) -> bool:
        return self.lane.ended_ns is None or now_ns - self.lane.ended_ns < window_ns

    def lock_times(self, now_ns: int) -> LockTimes:
        """How long it has waited for locks, and for which."""
        times, waits = self.lane.times(now_ns), self.thread.lock_waits
        return LockTimes(waits.waited_ns, waits.stops, times.lock_wait, times.wall)

    def snapshot(self, now_ns: int, python: str, role: str, waits_for: str, now: State, source: str | None) -> Worker:
        """Its part of a Snapshot. `python`: version of its interpreter; `role`: the process, where there are several;
        `now`: its state; `source`: as in `Worker`.
        """
        lane, thread = self.lane, self.thread
        growth = self._growth if self._was_alive_within(WINDOW_NS, now_ns) else None
        cpu = self._recent_cpu.rate
        longest = self._longest(now_ns)
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
            core=self._use.core if self._use else None,
            cpu=max(0.0, cpu / 1e9) if cpu is not None and self.alive else None,
            recent=Times(*[max(0.0, each) for each in growth[:7]]) if growth else None,
            total=lane.times(now_ns),
            cpu_s=self._cpu_s,
            handoffs=0 if lane.gil is None else lane.gil.handoffs.received(self.id),
            started_ns=lane.started_ns,
            ended_ns=lane.ended_ns,
            role=role,
            held_s=longest.waited_s if longest and longest.waited_ns else None,
            history=lane.history(now_ns),
            gil=(thread.gil or None) if self.needs_gil else None,
            source=source,
            lost_transitions=self._reader.lost,
            shows_handoffs=source == Source.KERNEL,
            thread=WatchedThread(
                python=self.python,
                place=self.place,
                stack=self.stack.frames if self.stack else (),
                waits_for=waits_for,
                held_s=self._held_ns(now_ns) / 1e9,
                recent_held_s=max(0.0, growth[7] / 1e9) if growth else None,
                longest=longest,
                holds_in=self.holds_in,
            ),
        )

    @property
    def _cpu_s(self) -> float | None:
        """CPU seconds since it was first read; None: it never was."""
        if self._use is None or self._first_cpu_ns is None:
            return None
        return (self._use.cpu_ns - self._first_cpu_ns) / 1e9

    def _held_ns(self, now_ns: int) -> int:
        """How long it has held the GIL so far; a present hold is taken to last until now."""
        began_ns = self.holding_since_ns
        return self._ended_holds_ns + (now_ns - began_ns if began_ns is not None and self.alive else 0)

    def _longest(self, now_ns: int) -> Hold | None:
        """The longest hold, the present one included; None where it needs no GIL."""
        if self.lane.gil is None:
            return None
        began_ns, known_ns = self.holding_since_ns, min(now_ns, self._until_ns)
        return self.longest if began_ns is None or not self.alive else self._longer(began_ns, known_ns)

    def hold(self, began_ns: int, ended_ns: int) -> Hold:
        """A hold with the functions that were read in it: the last ones, since the first may belong to before."""
        waited_ns = self._queue.waited_ns(began_ns, ended_ns, self.id) if self._queue is not None else 0
        for read in reversed(self._stacks):
            if began_ns <= read.time_ns <= ended_ns:
                return Hold(began_ns, ended_ns, read.stack.frames, read.stack.place, waited_ns)
        return Hold(began_ns, ended_ns, waited_ns=waited_ns)

    def _assign(self, until_ns: int) -> None:
        """Count where it was whenever it held the GIL as its stack was read."""
        while self._unassigned and self._unassigned[0].time_ns <= until_ns:
            read = self._unassigned.popleft()
            place = read.stack.place
            if place is not None and any(began <= read.time_ns < ended for began, ended in self._holds_until(until_ns)):
                self._held_in[place] += 1
                self.holds_in = most_frequent(self._held_in)

    def _holds_until(self, until_ns: int) -> Iterator[tuple[int, int]]:
        yield from self._recent_holds
        if self.holding_since_ns is not None:
            yield self.holding_since_ns, until_ns + 1


def most_frequent(counts: Counter[Place]) -> Place | None:
    """The most frequent function, at its most frequent line. Pure."""
    by_function: Counter[tuple[str, str]] = Counter()
    for place, count in counts.items():
        by_function[place.function, place.file] += count
    if not by_function:
        return None
    function, _ = by_function.most_common(1)[0]
    return next(place for place, _ in counts.most_common() if (place.function, place.file) == function)


def _not_before(from_ns: int, words: list[int]) -> list[int]:
    """These transitions; of those before `from_ns` the last one stays, as if it had happened then."""
    early = [word for word in words if unpack(word)[0] < from_ns]
    return [pack(from_ns, unpack(word)[1], bool(word & MIXED)) for word in early[-1:]] + words[len(early) :]
