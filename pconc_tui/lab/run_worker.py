"""Runs one worker's code, in the same way in every model, and reports how it ended."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional, Tuple

from pconc_tui import experiments
from pconc_tui.experiments import Experiment
from pconc_tui.lab import cpu_time
from pconc_tui.lab.ending import DONE, ending_of
from pconc_tui.lab.events import MAX_TEXT_CHARS, EventSender
from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.output import OutputCapture
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.function_ref import UnusableFunctionError, names_function
from pconc_tui.protocol.user_environment import standard_library
from pconc_tui.worker.interruptible_sleep import InterruptibleSleep
from pconc_tui.worker.sampled_worker import SampledWorker
from pconc_tui.worker.waiter import Stopped
from pconc_tui.worker.worker import Worker

OWN_PROCESSES = ("processes", "process-pool")
"""The models whose workers run in processes that do nothing else."""


def make_worker(block: Block, launch: Launch, spec: WorkerSpec, sleeper: Optional[InterruptibleSleep] = None) -> Worker:
    """The worker that a launch specifies."""
    slot = block.slot(spec.slot)
    kind = SampledWorker if names_function(launch.experiment) else Worker
    return kind(slot, spec.name, spec.index, launch.model, launch.scale, launch.endless, launch.team, sleeper)


def run(
    worker: Worker,
    launch: Launch,
    spec: WorkerSpec,
    shared: Tuple[Any, ...],
    events: EventSender,
    output: OutputCapture,
) -> None:
    """Run a worker's code in the calling thread until it ends, and report how it ended."""
    with _reporting_the_end(launch, spec, events):
        execute(worker, launch, spec, shared, events, output)


def execute(
    worker: Worker,
    launch: Launch,
    spec: WorkerSpec,
    shared: Tuple[Any, ...],
    events: EventSender,
    output: OutputCapture,
    pack: Optional[Callable[[Any], Any]] = None,
) -> Any:
    """Run a worker's code in the calling thread; returns what it returned, and raises what it raised.

    `pack` prepares the result for its way to another process or interpreter, which is a part of the worker's work.
    """
    with _recording(worker, launch, spec, events, output):
        work = _load_experiment(launch.experiment).variants[launch.variant]
        worker.begin()
        result = work(worker, *shared)
        while launch.endless:
            worker.check()
            work(worker, *shared)
        return result if pack is None else pack(result)


async def run_async(
    worker: Worker,
    launch: Launch,
    spec: WorkerSpec,
    shared: Tuple[Any, ...],
    events: EventSender,
    output: OutputCapture,
) -> None:
    """The same as `run`, in the current task."""
    with _reporting_the_end(launch, spec, events), _recording(worker, launch, spec, events, output):
        work = _load_experiment(launch.experiment).code(launch.variant, launch.model)
        worker.begin()
        while True:
            awaitable = work(worker, *shared)
            if awaitable is not None:
                await awaitable
            if not launch.endless:
                break
            worker.check()


def _load_experiment(id: str) -> Experiment:
    """The experiment with this id, or one that runs the function to which the id refers."""
    if not names_function(id):
        return experiments.load(id)
    from pconc_tui.lab import user_function

    return user_function.experiment(id)


@contextmanager
def _reporting_the_end(launch: Launch, spec: WorkerSpec, events: EventSender) -> Iterator[None]:
    ending = DONE
    try:
        yield
    except BaseException as error:
        ending = ending_of(error, launch, spec)
    events.send_ended(spec.id, ending)


@contextmanager
def _recording(
    worker: Worker, launch: Launch, spec: WorkerSpec, events: EventSender, output: OutputCapture
) -> Iterator[None]:
    """A context that runs a worker's code: records its end, and reports the traceback of an exception."""
    output.start_worker(spec.id)
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
        if launch.model in OWN_PROCESSES:
            worker.publish_cpu(*cpu_time.read())
        output.finish_worker()
