"""The result of a measurement, of one run and of N: times, ratios and what its workers shared; and of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.requests import Case, Plan

TOO_SHORT = "too short: "
"""Prefix of the reason why there is no ratio where the runs are too short for one."""
NO_SINGLE_RUN = "measured without the single run"
"""Why there is no ratio, of a measurement that made only the N runs."""

DISTURBING_CORES = 0.25
"""Other programs that use fewer cores than this don't disturb a measurement noticeably."""


class Wait(NamedTuple):
    """A worker that waits for a lock."""

    worker: str
    lock: str
    holder: str | None
    """The worker that holds the lock; None: no worker held it when it was read."""


class BlockedWorker(NamedTuple):
    """A worker that does not run, and where it is in the user's code."""

    worker: str
    does: str
    """`waits for a lock`, `sleeps`."""
    ends_itself: bool
    """Whether it is known to go on by itself: it sleeps, or waits for its turn after those that have started."""
    blocked_s: float | None = None
    """For how long it has not run, in seconds; None: unknown, or it has not started."""
    function: str = ""
    """The innermost function of the user's code; empty: unknown."""
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class Counters:
    """The values that the workers of one experiment, variant, model and interpreter share."""

    experiment: str
    variant: str
    model: str
    workers: int
    final: bool
    """Whether all workers have ended, so that the values are exact; before, `value` is one that the counter has had,
    and `expected` at least what it would have been then: no less than they differ by was lost."""
    python: str = ""
    """As in `Worker`."""
    start_method: str | None = None
    """None: the interpreter's default start method."""
    value: int | None = None
    """The shared counter; of `shared-value`, the shared number."""
    expected: int | None = None
    """What it would be if no update had been lost."""
    plain_num: int | None = None
    """The plain global variable in the workers' parent."""
    plain_of: tuple[tuple[str, int], ...] = ()
    """The name of each process, and the value of its own copy of the plain global variable."""
    object: dict[str, int] | None = None
    """The shared dict."""
    delays: DelayHistogram | None = None
    """How late workers were, each time one had planned to run."""
    recent_delays: DelayHistogram | None = None
    """The same over the last second."""
    delays_alone: DelayHistogram | None = None
    """The same while no other worker ran."""
    put: int | None = None
    """Items that were put into the queue; None: the experiment has no queue."""
    got: int | None = None
    """Items that were taken from the queue."""
    got_per_s: float | None = None
    """Items taken per second, over the last second."""
    depth_mean: float | None = None
    """Mean of the items in the queue, over the monitor's samples while workers were alive."""
    depth_max: int | None = None
    """The most items in the queue in any of these samples."""
    waits: tuple[Wait, ...] = ()
    """The workers that wait for a lock now."""
    deadlock: tuple[Wait, ...] = ()
    """The last cycle of workers that waited for each other; it may have been resolved since."""
    stuck_s: float | None = None
    """Seconds that it has lasted, or had lasted when it was resolved."""
    stuck: int = 0
    """The number of workers that waited meanwhile, for each other or behind them."""

    @property
    def depth(self) -> int | None:
        """Items in the queue or on their way to it."""
        return None if self.put is None or self.got is None else max(0, self.put - self.got)

    @property
    def lost(self) -> int | None:
        """The number of lost updates."""
        if self.value is None or self.expected is None:
            return None
        return max(0, self.expected - self.value)


class LockShares(NamedTuple):
    """For how much of their time threads waited for locks, and for what."""

    lock_wait: float
    """The share of their time, 0 to 1, in which they waited for locks."""
    one_lock_wait: float | None
    """The part of that, 0 to 1, for the lock that several of them waited for most; None: unknown."""
    stopped: float
    """The share of their time, 0 to 1, in which they waited because one thread had stopped all."""
    stops_per_s: float
    """How often all were stopped, per second."""

    @staticmethod
    def fields(shares: LockShares | None) -> dict[str, float | None]:
        """Each by its name; None: unknown."""
        return dict.fromkeys(LockShares._fields) if shares is None else shares._asdict()


class Disturbance(NamedTuple):
    """What kept cores from a measurement's workers."""

    others: float | None
    """Cores that other programs used meanwhile, on average; None: unknown, or the measurement was too short."""
    throttled: float | None
    """The share of the quota's periods meanwhile, 0 to 1, in which it was used up; None: there is no quota."""
    machine_cores: int
    """The number of cores of the machine."""


