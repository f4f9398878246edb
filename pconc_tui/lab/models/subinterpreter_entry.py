"""A worker's main function in its own interpreter, which imports all modules anew: so it imports as few as possible."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import Any, Dict, Iterator, Tuple

from pconc_tui.lab import stacks
from pconc_tui.lab.channel import Channel
from pconc_tui.lab.events import ChannelEvents
from pconc_tui.lab.launch import Launch
from pconc_tui.lab.models.subinterpreter_primitives import interpreters, open_handle
from pconc_tui.lab.output import OutputCapture
from pconc_tui.lab.run_worker import Assignment, execute, make_worker, run
from pconc_tui.protocol.block import INTERPRETER, Block
from pconc_tui.worker.interruptible_sleep import PipeSleep
from pconc_tui.worker.sampled_worker import listening
from pconc_tui.worker.worker import Worker


def main(call: str) -> None:
    """Run the worker that a `SubinterpreterCall` describes, in JSON, and report how it ended."""
    with _entered(call) as (worker, assignment):
        run(worker, assignment)


def execute_task(call: str) -> Any:
    """The same for a task of a pool: returns its result and the size of that, and raises what it raises."""
    from pconc_tui.lab.models.sent_result import to_interpreter

    with _entered(call) as (worker, assignment):
        return execute(worker, assignment, partial(to_interpreter, is_shareable=interpreters.is_shareable))


@contextmanager
def _entered(call: str) -> Iterator[Tuple[Worker, Assignment]]:
    """A context in which the described worker can run."""
    given: Dict[str, Any] = json.loads(call)
    channel = Channel(given["channel"], bytes.fromhex(given["mark"]))
    launch = Launch.parse(given["launch"])
    spec = launch.workers[0]
    shared = tuple(map(open_handle, given["shared"]))
    block = Block(given["block"])
    block.slot(spec.slot)[INTERPRETER] = interpreters.get_current().id
    worker = make_worker(block, launch, spec, PipeSleep(given["wake"]))
    events = ChannelEvents(channel)
    with listening(given["wake"], worker, partial(stacks.report_await, events, spec.id)):
        yield worker, Assignment(launch, spec, shared, events, OutputCapture(channel))
