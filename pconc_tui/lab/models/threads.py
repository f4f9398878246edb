"""The model *threads*: `threading.Thread` in one host process."""

from __future__ import annotations

import queue
import threading
from typing import Any, Tuple

from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.run_worker import Launch, WorkerSpec, run, worker_of


class Number:
    """To threads what `multiprocessing.Value` is to processes: a number that all of them see."""

    def __init__(self, typecode: str, value: float) -> None:
        self.value = value


class Primitives:
    """What threads share things with."""

    Lock = staticmethod(threading.Lock)
    Value = Number
    Queue = queue.Queue


class ThreadTask(Task):
    """A worker that is a thread."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self._worker = worker = worker_of(host.block, launch, spec)

        def target() -> None:
            run(worker, launch, spec, shared, host.events, host.out)
            host.ended(spec.id)

        self._thread = threading.Thread(target=target, name=spec.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._worker.wake()

    def join(self) -> None:
        self._thread.join()


class ThreadsHost(HostProcess):
    """The threads' host."""

    job = ThreadTask
    primitives = Primitives
