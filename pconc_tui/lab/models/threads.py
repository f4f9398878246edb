"""The model *threads*: each worker is a `threading.Thread` of one host process."""

from __future__ import annotations

import os
import queue
import threading
from time import thread_time_ns
from typing import Any, Tuple

from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.models.primitives import Number, Primitives
from pconc_tui.lab.run_worker import make_worker, run
from pconc_tui.protocol.block import GIL
from pconc_tui.worker.recorder import gil_enabled

PRIMITIVES = Primitives(threading.Lock, Number, queue.Queue)


class ThreadTask(Task):
    """A worker that is a thread."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self._worker = worker = make_worker(host.block, launch, spec)

        def target() -> None:
            try:
                run(worker, launch, spec, shared, host.events, host.output)
            finally:
                self.cpu_ns = thread_time_ns()
                host.report_end(spec.id)

        self._slot = host.block.slot(spec.slot)
        self._thread = threading.Thread(target=target, name=spec.name, daemon=True)

    def start(self) -> None:
        # It may have to wait for this GIL before its first instruction, from which on it writes the word itself.
        self._slot[GIL] = os.getpid() if gil_enabled() else 0
        self._thread.start()

    def wake(self) -> None:
        self._worker.wake()

    def join(self) -> None:
        self._thread.join()


class ThreadsHost(HostProcess):
    """The host process of threads."""

    task_type = ThreadTask
    primitives = PRIMITIVES
