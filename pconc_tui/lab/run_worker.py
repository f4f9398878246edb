"""Runs one worker's code, in the same way in every model, and reports how it ended."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, Optional, Tuple

from pconc_tui import experiments
from pconc_tui.experiments import Experiment
from pconc_tui.lab import cpu_time
from pconc_tui.lab.events import MAX_TEXT_CHARS, Events
from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.output import OutputCapture
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.function_ref import UNUSABLE, UnusableFunctionError, names_function
from pconc_tui.protocol.user_environment import standard_library
from pconc_tui.worker.sampled_worker import SampledWorker
from pconc_tui.worker.sleep import InterruptibleSleep
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
    worker: Worker, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...], events: Events, output: OutputCapture
) -> None:
    """Run a worker's code in the calling thread until it ends, and report how it ended."""
    with _reporting(worker, launch, spec, events, output):
        work = _load_experiment(launch.experiment).variants[launch.variant]
        worker.begin()
        work(worker, *shared)
        while launch.endless:
            worker.check()
            work(worker, *shared)


async def run_async(
    worker: Worker, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...], events: Events, output: OutputCapture
) -> None:
    """The same in the current task."""
    with _reporting(worker, launch, spec, events, output):
        work = _load_experiment(launch.experiment).tasks[launch.variant]
        worker.begin()
        await work(worker, *shared)
        while launch.endless:
            worker.check()
            await work(worker, *shared)


def _load_experiment(id: str) -> Experiment:
    """The experiment with this id, or one that runs the function to which the id refers."""
    if not names_function(id):
        return experiments.load(id)
    from pconc_tui.lab import user_function

    return user_function.experiment(id)


@contextmanager
def _reporting(
    worker: Worker, launch: Launch, spec: WorkerSpec, events: Events, output: OutputCapture
) -> Iterator[None]:
    output.start_worker(spec.id)
    ending = "done"
    try:
        yield
    except Stopped:
        ending = "stopped"
    except SystemExit as error:
        if error.code is not None and error.code != 0:
            ending = f"SystemExit: {error.code}"
    except UnusableFunctionError as error:
        ending = UNUSABLE + str(error)
    except BaseException as error:
        with standard_library():
            # Imported only here, since it takes a sixth of the time that an interpreter needs to start.
            from pconc_tui.lab.tracebacks import format_traceback, summarize

            ending = summarize(error)
            for line in format_traceback(error):
                events.send("trace", worker=spec.id, text=line[:MAX_TEXT_CHARS])
    finally:
        worker.end()
        if launch.model in OWN_PROCESSES:
            worker.publish_cpu(*cpu_time.read())
        output.finish_worker()
    events.send_ended(spec.id, ending)
