"""Looks at a worker, folded into transitions as the worker itself would note them. Pure."""

from __future__ import annotations

from typing import NamedTuple

from pconc_tui.protocol.block import State

SHORTEST_NS = 100_000
"""Time on a core or in the queue for one that is shorter than this is lost in what a wake-up costs."""
WAKE_UP_NS = 200_000
"""More CPU time than this is not used by waking up to ask for the GIL."""
SLACK_NS = 2_000_000
"""By so much those who share a GIL may seem to have run longer than their CPU time: looks miss the ends of runs."""
STALE_NS = 12_000_000
"""A running thread's CPU time stands still for no longer than this: the longest tick of a usual kernel is 10 ms."""


_RUNS = (State.RUNNING, State.RELEASED)
_WAITS = (State.WAITING, State.GIL_WAIT)


class Sample(NamedTuple):
    """A worker at one moment."""

    time_ns: int
    doing: State
    """`RUNNING`: it runs or is ready to. `WAITING`: it is blocked at the GIL, and by the lanes it can be told who ran
    meanwhile; `GIL_WAIT`: by the lanes it can't. `IO`, `LOCK`: it is blocked elsewhere; `UNKNOWN`: who knows where."""
    holds: bool | None
    """Whether it holds the GIL that it shares with other workers; None: it shares none, or nobody can tell."""
    cpu_ns: int
    """CPU time so far."""
    queued_ns: int
    """Time so far in the queue for a core, up to when it last got one."""


class FoldState(NamedTuple):
    """What all looks up to the last have come to."""

    last: Sample
    state: State
    since_ns: int
    """The last transition."""
    used_ns: int
    """The last look at which it was seen to have used CPU time, or began to run."""
    stretch: tuple[int, int]
    """Since when it runs, and the CPU time that it had used by then; later by what it has had to wait for a core since,
    so that from then to now it has done nothing but run."""
    unaccounted_ns: int = 0
    """By how much the stretches in which it ran are longer than the CPU time used in them. If one is taken to end too
    late the next begins too late, so this adds up to nothing over all who share a GIL, but for time in which one had no
    core although the system thought so, as where the host of a virtual machine takes it."""
    ready: tuple[int, int] | None = None
    """Where it is ready without the GIL, and it can't be told yet whether it runs so: since when, and the CPU time at
    the first look at that."""

    @property
    def ran_ns(self) -> int:
        """When it was last known to run. On another core it is seen to have used CPU time only now and then."""
        runs = self.state in _RUNS and self.last.time_ns - self.used_ns < STALE_NS
        return self.last.time_ns if runs else self.used_ns


Transitions = list[tuple[int, State]]


def first(began_ns: int, look: Sample) -> tuple[FoldState, Transitions]:
    """The first look at a worker, which has run since it began; how much CPU time it has used since is not known."""
    base = look._replace(time_ns=began_ns)
    return fold(FoldState(base, State.RUNNING, began_ns, began_ns, (look.time_ns, look.cpu_ns)), look)


