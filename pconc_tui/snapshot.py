"""The frozen `Snapshot` that the monitor makes for each frame: measured values for others to show, print or record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pconc_tui.measurement import BlockedWorker, Comparison, Counters, Measurement, Progress
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.timeline.spans import PROVISIONAL, PROVISIONAL_SAMPLED, History, Span, Times
from pconc_tui.watched_program import LockWait, WatchedProgram, WatchedThread


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
    """The longest time in which it did not release the GIL, waits for a core included; None: it needed none.

    Of a worker that others observe: the longest while others waited for it.
    """
    history: History = ()
    sampling: Sampling | None = None
    """None: it was not sampled; it reported everything itself."""
    traceback: str = ""
    """The traceback of the exception that ended it."""
    sent_bytes: int | None = None
    """Size of the pickled result that a function sent back to its pool; None: unknown, or none was sent."""
    gil: int | None = None
    """The GIL that it needs: a number that the workers have in common that need the same; None: none, or not known."""
    thread: WatchedThread | None = None
    """None: it is a worker, not a thread of a program that is watched."""
    helper_of: int | None = None
    """The id of the worker whose function started this thread, or the child process whose thread this is; None: it is a
    worker."""
    source: str | None = Source.REPORTED.value
    """Where its lane comes from, a value of `Source`; None: not known yet."""
    lost_transitions: int = 0
    """How many transitions were overwritten before they could be read; in that stretch its state is unknown."""
    lock: LockWait | None = None
    """What is known of the lock that it waits for; None: it waits for none, or its lane isn't from records."""

    @property
    def alive(self) -> bool:
        return self.ending is None

    @property
    def starting_s(self) -> float | None:
        """Seconds from its launch to its first instruction; None: it has not come to that."""
        return None if self.started_ns is None else (self.started_ns - self.launched_ns) / 1e9

    @property
    def provisional(self) -> Sequence[Span]:
        """The last spans of its lane, which may still change while it lives."""
        count = PROVISIONAL_SAMPLED if self.sampling else PROVISIONAL
        last = self.history[-1] if self.history else ()
        before = self.history[-2] if len(self.history) > 1 and len(last) < count else ()
        return (*before[len(before) - min(len(before), count - len(last)) :], *last[-count:])

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
class LogLine:
    """A line that a worker printed, or a line of its traceback."""

    t_s: float
    """Seconds since `Snapshot.log_began_ns`."""
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
    source: str | None = None
    """Where the lanes of users' functions come from, a value of `Source`; None: not known yet, or none has run."""
    source_problem: str | None = None
    """Why there is no better source, and how to get it; None: there is none."""


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
    helpers: tuple[Worker, ...] = ()
    """Threads that workers' functions started, and threads of their child processes: no workers, but with a lane."""
    one_run: Worker | None = None
    """The worker of the one run of a measurement, while the `workers` are those of its N runs."""
    processes: tuple[WorkerProcess, ...] = ()
    """The processes in which the workers run."""
    counters: tuple[Counters, ...] = ()
    """The newest of each experiment, variant, model, interpreter and start method, the newest first."""
    measurements: tuple[Measurement, ...] = ()
    progress: Progress | None = None
    comparison: Comparison | None = None
    log: tuple[LogLine, ...] = ()
    log_began_ns: int = 0
    """From which the times of log lines count."""
    log_dropped: int = 0
    """The number of lines that were lost because they were printed too fast."""
    log_cut: int = 0
    """The number of older lines that are no longer kept."""
    labs: tuple[Lab, ...] = ()
    has_run: bool = False
    """Whether anything has been started since the beginning, or since all was reset."""
    standstills: tuple[Standstill, ...] = ()
    """Runs and launches whose workers all wait."""
    program: WatchedProgram | None = None
    """The program that is watched; None: workers are launched here."""

    def at(self, now_ns: int) -> Snapshot:
        """The same at another moment. Faster than `replace`: most frames show no more than those before them."""
        found = object.__new__(Snapshot)
        found.__dict__.update(self.__dict__, now_ns=now_ns)
        return found
