"""How long before the record of its getting a core the kernel begins to charge a thread for CPU time. Pure.

The kernel takes some us to switch, charges them to the next thread, and writes the record last. A thread's CPU clock,
read while it has no core, shows how much of it the records lack. Example, in us, of slices that the records show 100
long, while the clock counts 104 for each:

    after 60 slices    clock 6240, shown 6000    lead 4; 240 are unaccounted for
    the next 24        lead 4 + 10               so that after these all has been shown
    then               lead 4

A slice that follows another on its core may get less than its lead: what it lacks is unaccounted for again.
"""

from __future__ import annotations

LEAST_NS, MOST_NS = -5_000, 30_000
"""It is negative where a thread is charged for less than the records show: its interrupts, or the way off the core."""
MOST_ADDED_NS, SPREAD = 10_000, 50
"""Of unaccounted CPU time, a slice gets so much at most, or one part of so many: few may follow on many."""
MOST_UNACCOUNTED_NS = 20_000_000
"""More, or more than `MOST_NS` for each slice, is no matter of switches: a host may have taken the core away."""
FEWEST_SLICES = 50
"""Fewer time slices than this say little of how much of each is missing in the records."""


class SliceLead:
    """One thread's."""

    __slots__ = ("_clock", "_given_ns", "_slices", "_unaccounted_ns", "usual_ns")

    def __init__(self, usual_ns: int) -> None:
        """`usual_ns`: what another thread's slices lack."""
        self.usual_ns = usual_ns
        self._unaccounted_ns = self._given_ns = self._slices = 0
        self._clock: tuple[int, int, int, int] | None = None

    def starts(self) -> None:
        """The thread has just been started: its CPU clock is zero, and nothing has been shown."""
        self._clock = 0, 0, 0, 0

    def next_ns(self) -> int:
        """That of the thread's next slice."""
        lead_ns = self.usual_ns
        if self._unaccounted_ns:
            most_ns = max(MOST_ADDED_NS, self._unaccounted_ns // SPREAD)
            lead_ns += max(LEAST_NS - lead_ns, min(self._unaccounted_ns, most_ns))
        return lead_ns

    def give(self, lead_ns: int) -> None:
        """The next slice has this one."""
        self._slices += 1
        self._given_ns += lead_ns
        self._unaccounted_ns -= lead_ns - self.usual_ns

    def clock_sampled(self, cpu_ns: int, shown_ns: int) -> None:
        """The thread has no core; its CPU clock, and for how long it has been shown on a core."""
        missing_ns = cpu_ns - shown_ns
        before_ns, given_ns, slices, first_ns = self._clock or (missing_ns, self._given_ns, self._slices, missing_ns)
        count = self._slices - slices
        if abs(missing_ns - first_ns) > max(MOST_UNACCOUNTED_NS, count * MOST_NS):
            self._unaccounted_ns = 0
            self._clock = missing_ns, self._given_ns, self._slices, missing_ns
            return
        self._unaccounted_ns = missing_ns - first_ns
        if count >= FEWEST_SLICES:
            self.usual_ns = min(max(LEAST_NS, (missing_ns - before_ns + self._given_ns - given_ns) // count), MOST_NS)
            before_ns, given_ns, slices = missing_ns, self._given_ns, self._slices
        self._clock = before_ns, given_ns, slices, first_ns

    def clock_sampled_on_core(self, cpu_ns: int, shown_ns: int) -> None:
        """The same while it has a core: the clock may count a part of this slice, so no more than this is missing."""
        if self._clock is not None:
            self._unaccounted_ns = min(self._unaccounted_ns, cpu_ns - shown_ns - self._clock[3])

    @property
    def switch_ns(self) -> int:
        """What a switch to the thread takes that no record shows; 0 where it is charged for less than records show."""
        return max(0, self.usual_ns)

    def left_out(self, slices: int) -> None:
        """So many slices are in the length of others, each with `switch_ns`."""
        self._slices += slices
        self._given_ns += slices * self.switch_ns

    def forget(self) -> None:
        """What has been shown until now is incomplete."""
        self._unaccounted_ns, self._clock = 0, None
