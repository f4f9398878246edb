"""A worker in an interpreter of its own, which has to import all that it needs: as little as possible."""

from __future__ import annotations

import json
from typing import Any, Dict, List

from pconc_tui.lab.events import Events, OutputCapture
from pconc_tui.lab.models.subinterpreter_primitives import KINDS, interpreters
from pconc_tui.lab.run_worker import Launch, run, worker_of
from pconc_tui.protocol.block import INTERPRETER, Block
from pconc_tui.worker.sampled_worker import listening
from pconc_tui.worker.sleep import PipeSleep


def inside(order: str) -> None:
    """The worker's main function, in its own interpreter."""
    given: Dict[str, Any] = json.loads(order)
    events = Events(given["events"])
    launch = Launch.parsed(given["launch"])
    spec = launch.workers[0]
    tickets: List[List[Any]] = given["shared"]
    shared = tuple(KINDS[kind](*arguments) for kind, *arguments in tickets)
    block = Block(given["block"])
    block.slot(spec.slot)[INTERPRETER] = interpreters.get_current().id
    worker = worker_of(block, launch, spec, PipeSleep(given["wake"]))
    with listening(worker, given["wake"]):
        run(worker, launch, spec, shared, events, OutputCapture.install(events))
