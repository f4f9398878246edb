"""What goes from the monitor to all that show it: one frozen `Snapshot` a frame. No rendered values live here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.requests import Case, Plan
from pconc_tui.timeline.spans import History, Times


class Sampling(NamedTuple):
    """How a worker's lane was made that is seen from outside."""

    rate_hz: float | None
    """Looks a second; None: there were none yet."""
    reports: bool
    """Whether its code tells itself when it runs, by `pconc_tui.probe`."""
    problem: str | None
    """What of it can't be told, and why."""
    mixed_s: float = 0.0
    """Seconds of its life of which the shares of the states are known, and their order is not."""


@dataclass(frozen=True)
class Worker:
    """A row of the table and a lane of the timeline."""

    id: int
    name: str
    experiment: str
    variant: str
    model: str
    python: str
    """The version of the interpreter it runs under, with a `t` where that is a free-threaded build."""
    launched_ns: int
    start_method: str | None = None
    """How its process was started; None where it did not need one, or that is not known yet."""
    state: State = State.STARTING
    ending: str | None = None
    """None while it lives; then `done`, `stopped`, an exception's type and message, `killed by signal 9`."""
    pid: int | None = None
    native_id: int | None = None
    core: int | None = None
    """The core it last ran on, as the system tells; None: unknown."""
    cpu: float | None = None
    """CPU time per wall time over the last second, as the system tells: 1.0 is one whole core."""
    recent: Times | None = None
    """The last second, as the worker reported it."""
    total: Times = field(default_factory=Times)
    """Its whole life from its first instruction on."""
    cpu_s: float | None = None
    """CPU time from its first instruction on."""
    starting_cpu_s: float | None = None
    """CPU time of its thread before; None: unknown, or others had used the thread."""
    iterations: int = 0
    rate: float | None = None
    """Iterations a second, over the last second."""
    handoffs: int = 0
    """How often it was handed the GIL by another worker."""
    started_ns: int | None = None
    """Its first instruction."""
    ended_ns: int | None = None
    history: History = ()
    sampling: Sampling | None = None
    """How it was looked at; None: it told all itself."""
    traceback: str = ""
    """Of the exception that ended it."""

    @property
    def alive(self) -> bool:
        return self.ending is None

    @property
    def counted(self) -> bool:
        """Whether its iterations are known."""
        return self.sampling is None or self.sampling.reports


class Wait(NamedTuple):
    """A worker that waits for a lock which another holds."""

    worker: str
    lock: str
    holder: str | None
    """None where nobody was seen to hold it at that moment."""


@dataclass(frozen=True)
class Counters:
    """What the workers of one group share."""

    experiment: str
    variant: str
    model: str
    workers: int
    final: bool
    """Whether all have ended and the figures are exact; before, they trail the workers by up to a round each."""
    python: str = ""
    """As a worker's."""
    start_method: str | None = None
    """How its processes were started; None: as the interpreter does by itself."""
    value: int | None = None
    """The shared counter; for `shared-value` the shared number."""
    expected: int | None = None
    """What it would be if no update were lost."""
    plain_num: int | None = None
    """The plain global in the workers' parent."""
    plain_of: tuple[tuple[str, int], ...] = ()
    """What each process believes the plain global to be: name and number."""
    object: dict[str, int] | None = None
    delays: DelayHistogram | None = None
    """How late a worker was whenever it had planned to run."""
    recent_delays: DelayHistogram | None = None
    """The same in the last second."""
    put: int | None = None
    """Items that were put into the queue; None where there is none."""
    got: int | None = None
    """Items that were taken out of it."""
    got_per_s: float | None = None
    """Over the last second."""
    depth_mean: float | None = None
    """Items in the queue, as the monitor saw it whenever it looked while workers lived."""
    depth_max: int | None = None
    waits: tuple[Wait, ...] = ()
    """Who waits for whom now."""
    deadlock: tuple[Wait, ...] = ()
    """The last circle of workers that waited for each other; it may have been resolved since."""

    @property
    def depth(self) -> int | None:
        """Items in the queue, or on their way."""
        return None if self.put is None or self.got is None else max(0, self.put - self.got)

    @property
    def lost(self) -> int | None:
        if self.value is None or self.expected is None:
            return None
        return max(0, self.expected - self.value)