def fold(before: FoldState, look: Sample, others_unaccounted_ns: int = 0) -> tuple[FoldState, Transitions]:
    """One more look. What happened between two looks is taken to have happened half-way.

    `others_owed_ns`: what the others that share its GIL have for `owed_ns`, added up.
    """
    found: Transitions = []
    if before.ready is not None and before.state is State.RUNNING and look.holds:
        # It has the GIL again, which it had let go of by the last look.
        lost = max(before.since_ns, before.ready[0])
        found.append((lost, State.WAITING))
        owed = before.unaccounted_ns + _short(before.stretch, lost, before.last.cpu_ns)
        before = before._replace(state=State.WAITING, since_ns=lost, unaccounted_ns=owed)
    last, was, since, used_ns, stretch, owed, _ = before
    now_ns = look.time_ns
    ran = look.cpu_ns - last.cpu_ns
    if was in _WAITS and look.doing in _WAITS and ran >= WAKE_UP_NS:
        owed -= ran  # It had the GIL in between, unseen.
    if look.doing is was is State.WAITING:
        return FoldState(look, was, since, used_ns, stretch, owed), []
    state, at, ready = _state(before, look)
    if was in _RUNS:
        start, got = _without_core(before, look, state, at)
        if got > start:
            found.append((start, State.WAITING))
            if state is was:
                found.append((got, state))
            stretch = stretch[0] + got - start, stretch[1]
            since = got
    if was in _RUNS and state not in _RUNS:
        # What all owe is taken from runs that are longer than their own CPU time, at their ends.
        at = max(since, at)
        short = _short(stretch, at, look.cpu_ns)
        owed += short
        without = min(owed + others_unaccounted_ns - SLACK_NS, short, at - since)
        if without >= SHORTEST_NS and look.holds is not None:
            found.append((at - without, State.WAITING))
            owed -= without
    if state is not was:
        since = max(since, at)
        if not (found and state is State.WAITING):
            found.append((since, state))
    elif ran >= SHORTEST_NS and state not in _RUNS and state not in _WAITS:
        # It was up and down again between the two.
        start = max(since, (last.time_ns + now_ns - ran) // 2)
        since = min(now_ns, start + ran)
        found += [(start, State.RUNNING), (since, state)]
    if state in _RUNS:
        if was not in _RUNS:
            stretch = since, last.cpu_ns
            used_ns = now_ns
        elif ran > 0:
            used_ns = now_ns
    return FoldState(look, state, since, used_ns, stretch, owed, ready), found


def _without_core(before: FoldState, look: Sample, state: State, at: int) -> tuple[int, int]:
    """From when to when it has waited for a core since the last look, where it ran and is now in this state since `at`.

    Nobody waits for the GIL here, so who shares none and has used too little CPU time had no core, whether or not the
    system had it queue. That is known for certain when it gets a core; else its clock may be a tick old.
    """
    last, since, stretch = before.last, before.since_ns, before.stretch
    queued, alone = look.queued_ns - last.queued_ns, look.holds is None and state is before.state
    if queued >= SHORTEST_NS:
        # Until it got one. Where it left off running then, a part of that may have come afterwards; but all time in
        # which it ran was CPU time, whose clock is exact by now.
        if state is before.state:
            got, longest = max(since, last.time_ns, look.time_ns - (look.cpu_ns - last.cpu_ns)), queued
        else:
            got, longest = max(since, at), min(queued, _short(stretch, at, look.cpu_ns))
        unseen = _short(stretch, got - longest, look.cpu_ns) - SLACK_NS
    else:
        got, longest = look.time_ns, 0
        unseen = _short(stretch, got, look.cpu_ns) - STALE_NS
    if alone and unseen >= SHORTEST_NS and longest + unseen >= SLACK_NS:
        longest += unseen
    return max(since, got - longest), got


def _short(stretch: tuple[int, int], end_ns: int, cpu_ns: int) -> int:
    """By how much a stretch that ends then, with so much CPU time used by then, is longer than what it used."""
    # It may be taken to have ended before the first look, up to which nobody knows what it used.
    return max(0, end_ns - stretch[0]) - (cpu_ns - stretch[1])


def _state(before: FoldState, look: Sample) -> tuple[State, int, tuple[int, int] | None]:
    """The state now, since when if it is another than before, and the new `ready`."""
    middle = (before.last.time_ns + look.time_ns) // 2
    if look.doing is not State.RUNNING:
        return look.doing, before.ready[0] if before.ready else middle, None
    if look.holds is not False or before.state is State.RELEASED:
        return State.RUNNING if look.holds is not False else State.RELEASED, middle, None
    # Who waits for the GIL wakes up once a switch interval to ask for it, and may have to wait for a core to do so; who
    # lets go of it is still ready for a moment. Who really goes on without it uses CPU time.
    since, cpu_ns = before.ready or (middle, look.cpu_ns)
    if look.cpu_ns - cpu_ns >= WAKE_UP_NS:
        return State.RELEASED, since, None
    return before.state, middle, (since, cpu_ns)
