"""Fold samples of a thread into transitions whose running time adds up to the thread's CPU clock. Pure.

Between two samples the kernel's clocks say how long the thread ran and how long it waited in a run queue. What it was
doing at the two samples says what it did for the rest, and in which order. Example, in ms:

    time 10.0, blocked at the GIL, CPU clock 40.0, queue clock 3.0, 20 time slices
    time 12.5, holds the GIL,      CPU clock 41.4, queue clock 3.3, 21 time slices

2.5 ms passed, 1.4 of them running and 0.3 in the queue. The other 0.8 were spent as before. So the transitions are
`CORE_WAIT` at 10.8 and `RUNNING` at 11.1. The CPU clock of a thread on a core trails by up to a tick, so running may be
shown ahead of it by that; the difference is carried over (`unshown_cpu_ns`) and so never adds up. Where the thread got
a core many times between the samples (40 time slices instead of 1), the lengths are the same, their order is unknown,
and the transitions are marked as mixed.
"""

from __future__ import annotations

from time import clock_getres
from typing import NamedTuple

from pconc_tui.protocol.block import RUNS, State
from pconc_tui.sampler.sample_interval import WAKE_UP_NS, Interval

_CLOCK_MONOTONIC_COARSE = 6
TICK_NS = round(clock_getres(_CLOCK_MONOTONIC_COARSE) * 1e9)
"""The CPU clock of a thread on a core trails by no more than a tick of the kernel: the resolution of this clock."""
SLACK_NS = 2_000_000
"""Running may be shown to start too early by this; it is then shown to end earlier, too."""


class Sample(NamedTuple):
    """A thread at one moment."""

    time_ns: int
    doing: State
    """`RUNNING`: on a core or ready to run; `GIL_WAIT`, `LOCK`, `IO`: blocked there; `UNKNOWN`: blocked somewhere."""
    holds_gil: bool | None
    """Whether it holds the GIL that it shares with other workers; None: it shares none, or that is not readable."""
    cpu_ns: int
    """CPU time so far; of a thread on a core, up to a tick ago."""
    queued_ns: int
    """Time in run queues so far, up to when it last got a core."""
    slices: int
    """How often it got a core so far."""
    is_taken: bool = False
    """Whether another thread holds the GIL that it shares."""


class Transition(NamedTuple):
    """From `time_ns` on the thread is in this state."""

    time_ns: int
    state: State
    mixed: bool = False
    """Whether it belongs to a stretch of which the shares are known and the order is not."""


class FoldState(NamedTuple):
    """The result of all samples up to the last."""

    last: Sample
    activity: State
    """What it was doing at the last sample: `RUNNING`, `RELEASED` where it ran without the GIL, or what blocked it."""
    shown: Transition
    """The last transition."""
    ran_ns: int
    """When it last ran."""
    blocked: State | None = None
    """What it was blocked by at the last sample that found it blocked; None: none has."""
    is_taken: bool = False
    """Whether another thread held the GIL at the last sample at which this one did not."""
    unshown_cpu_ns: int = 0
    """CPU time that no transition shows as running yet; negative: running that the CPU clock does not show yet."""
    unshown_queued_ns: int = 0
    """The same for time in run queues."""
    moved_ns: int = 0
    """The last sample at which its CPU clock had moved, or it had got a core."""
    ready_cpu_ns: int | None = None
    """Its CPU clock when it was first sampled as ready without the GIL; None: it is not."""

    @property
    def released_ns(self) -> int | None:
        """When it released the GIL, where it did so before the last sample."""
        return None if self.activity in RUNS else self.ran_ns


def first(began_ns: int, cpu_ns: int, sample: Sample) -> tuple[FoldState, list[Transition]]:
    """The first sample of a thread that runs since `began_ns`, when its CPU clock was at `cpu_ns`."""
    base = sample._replace(time_ns=began_ns, doing=State.RUNNING, cpu_ns=cpu_ns, slices=sample.slices - 1)
    return fold(FoldState(base, State.RUNNING, Transition(began_ns, State.RUNNING), began_ns), sample)


def resumed(sample: Sample) -> tuple[FoldState, list[Transition]]:
    """The first sample of a thread of which is not asked what it did before."""
    waits = sample.doing is State.RUNNING and sample.holds_gil is False
    shown = Transition(sample.time_ns, State.GIL_WAIT if waits else sample.doing)
    return FoldState(sample, shown.state, shown, sample.time_ns), [shown]


