"""The model *threads*: each worker is a `threading.Thread` of one host process."""

from __future__ import annotations

import os
import threading
from time import thread_time_ns

from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.models.primitives import Number, Primitives
from pconc_tui.lab.run_worker import make_worker, run
from pconc_tui.protocol.block import GIL
from pconc_tui.worker.run_delay import gil_enabled
from pconc_tui.worker.thread_queue import ThreadQueue

PRIMITIVES = Primitives(threading.Lock, Number, ThreadQueue)


class ThreadedTask(Task):
    """A worker with a thread of its own, which calls `run`."""

    def prepare(self) -> None:
        self._thread = threading.Thread(target=self._run_in_thread, name=self.spec.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def run(self) -> None:
        """Run the worker's code."""
        raise NotImplementedError

    def _run_in_thread(self) -> None:
        try:
            self.run()
        finally:
            self.cpu_ns = thread_time_ns()
            self.host.report_end(self.spec.id)


class ThreadTask(ThreadedTask):
    """A worker that is a thread."""

    def prepare(self) -> None:
        super().prepare()
        self._worker = make_worker(self.host.block, self.launch, self.spec)

    def start(self) -> None:
        # It may have to wait for this GIL before its first instruction, from which on it writes the word itself.
        self.host.block.slot(self.spec.slot)[GIL] = os.getpid() if gil_enabled() else 0
        super().start()

    def wake(self) -> None:
        self._worker.wake()

    def run(self) -> None:
        run(self._worker, self.assignment)


class ThreadsHost(HostProcess):
    """The host process of threads."""

    task_type = ThreadTask
    primitives = PRIMITIVES
