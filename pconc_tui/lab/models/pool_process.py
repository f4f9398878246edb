"""What runs in a process of a process pool: its start, and one task after another."""

from __future__ import annotations

import signal
from multiprocessing.reduction import ForkingPickler
from typing import Any, Optional, Tuple

from pconc_tui.lab import stacks
from pconc_tui.lab.channel import ChannelOpener
from pconc_tui.lab.events import ChannelEvents
from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.models.sent_result import to_process
from pconc_tui.lab.output import OutputCapture
from pconc_tui.lab.run_worker import Assignment, execute, make_worker
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.worker.forked_child import close_in_child, handle_signal
from pconc_tui.worker.worker import Worker


class PoolProcess:
    """This process: what it received at its start, and the worker that it runs now."""

    block: Block
    events: ChannelEvents
    output: OutputCapture
    shared: Tuple[Any, ...]
    worker: Optional[Worker] = None

    @classmethod
    def start(cls, block: Block, opener: ChannelOpener, lifeline: Lifeline, shared: Tuple[Any, ...]) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # Not SIGTERM, with which the executor ends its processes.
        handle_signal(signal.SIGUSR1, cls.wake)
        lifeline.attach()
        close_in_child(block.fd)
        channel = opener.open()
        cls.block, cls.shared = block, shared
        cls.events, cls.output = ChannelEvents(channel), OutputCapture(channel, shared=False)
        stacks.answer_signal(cls.events)

    @classmethod
    def wake(cls, *_: object) -> None:
        """Wake the worker, unless the signal was meant for a task that has just ended."""
        if cls.worker is not None and cls.worker.asked_to_stop:
            cls.worker.wake()


def execute_task(launch: Launch, spec: WorkerSpec) -> Any:
    """Run a task; returns its result for the parent, and raises what it raises."""
    process = PoolProcess
    if error := _pickling_error(launch.experiment):
        raise error
    process.worker = worker = make_worker(process.block, launch, spec)
    pack = to_process if names_function(launch.experiment) else None
    return execute(worker, Assignment(launch, spec, process.shared, process.events, process.output), pack)


def _pickling_error(id: str) -> Optional[Exception]:
    """Why an executor couldn't send a function to its processes; None: it could, or it can't even be loaded.

    The pool's process checks this, since its parent does not import the function.
    """
    if not names_function(id):
        return None
    from pconc_tui.lab import user_function_call

    try:
        function = user_function_call.load(id)
    except BaseException:
        return None
    try:
        ForkingPickler.dumps(function)
    except Exception as error:
        return error
    return None
