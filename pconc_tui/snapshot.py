"""The frozen `Snapshot` that the monitor makes for each frame: measured values for others to show, print or record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.requests import Case, Plan
from pconc_tui.timeline.spans import History, Times

TOO_SHORT = "too short: "
"""Prefix of the reason why there is no ratio where the runs are too short for one."""
NO_SINGLE_RUN = "measured without the single run"
"""Why there is no ratio, of a measurement that made only the N runs."""

DISTURBING_CORES = 0.25
"""Other programs that use fewer cores than this don't disturb a measurement noticeably."""


class Sampling(NamedTuple):
    """How the lane of a sampled worker was made."""

    rate_hz: float | None
    """Samples per second; None: there was none yet."""
    calls_probe: bool
    """Whether its code calls `pconc_tui.probe`, so that it reports itself when it runs."""
    problem: str | None
    """What is unknown about the lane, and why; None: nothing."""
    mixed_s: float = 0.0
    """Seconds in which the time in each state is known, but not the order of the states."""


class CpuSample(NamedTuple):
    """CPU time and times of a worker, from its first instruction to the same moment."""

    cpu_s: float
    times: Times


@dataclass(frozen=True)
class Worker:
    """A worker: a row of the table and a lane of the timeline."""

    id: int
    name: str
    experiment: str
    variant: str
    model: str
    python: str
    """The version of its interpreter, `3.14.2`; with a `t` at the end for a free-threaded build."""
    launched_ns: int
    start_method: str | None = None
    """The start method of its process; None: its model starts none, or the method is not known yet."""
    state: State = State.STARTING
    ending: str | None = None
    """`done`, `stopped`, an exception's type and message, `killed by signal 9`; None: it is alive."""
    pid: int | None = None
    native_id: int | None = None
    core: int | None = None
    """The core on which it last ran, read from the system."""
    cpu: float | None = None
    """CPU time per wall time over the last second, read from the system: 1.0 is one core."""
    recent: Times | None = None
    """Times in each state over the last second."""
    total: Times = field(default_factory=Times)
    """Times in each state since its first instruction."""
    cpu_s: float | None = None
    """CPU time since its first instruction; None: unknown, such as that of a thread whose process was killed."""
    last_cpu: CpuSample | None = None
    """What was last read from the system; None: nothing, or its thread is shared."""
    starting_cpu_s: float | None = None
    """CPU time of its thread before that; None: unknown, or other workers used the thread before."""
    iterations: int = 0
    rate: float | None = None
    """Iterations per second, over the last second."""
    handoffs: int = 0
    """How often another worker handed the GIL to it."""
    shows_handoffs: bool = True
    """Whether its lane shows each hand-off: it reports when it runs, and holds the GIL while it does."""
    started_ns: int | None = None
    """The time of its first instruction."""
    ended_ns: int | None = None
    role: str = ""
    """What it does, where workers of its experiment do different work: `producer`."""
    held_s: float | None = None
    """The longest time in which it did not release the GIL, waits for a core included; None: it needed none."""
    history: History = ()
    sampling: Sampling | None = None
    """None: it was not sampled; it reported everything itself."""
    traceback: str = ""
    """The traceback of the exception that ended it."""
    sent_bytes: int | None = None
    """Size of the pickled result that a function sent back to its pool; None: unknown, or none was sent."""
    lost_transitions: int = 0
    """How many transitions were overwritten before they could be read; in that stretch its state is unknown."""

    @property
    def alive(self) -> bool:
        return self.ending is None

    @property
    def iterations_known(self) -> bool:
        """Whether its iterations are known: a sampled function that doesn't call `probe` doesn't count them."""
        return self.sampling is None or self.sampling.calls_probe


