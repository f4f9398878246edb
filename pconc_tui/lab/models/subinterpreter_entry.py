"""A worker's main function in its own interpreter, which imports all modules anew: so it imports as few as possible."""

from __future__ import annotations

import json
from typing import Any, Dict

from pconc_tui.lab.events import Events
from pconc_tui.lab.launch import Launch
from pconc_tui.lab.models.subinterpreter_primitives import interpreters, open_handle
from pconc_tui.lab.output import OutputCapture
from pconc_tui.lab.run_worker import make_worker, run
from pconc_tui.protocol.block import INTERPRETER, Block
from pconc_tui.worker.sampled_worker import stopped_by
from pconc_tui.worker.sleep import PipeSleep


def main(call: str) -> None:
    """Run the worker that a `SubinterpreterCall` describes, in JSON."""
    given: Dict[str, Any] = json.loads(call)
    events = Events(given["events"])
    launch = Launch.parse(given["launch"])
    spec = launch.workers[0]
    shared = tuple(map(open_handle, given["shared"]))
    block = Block(given["block"])
    block.slot(spec.slot)[INTERPRETER] = interpreters.get_current().id
    worker = make_worker(block, launch, spec, PipeSleep(given["wake"]))
    with stopped_by(given["wake"], worker):
        run(worker, launch, spec, shared, events, OutputCapture.install(events))