@dataclass(frozen=True)
class Measurement:
    """A measurement: one run, then N runs at once."""

    experiment: str
    variant: str
    model: str
    workers: int
    python: str
    """As in `Worker`; empty: no worker could be started."""
    cores: float
    """The number of cores that the workers may use; a quota may allow a fraction."""
    core_share: float
    """Cores that one run uses on average while it waits for none: 1 for CPU-bound work, 0 for work that only waits."""
    one_run_s: float | None
    n_runs_s: float | None
    cores_busy: float | None
    """CPU time of the N runs' processes and of their descendants per wall time, summed."""
    handoffs: int
    """Counted from the workers' spans, in the N runs."""
    lanes_show_handoffs: bool = True
    """Whether the workers' lanes show each hand-off: they are reported, and hold the GIL while they run."""
    switches: int | None = None
    """Hand-offs by CPython's own counter; None: no GIL, or not readable."""
    switches_problem: str | None = None
    """Why CPython's counter was not readable."""
    delays: DelayHistogram | None = None
    """How late workers of the N runs were, each time one had planned to run."""
    traceback: str = ""
    """The traceback of the first worker that an exception ended."""
    delays_alone: DelayHistogram | None = None
    """How late the worker of the one run was."""
    deadlock: tuple[Wait, ...] = ()
    """Why the N runs never ended: a result, so the measurement is complete, but it has no ratio."""
    problem: str | None = None
    """Why it is incomplete and has no ratio; None: it is complete."""
    blocked: tuple[BlockedWorker, ...] = ()
    """What its workers waited for when it was given up, if none of them ran."""
    start_method: str | None = None
    """None: the interpreter's default start method."""
    no_ratio: str | None = None
    """Why the measurement has neither slowdown nor speed-up although it is complete; None: it has both."""
    gil_wait: float | None = None
    """The share of the N workers' time, 0 to 1, in which they waited for the GIL."""
    core_wait: float | None = None
    """The share of their time in which they waited for a core."""
    locks: LockShares | None = None
    """What they waited for; None: unknown, or their lanes are not from records."""
    launch_s: float | None = None
    """Seconds from `start()` to the first instruction, in the one run."""
    rss: int | None = None
    """Resident memory in bytes of the N runs' processes, late in the runs; shared pages count in each process."""
    pss: int | None = None
    """The same with shared pages divided among their users; None: the system doesn't report it."""
    disturbance: Disturbance | None = None
    """What kept cores from the workers; None: unknown."""
    ended_ns: int = 0
    observed: Mapping[str, str] = field(default_factory=dict)
    """Values of its headline, by name, that only the workers, the log and the counters showed when it ended."""

    @property
    def no_single_run(self) -> bool:
        """Whether it was made without the one run."""
        return self.no_ratio == NO_SINGLE_RUN

    @property
    def handoffs_source(self) -> str:
        """The better source of the number of hand-offs: `lanes` or `cpython`."""
        return "lanes" if self.lanes_show_handoffs or self.switches is None else "cpython"

    @property
    def slowdown(self) -> float | None:
        """N runs / one run."""
        if self.problem or self.no_ratio or not self.one_run_s or not self.n_runs_s:
            return None
        return self.n_runs_s / self.one_run_s

    @property
    def speedup(self) -> float | None:
        """N x one run / N runs."""
        return self.workers / self.slowdown if self.slowdown else None

    @property
    def ideal_slowdown(self) -> float:
        """The slowdown that N workers can reach on C cores: max(1, N x s / C), where s is `core_share`.

        A quota of less than s cores slows the one run down too, by s / C.
        """
        one_run_cores = self.core_share / self.cores
        return max(1.0, self.workers * one_run_cores) / max(1.0, one_run_cores)

    @property
    def ideal_speedup(self) -> float:
        """N divided by the ideal slowdown."""
        return self.workers / self.ideal_slowdown

    @property
    def others(self) -> float | None:
        """Cores that other programs used meanwhile, if that left fewer than the workers could use; else None."""
        found = self.disturbance
        if found is None or found.others is None or found.others < DISTURBING_CORES:
            return None
        wanted = min(self.workers * max(1.0, self.core_share), self.cores)
        return found.others if found.machine_cores - found.others < wanted else None

    @property
    def throttled(self) -> float | None:
        """The share of the quota's periods meanwhile, 0 to 1, in which it was used up; None: none was."""
        return self.disturbance.throttled or None if self.disturbance else None


@dataclass(frozen=True)
class Progress:
    """A measurement under way."""

    experiment: str
    model: str
    phase: str
    """`one run` or `4 runs`."""
    fraction: float
    """The finished part, 0 to 1."""
    variant: str = ""
    one_run_s: float | None = None
    """Seconds of the one run, once the N runs have started; None: before, or there was none."""
    delays_alone: DelayHistogram | None = None
    """How late the worker of the one run was; None as before."""


@dataclass(frozen=True)
class Comparison:
    """The comparison under way, or the last one."""

    plan: Plan
    scale: float | None
    """The part of the experiment's work that each worker does; None: a trial run is determining it."""
    results: tuple[tuple[Case, Measurement], ...]
    """In the order of measurement."""
    current: Case | None
    """The case that is being measured; None: the comparison has ended."""
    fraction: float
    """The finished part, 0 to 1."""
    left_s: float | None
    """The estimated time left; None: no estimate yet."""
    elapsed_s: float
    problem: str | None = None
    """Why it ended before all cases were measured; None: it did not."""

    @property
    def finished(self) -> bool:
        """Whether all cases have been measured."""
        return self.current is None and self.problem is None
