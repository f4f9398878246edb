"""When one watched thread held the GIL, for how long at most, and in which functions it was meanwhile."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

from pconc_tui.stacks.thread_stacks import ThreadStack
from pconc_tui.timeline.gil_queue import GilQueue
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.holds import HoldFinder
from pconc_tui.watched_program import Hold, Place

KEPT_STACKS = 64
"""The newest stacks that are kept to find out what a hold was for."""


class ReadStack(NamedTuple):
    """A stack, and the moment to which it belongs."""

    time_ns: int
    stack: ThreadStack


class LongHold(NamedTuple):
    """A long hold, and the thread."""

    name: str
    pid: int
    tid: int
    hold: Hold
    mostly: Place | None = None
    """Where the thread holds the GIL mostly; None: unknown."""


class ThreadHolds:
    """Each frame: `add` what is new; `settle`, when the transitions of all threads are known; then the rest."""

    def __init__(self, worker: int, is_new: bool = False) -> None:
        """`worker`: the id of the thread's lane; `is_new`: it did nothing before that began."""
        self.needs_gil = False
        """Whether there is a GIL that it can hold, as far as is known."""
        self.may_need_gil = False
        """Whether that is not known yet: then what it did counts later, if there is one."""
        self.queue: GilQueue | None = None
        """Which threads wait for its GIL; None: it has needed none so far."""
        self.mostly_in: Place | None = None
        """The function that it was in most often while it held the GIL, at its most frequent line."""
        self._worker = worker
        self._finder = HoldFinder(is_new)
        self._longest: Hold | None = None
        """The longest that has ended: for which others waited, and only where there was none, without that."""
        self._until_ns = 0
        """Up to when all is known."""
        self._ended: list[tuple[int, int]] = []
        """Those of which it is not known yet what other threads did meanwhile."""
        self._present: list[tuple[int, int]] = []
        """The parts of the hold that goes on, up to when all is known."""
        self._recent: deque[tuple[int, int]] = deque(maxlen=KEPT_STACKS)
        self._ended_ns = 0
        """For how long it held the GIL in the holds that have ended."""
        self._part = 1.0
        """For which part of its present hold it does."""
        self._stacks: deque[ReadStack] = deque(maxlen=KEPT_STACKS)
        self._unassigned: deque[ReadStack] = deque(maxlen=KEPT_STACKS)
        """Stacks of moments of which it is not known yet what the thread did."""
        self._held_in: Counter[Place] = Counter()

    @property
    def began_ns(self) -> int | None:
        """When its present hold began, as far as is known; None: it holds no GIL."""
        return self._present[-1][0] if self._present and self._present[-1][1] == self._until_ns else None

    def add(self, words: list[int], until_ns: int) -> None:
        """Its new transitions. `until_ns`: up to when all is known."""
        self._until_ns = until_ns
        self._ended += self._finder.add(words)

    def add_stack(self, read: ReadStack) -> None:
        """Its stack was read."""
        self._stacks.append(read)
        self._unassigned.append(read)
        longest, stack = self._longest, read.stack
        if longest is not None and longest.place is None and longest.start_ns <= read.time_ns <= longest.end_ns:
            self._longest = longest._replace(stack=stack.frames, place=stack.place)

    def settle(self, long_ns: int, runs: Gil | None, part: float) -> list[tuple[int, int]]:
        """Find out when it held the GIL. Returns those that have ended and lasted `long_ns`, as start and end.

        `part`: for so much of these it did, where it may have released and taken it again unseen.
        `runs`: those of all threads that share the GIL, where its own transitions don't show that another has taken it;
        None: they do.
        """
        until_ns, began_ns, self._part = self._until_ns, self._finder.began_ns, part
        holds: list[tuple[int, int]] = []
        if self.needs_gil:
            holds = [each for each in self._ended if each[1] <= until_ns]
        if not self.may_need_gil:
            self._ended = [each for each in self._ended if self.needs_gil and each[1] > until_ns]
        self._present = []
        if self.needs_gil and began_ns is not None and began_ns < until_ns:
            self._present.append((began_ns, until_ns))
        if runs is not None:
            holds, self._present = (
                [part for each in stretches for part in runs.held(*each, self._worker)]
                for stretches in (holds, self._present)
            )
        for hold in holds:
            self._ended_ns += round(part * (hold[1] - hold[0]))
            self._longest = self._longer(*hold)
        self._recent += holds
        self._assign(until_ns)
        return [each for each in holds if each[1] - each[0] >= long_ns]

    def hold(self, began_ns: int, ended_ns: int) -> Hold:
        """A hold with the functions that were read in it: the last ones, since the first may belong to before."""
        waited_ns = self.queue.waited_ns(began_ns, ended_ns, self._worker) if self.queue is not None else 0
        is_cut, goes_on = began_ns in self._finder.cut_ns, began_ns == self.began_ns
        for read in reversed(self._stacks):
            if began_ns <= read.time_ns <= ended_ns:
                return Hold(began_ns, ended_ns, read.stack.frames, read.stack.place, waited_ns, is_cut, goes_on)
        return Hold(began_ns, ended_ns, (), None, waited_ns, is_cut, goes_on)

    def present(self, long_ns: int) -> Hold | None:
        """The hold that goes on, if it has lasted `long_ns` so far."""
        began_ns = self.began_ns
        return None if began_ns is None or self._until_ns - began_ns < long_ns else self.hold(began_ns, self._until_ns)

    def held_ns(self, now_ns: int, alive: bool) -> int:
        """How long it has held the GIL so far; a present hold of a thread that lives is taken to last until now."""
        if not alive:
            return self._ended_ns
        since_ns = now_ns - self._until_ns if self.began_ns is not None else 0
        present_ns = sum(ended_ns - began_ns for began_ns, ended_ns in self._present) + since_ns
        return self._ended_ns + round(self._part * present_ns)

    def longest(self, now_ns: int, alive: bool) -> Hold | None:
        """The longest hold, the present one included; None where it needs no GIL."""
        if not self.needs_gil:
            return None
        began_ns, known_ns = self.began_ns, min(now_ns, self._until_ns)
        return self._longest if began_ns is None or not alive else self._longer(began_ns, known_ns)

    def _longer(self, began_ns: int, ended_ns: int) -> Hold | None:
        """This hold if it is longer than the longest so far, or else that."""
        longest = self._longest
        if longest is not None and ended_ns - began_ns <= (longest.waited_ns or longest.end_ns - longest.start_ns):
            return longest
        hold = self.hold(began_ns, ended_ns)
        if longest is None or hold.waited_ns > longest.waited_ns or not hold.waited_ns | longest.waited_ns:
            return hold
        return longest

    def _assign(self, until_ns: int) -> None:
        """Count where it was whenever it held the GIL as its stack was read."""
        while self._unassigned and self._unassigned[0].time_ns <= until_ns:
            read = self._unassigned.popleft()
            place = read.stack.place
            if place is not None and any(began <= read.time_ns < ended for began, ended in self._until(until_ns)):
                self._held_in[place] += 1
                self.mostly_in = most_frequent(self._held_in)

    def _until(self, until_ns: int) -> Iterator[tuple[int, int]]:
        """The recent holds, the present one included."""
        yield from self._recent
        for began_ns, ended_ns in self._present:
            yield began_ns, until_ns + 1 if ended_ns == until_ns else ended_ns


def most_frequent(counts: Counter[Place]) -> Place | None:
    """The most frequent function, at its most frequent line. Pure."""
    by_function: Counter[tuple[str, str]] = Counter()
    for place, count in counts.items():
        by_function[place.function, place.file] += count
    if not by_function:
        return None
    function, _ = by_function.most_common(1)[0]
    return next(place for place, _ in counts.most_common() if (place.function, place.file) == function)
