"""Runs one worker's code, in the same way in every model, and reports how it ended."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, NamedTuple, Optional, Tuple

from pconc_tui import experiments
from pconc_tui.experiments import Experiment
from pconc_tui.lab import cpu_time, stacks
from pconc_tui.lab.events import MAX_TEXT_CHARS, EventSender
from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.output import OutputCapture
from pconc_tui.lab.worker_ending import DONE, ending_of
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.function_ref import UnusableFunctionError, names_function
from pconc_tui.protocol.user_environment import standard_library
from pconc_tui.worker.interruptible_sleep import InterruptibleSleep
from pconc_tui.worker.sampled_worker import SampledWorker
from pconc_tui.worker.waiter import Stopped
from pconc_tui.worker.worker import Worker

OWN_PROCESSES = ("processes", "process-pool")
"""The models whose workers run in processes that do nothing else."""


class Assignment(NamedTuple):
    """What a worker is to run, and where it reports."""

    launch: Launch
    spec: WorkerSpec
    shared: Tuple[Any, ...]
    """What the workers of its group share."""
    events: EventSender
    output: OutputCapture

    @property
    def code(self) -> Callable[..., Any]:
        """The worker's code: of an experiment, or of one that runs the user's function."""
        return _load_experiment(self.launch.experiment).code(self.launch.variant, self.launch.model)


def make_worker(block: Block, launch: Launch, spec: WorkerSpec, sleeper: Optional[InterruptibleSleep] = None) -> Worker:
    """The worker that a launch specifies."""
    slot = block.slot(spec.slot)
    kind = SampledWorker if names_function(launch.experiment) else Worker
    return kind(slot, spec.name, spec.index, launch.model, launch.scale, launch.endless, launch.team, sleeper)


def run(worker: Worker, assignment: Assignment) -> None:
    """Run a worker's code in the calling thread until it ends, and report how it ended."""
    with _reporting_the_end(assignment):
        execute(worker, assignment)


def execute(worker: Worker, assignment: Assignment, pack: Optional[Callable[[Any], Any]] = None) -> Any:
    """Run a worker's code in the calling thread; returns what it returned, and raises what it raised.

    `pack` prepares the result for its way to another process or interpreter, which is a part of the worker's work.
    """
    with _recording(worker, assignment):
        work = assignment.code
        worker.begin()
        result = work(worker, *assignment.shared)
        while assignment.launch.endless:
            worker.check()
            work(worker, *assignment.shared)
        return result if pack is None else pack(result)


async def run_async(worker: Worker, assignment: Assignment) -> None:
    """The same as `run`, in the current task."""
    with _reporting_the_end(assignment), _recording(worker, assignment):
        work = assignment.code
        worker.begin()
        while True:
            awaitable = work(worker, *assignment.shared)
            if awaitable is not None:
                await awaitable
            if not assignment.launch.endless:
                break
            worker.check()


def _load_experiment(id: str) -> Experiment:
    """The experiment with this id, or one that runs the function to which the id refers."""
    if not names_function(id):
        return experiments.load(id)
    from pconc_tui.lab import user_function_call

    return user_function_call.experiment(id)


@contextmanager
def _reporting_the_end(assignment: Assignment) -> Iterator[None]:
    ending = DONE
    try:
        yield
    except BaseException as error:
        ending = ending_of(error, assignment.launch, assignment.spec)
    assignment.events.send_ended(assignment.spec.id, ending)


@contextmanager
def _recording(worker: Worker, assignment: Assignment) -> Iterator[None]:
    """A context that runs a worker's code: records its end, and reports the traceback of an exception."""
    launch, spec, _, events, output = assignment
    output.start_worker(spec.id)
    if isinstance(worker, SampledWorker):
        stacks.workers[spec.id] = worker
    try:
        yield
    except (Stopped, SystemExit, UnusableFunctionError):
        raise
    except BaseException as error:
        with standard_library():
            # Imported only here, since it takes a sixth of the time that an interpreter needs to start.
            from pconc_tui.lab.tracebacks import describe

        for line in describe(error).traceback:
            events.send("trace", worker=spec.id, text=line[:MAX_TEXT_CHARS])
        raise
    finally:
        worker.end()
        stacks.workers.pop(spec.id, None)
        if launch.model in OWN_PROCESSES:
            worker.publish_cpu(*cpu_time.read())
        output.finish_worker()