@dataclass(frozen=True)
class WorkerProcess:
    """A process in which workers run: the CPU time of all its threads, and of its descendants."""

    pid: int
    workers: tuple[int, ...]
    """Ids of its workers."""
    helpers: float | None
    """CPU time per wall time, 1.0 is one core, of its threads that are no workers: over the last second while workers
    live, afterwards over the run; None: not known yet."""
    children: float | None
    """The same of its descendants, without other processes with workers."""
    cpu_s: float | None = None
    """CPU seconds of all its threads in the run; None while it lasts."""
    helpers_s: float | None = None
    """Of that, CPU seconds of threads that are no workers."""
    children_s: float | None = None
    """CPU seconds of its descendants in the run, the reaped ones included."""


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
class Standstill:
    """Workers of a run, or of launches, of which none has run for 2 s."""

    group: int
    """A number that no other run has."""
    workers: tuple[BlockedWorker, ...]
    misses_workers: bool = False
    """Whether it is the one run of a measurement of several workers, which may need each other."""

    @property
    def ends_itself(self) -> bool:
        """Whether all workers only sleep, so that this is no fault."""
        return all(each.ends_itself for each in self.workers)


@dataclass(frozen=True)
class Counters:
    """The values that the workers of one experiment, variant, model and interpreter share."""

    experiment: str
    variant: str
    model: str
    workers: int
    final: bool
    """Whether all workers have ended, so that the values are exact; before, they lag by at most a round per worker."""
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


@dataclass(frozen=True)
class LogLine:
    """A line that a worker printed, or a line of its traceback."""

    t_s: float
    """Seconds since the monitor started."""
    worker: str
    text: str
    error: bool = False
    """Whether it is part of a traceback."""


@dataclass(frozen=True)
class Lab:
    """A lab and its interpreter; None: not known yet."""

    state: str
    """`starting`, `ready` or `dead`."""
    executable: str
    version: str | None = None
    gil_enabled: bool | None = None
    """Whether the GIL is on now, in the process where the workers run."""
    free_threaded_build: bool | None = None
    switch_interval_s: float | None = None
    start_method: str | None = None
    message: str | None = None
    """Why the lab is dead."""


@dataclass(frozen=True)
class GilRate:
    """How often one GIL was handed off over the last second, from two sources."""

    lab: int
    """Index into the snapshot's labs."""
    pid: int
    interpreter: int
    """CPython's id of the interpreter: 0 is the main interpreter of a process."""
    workers: int
    """The number of live workers that need this GIL."""
    handoffs_per_s: float | None
    """Counted from the workers' spans."""
    switches_per_s: float | None
    """CPython's own counter, read from the process."""
    problem: str | None
    """Why CPython's counter is not readable."""


@dataclass(frozen=True)
class Snapshot:
    """Everything that is known at one moment."""

    now_ns: int
    """`time.perf_counter_ns()`, as all times in ns."""
    core_count: float
    """The number of cores that the workers may use; a quota may allow a fraction."""
    core_loads: tuple[float, ...] | None = None
    """The load of each of the machine's cores by all programs, 0 to 1."""
    cores_busy: float | None = None
    """CPU time of the workers' processes and of their descendants per wall time over the last second, summed."""
    others: float | None = None
    """CPU time of other programs per wall time over the last second: cores that they use."""
    throttled: float | None = None
    """The share of the quota's periods in the last second, 0 to 1, in which it was used up; None: there is no quota."""
    running_at_once: float | None = None
    """The mean number of workers that were running, over the last second, from their lanes."""
    handoffs_per_s: float | None = None
    """Hand-offs per second over the last second, counted from spans; None: no worker needs a GIL."""
    switches_per_s: float | None = None
    """The same by CPython's own counter, read from the process."""
    switches_problem: str | None = None
    """Why CPython's counter is not readable."""
    gils: tuple[GilRate, ...] = ()
    """The GILs that workers need, each with its own rates."""
    app_cpu: float | None = None
    """CPU time per wall time of this program's own processes: the app, samplers, and labs without their workers."""
    workers: tuple[Worker, ...] = ()
    processes: tuple[WorkerProcess, ...] = ()
    """The processes in which the workers run."""
    counters: tuple[Counters, ...] = ()
    """The newest of each experiment, variant, model, interpreter and start method, the newest first."""
    measurements: tuple[Measurement, ...] = ()
    progress: Progress | None = None
    comparison: Comparison | None = None
    log: tuple[LogLine, ...] = ()
    log_dropped: int = 0
    """The number of lines that were lost because they were printed too fast."""
    log_cut: int = 0
    """The number of older lines that are no longer kept."""
    labs: tuple[Lab, ...] = ()
    standstills: tuple[Standstill, ...] = ()
    """Runs and launches whose workers all wait."""