@dataclass(frozen=True)
class Measurement:
    """One run, then N at once."""

    experiment: str
    variant: str
    model: str
    workers: int
    python: str
    """As a worker's; empty where none could be started."""
    cores: int
    needs_core: bool
    one_run_s: float | None
    n_runs_s: float | None
    cores_busy: float | None
    """Mean over the N runs: CPU time of the workers per wall time."""
    handoffs: int
    """By the workers' spans."""
    counters: dict[str, Any]
    switches: int | None = None
    """Hand-offs by CPython's own count; None: no GIL, or not readable."""
    switches_problem: str | None = None
    """Why that was not readable."""
    delays: DelayHistogram | None = None
    """How late a worker of the N runs was whenever it had planned to run."""
    traceback: str = ""
    """Of the first worker that an exception ended."""
    delays_alone: DelayHistogram | None = None
    """How late that of the one run was."""
    deadlock: tuple[Wait, ...] = ()
    """Why the N runs never ended: that is their result, so they are not incomplete, but there is no ratio."""
    problem: str | None = None
    """Why it is incomplete and has no ratio; None: it is complete."""
    start_method: str | None = None
    """How its processes were started; None: as the interpreter does by itself."""
    multiplies: bool = True
    """Whether N workers did N times the work of one: else there is no speed-up."""
    gil_wait: float | None = None
    """The share of the N workers' time in which they waited for the GIL."""
    core_wait: float | None = None
    """The share in which they waited for a core."""
    launch_s: float | None = None
    """From start() to the first instruction, in the one run."""
    rss: int | None = None
    """Bytes resident in the processes of the N runs, late in them; what they share counts in each. By the system."""
    pss: int | None = None
    """The same with what is shared divided among those that share it, where the system tells."""

    @property
    def ratio(self) -> float | None:
        return None if self.problem or not self.one_run_s or not self.n_runs_s else self.n_runs_s / self.one_run_s

    @property
    def speedup(self) -> float | None:
        return None if not self.ratio or not self.multiplies else self.workers / self.ratio

    @property
    def ideal_ratio(self) -> float:
        """What N workers on C cores can reach: max(1, N / C), or 1 where they only wait."""
        return max(1.0, self.workers / self.cores) if self.needs_core else 1.0


@dataclass(frozen=True)
class Progress:
    """A measurement under way."""

    experiment: str
    model: str
    phase: str
    """`one run` or `4 runs`."""
    fraction: float


@dataclass(frozen=True)
class Comparison:
    """A comparison under way, or the last one."""

    plan: Plan
    scale: float | None
    """The part of the experiment's work that each worker does; None while that is being found out."""
    results: tuple[tuple[Case, Measurement], ...]
    """In the order in which they were measured."""
    current: Case | None
    """What is being measured; None: it has ended."""
    fraction: float
    left_s: float | None
    """An estimate; None before there is one."""
    elapsed_s: float


@dataclass(frozen=True)
class LogLine:
    """A line that a worker printed."""

    t_s: float
    """Seconds since the session began."""
    worker: str
    text: str
    error: bool = False
    """Whether it is of a traceback, and was not printed."""


@dataclass(frozen=True)
class Lab:
    """One lab and its interpreter; what is not known yet is None."""

    state: str
    """`starting`, `ready` or `dead`."""
    executable: str
    version: str | None = None
    gil_enabled: bool | None = None
    """Now, where the workers run."""
    free_threaded_build: bool | None = None
    switch_interval_s: float | None = None
    start_method: str | None = None
    message: str | None = None
    """Why it is dead."""


@dataclass(frozen=True)
class GilRate:
    """How often one GIL was handed over in the last second, by two sources."""

    lab: int
    """Which of the snapshot's labs it is in."""
    pid: int
    interpreter: int
    """By CPython's id: 0 is a process's main one."""
    workers: int
    """How many that live need it."""
    handoffs_per_s: float | None
    """By the workers' spans."""
    switches_per_s: float | None
    """By CPython's own count, read from the process."""
    problem: str | None
    """Why that is not readable."""


@dataclass(frozen=True)
class Snapshot:
    """All there is to see at one moment."""

    now_ns: int
    core_count: int
    """Cores that the workers may use."""
    core_loads: tuple[float, ...] | None = None
    """How busy each of the machine's cores is, by anything: 0 to 1."""
    cores_busy: float | None = None
    """CPU time of the workers per wall time over the last second."""
    running_at_once: float | None = None
    """How many workers ran at the same time, on average over the last second, as they reported it."""
    handoffs_per_s: float | None = None
    """Of the last second, by the workers' spans; None where no worker needs a GIL."""
    switches_per_s: float | None = None
    """The same by CPython's own count, read from the interpreter."""
    switches_problem: str | None = None
    """Why that is not readable."""
    gils: tuple[GilRate, ...] = ()
    """Each GIL that a worker needs, with both figures of its own."""
    app_cpu: float | None = None
    """CPU time per wall time of this program itself, without the lab."""
    workers: tuple[Worker, ...] = ()
    counters: tuple[Counters, ...] = ()
    """The latest of each experiment, variant, model, interpreter and start method; the newest first."""
    measurements: tuple[Measurement, ...] = ()
    progress: Progress | None = None
    comparison: Comparison | None = None
    log: tuple[LogLine, ...] = ()
    log_dropped: int = 0
    """Lines that were printed faster than they could be taken."""
    labs: tuple[Lab, ...] = ()
