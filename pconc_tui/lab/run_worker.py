"""Running one worker's code, the same way in every model, and saying how it ended."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any, Dict, Iterator, Optional, Tuple

from pconc_tui import experiments
from pconc_tui.experiments import Experiment
from pconc_tui.lab.events import LONGEST_TEXT, Events, OutputCapture
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.function_ref import UNUSABLE, UnusableFunctionError, names_function
from pconc_tui.worker.sampled_worker import SampledWorker
from pconc_tui.worker.sleep import InterruptibleSleep
from pconc_tui.worker.worker import Stopped, Worker


@dataclass(frozen=True)
class WorkerSpec:
    """One worker of a launch: its number in the session, its slot, its name, and which of the launch it is."""

    id: int
    slot: int
    name: str
    index: int


@dataclass(frozen=True)
class Launch:
    """Workers to start together, as the monitor asked for them. Launches of one `group` share what they count."""

    group: int
    experiment: str
    variant: str
    model: str
    scale: float
    endless: bool
    team: int
    """How many are launched together; 0 where they are to run until stopped."""
    workers: Tuple[WorkerSpec, ...]

    @classmethod
    def parsed(cls, command: Dict[str, Any]) -> Launch:
        """The launch that a command describes."""
        workers = tuple(WorkerSpec(**spec) for spec in command["workers"])
        team = 0 if command["endless"] else len(workers)
        return cls(**{"team": team, **command, "workers": workers})


def worker_of(block: Block, launch: Launch, spec: WorkerSpec, bed: Optional[InterruptibleSleep] = None) -> Worker:
    """The worker for one spec of a launch."""
    slot = block.slot(spec.slot)
    kind = SampledWorker if names_function(launch.experiment) else Worker
    return kind(slot, spec.name, spec.index, launch.model, launch.scale, launch.endless, launch.team, bed)


def experiment_of(id: str) -> Experiment:
    """The experiment with this id, or what runs the function that it names."""
    if not names_function(id):
        return experiments.load(id)
    from pconc_tui.lab import user_function

    return user_function.experiment(id)


def run(
    worker: Worker, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...], events: Events, out: OutputCapture
) -> None:
    """Run a worker's code in the calling thread until it ends, and report how it did."""
    with _reported(worker, spec, events, out):
        work = experiment_of(launch.experiment).variants[launch.variant]
        worker.begin()
        work(worker, *shared)
        while launch.endless:
            worker.check()
            work(worker, *shared)


async def run_async(
    worker: Worker, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...], events: Events, out: OutputCapture
) -> None:
    """The same for a worker that is a task."""
    with _reported(worker, spec, events, out):
        work = experiment_of(launch.experiment).tasks[launch.variant]
        worker.begin()
        await work(worker, *shared)
        while launch.endless:
            worker.check()
            await work(worker, *shared)


@contextmanager
def _reported(worker: Worker, spec: WorkerSpec, events: Events, out: OutputCapture) -> Iterator[None]:
    out.claim(spec.id)
    ending = "done"
    try:
        yield
    except Stopped:
        ending = "stopped"
    except UnusableFunctionError as error:
        ending = UNUSABLE + str(error)
    except BaseException as error:
        # Imported by few: it takes a sixth of the time that an interpreter needs to start.
        from pconc_tui.lab.tracebacks import summary, trace

        ending = summary(error)
        for line in trace(error):
            events.send("trace", worker=spec.id, text=line[:LONGEST_TEXT])
    finally:
        worker.end()
        out.finish()
    events.send("ended", worker=spec.id, ending=ending[:500])


def ending(exitcode: Optional[int]) -> str:
    """How a process ended, in words."""
    return f"killed by signal {-exitcode}" if exitcode and exitcode < 0 else f"exited with status {exitcode}"


def _nothing() -> Dict[str, Any]:
    """What functions that share nothing have to report."""
    return {}


def _unlocked(shared: Any) -> Any:
    """A `multiprocessing.Value` without its lock, which a worker that was killed may hold for ever."""
    return shared.get_obj() if hasattr(shared, "get_obj") else shared


class Group:
    """Workers that share what their experiment's setup made; lives in the workers' parent."""

    def __init__(self, launch: Launch, primitives: Any) -> None:
        self.number = launch.group
        named = names_function(launch.experiment)
        self._report = _nothing if named else experiments.load(launch.experiment).report
        self.shared = () if named else experiments.load(launch.experiment).setup(primitives)
        self.running = 0
        self._started_ns = 0

    def started(self, workers: int) -> None:
        """Note that so many workers are about to be started."""
        if not self.running:
            self._started_ns = perf_counter_ns()
        self.running += workers

    def joined(self, events: Events) -> None:
        """Note that a worker has been joined; after the last one, report what came of it all."""
        self.running -= 1
        if not self.running:
            ended_ns = perf_counter_ns()
            counters = self._report(*map(_unlocked, self.shared))
            events.send(
                "finished", group=self.number, started_ns=self._started_ns, ended_ns=ended_ns, counters=counters
            )
