"""What workers print: `sys.stdout` and `sys.stderr` as text files of a pipe, unbuffered, that name the worker."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from contextvars import ContextVar
from time import perf_counter_ns
from typing import Any

from pconc_tui.lab.channel import MAX_PAYLOAD, OWNER, PRINTED, Channel

_worker: ContextVar[int] = ContextVar("_worker", default=0)
"""The id of the worker whose code the calling thread or task runs; 0: none."""


class _PipeFile(io.FileIO):
    """A standard stream without a buffer. What a worker writes is put in frames, unless the process is all its own."""

    def __init__(self, fd: int, name: str, output: OutputCapture) -> None:
        super().__init__(fd, "wb", closefd=False)
        self.name = name
        self._output = output

    def write(self, data: Any) -> int:
        """Write all of the data."""
        view = memoryview(data).cast("B")
        self._output.write(self.fileno(), view)
        return len(view)


class OutputCapture:
    """This process's output."""

    def __init__(self, channel: Channel, shared: bool = True) -> None:
        """Replace `sys.stdout` and `sys.stderr`; `shared`: several workers share this process."""
        self._channel = channel
        self._shared = shared
        for fd, name in ((1, "stdout"), (2, "stderr")):
            before = getattr(sys, f"__{name}__")
            file = io.TextIOWrapper(
                _PipeFile(fd, f"<{name}>", self),
                encoding=before.encoding,
                errors=before.errors,
                write_through=True,
            )
            setattr(sys, name, file)
            setattr(sys, f"__{name}__", file)

    def start_worker(self, worker: int) -> None:
        """Attribute to this worker what the calling thread or task writes from now on, or else all of the process."""
        _worker.set(worker)
        if not self._shared:
            self._channel.write(OWNER, worker, perf_counter_ns(), b"")

    def finish_worker(self) -> None:
        """Write what is still in a buffer, if user code has configured one."""
        for file in (sys.stdout, sys.stderr):
            with suppress(Exception):
                file.flush()

    def write(self, fd: int, data: memoryview) -> None:
        """Write all of the data to one of the standard streams."""
        worker = _worker.get()
        if self._shared and worker and self._channel.is_behind(fd):
            now_ns = perf_counter_ns()
            for start in range(0, len(data), MAX_PAYLOAD):
                self._channel.write(PRINTED, worker, now_ns, bytes(data[start : start + MAX_PAYLOAD]), fd)
            return
        while data:
            data = data[os.write(fd, data) :]