def fold(
    before: FoldState, sample: Sample, released_ns: int | None = None, others_cpu_ns: int = 0
) -> tuple[FoldState, list[Transition]]:
    """One more sample: the new state, and the transitions since the last sample.

    `released_ns`: when the GIL's last holder released it, if that was since the last sample and is known;
    `others_cpu_ns`: CPU time that the other workers which share the GIL have used since.
    """
    last = before.last
    if before.activity is before.shown.state is sample.doing is not State.RUNNING and sample[3:6] == last[3:6]:
        return before._replace(last=sample, is_taken=sample.is_taken), []  # Blocked throughout.
    now, ready_cpu_ns = _activity(before, sample)
    is_taken = before.is_taken if sample.holds_gil else sample.is_taken
    cpu_ns, slices = sample.cpu_ns - last.cpu_ns, sample.slices - last.slices
    interval = Interval(
        last.time_ns,
        sample.time_ns,
        before.activity,
        now,
        slices,
        cpu_ns,
        before.unshown_cpu_ns + cpu_ns,
        before.unshown_queued_ns + sample.queued_ns - last.queued_ns,
        _trails_ns(before, sample),
        released_ns,
        others_cpu_ns,
        (before.is_taken + is_taken) / 2,
    )
    running = interval.running_ns()
    queued = interval.queued_ns(running)
    others_ran = 2 * others_cpu_ns > interval.ns - running - queued
    blocked = before.blocked or (State.GIL_WAIT if others_ran else State.CORE_WAIT)
    parts = interval.parts(_runs_as(interval, sample), running, queued, blocked)
    mixed = interval.many_slices and 0 < running < interval.ns
    shown, ran_ns, found, at = before.shown, before.ran_ns, [], interval.start_ns
    for state, ns in parts:
        if ns > 0:
            if (state, mixed) != shown[1:]:
                shown = Transition(at, state, mixed)
                found.append(shown)
            at += ns
            if state in RUNS:
                ran_ns = at
    if not interval.runs and now is not shown.state:
        shown = Transition(at, now)
        found.append(shown)
    unshown_queued_ns = interval.unshown_queued_ns - queued
    if slices:
        # Its queue clock is exact now: what is left over is an error, or will be shown where it runs.
        unshown_queued_ns = max(0, unshown_queued_ns) if interval.runs else 0
    return FoldState(
        last=sample,
        activity=now,
        shown=shown,
        ran_ns=ran_ns,
        blocked=before.blocked if sample.doing is State.RUNNING else now,
        is_taken=is_taken,
        unshown_cpu_ns=interval.unshown_cpu_ns - running,
        unshown_queued_ns=unshown_queued_ns,
        moved_ns=sample.time_ns if cpu_ns or slices else before.moved_ns,
        ready_cpu_ns=ready_cpu_ns,
    ), found


def _activity(before: FoldState, sample: Sample) -> tuple[State, int | None]:
    """What it is doing at this sample, and the new `ready_cpu_ns`."""
    if sample.doing is not State.RUNNING or sample.holds_gil is not False:
        return sample.doing, None
    # A thread is ready without the GIL for a moment when it requests it, and when it has released it and is about to
    # block, or has been woken up. Only one that continues without the GIL uses CPU time. What others are blocked in is
    # known from samples that found them blocked.
    ready_cpu_ns = sample.cpu_ns if before.ready_cpu_ns is None else before.ready_cpu_ns
    continues = before.activity is State.RELEASED or sample.cpu_ns - ready_cpu_ns >= WAKE_UP_NS
    return State.RELEASED if continues else before.blocked or State.GIL_WAIT, ready_cpu_ns


def _trails_ns(before: FoldState, sample: Sample) -> int:
    last = before.last
    slices = sample.slices - last.slices
    if sample.doing is not State.RUNNING:
        return 0
    if sample.holds_gil is False:
        # It is on a core, or has just been or is about to be: it has run for no longer than it usually does at a time.
        return min(TICK_NS, sample.cpu_ns // max(1, sample.slices))
    if slices:
        return min(TICK_NS, (sample.time_ns - last.time_ns) // slices)  # It is exact whenever the core changes hands.
    if sample.cpu_ns == last.cpu_ns and sample.time_ns - before.moved_ns > TICK_NS:
        return 0  # The thread has no core.
    return TICK_NS + SLACK_NS


def _runs_as(interval: Interval, sample: Sample) -> State:
    """`RUNNING`, or `RELEASED` where it runs without the GIL that it shares."""
    ends = interval.was, interval.now
    if sample.holds_gil is None or State.RUNNING in ends:
        return State.RUNNING
    return State.RELEASED if State.RELEASED in ends or interval.only_requests else State.RUNNING
