"""The controller: the lab's first process. It takes the monitor's commands and runs no worker, so it is never slow."""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from typing import Any, Dict, List, Optional, Tuple

from pconc_tui import experiments
from pconc_tui.block import Block
from pconc_tui.lab.events import Events, Printed
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.processes import Processes
from pconc_tui.lab.running import ending
from pconc_tui.lab.threads import host
from pconc_tui.pipes import Lines, line


class Threads:
    """The controller's handle of the thread host, which is started with the first thread."""

    def __init__(self, block: Block, events: Events, lifeline: Lifeline) -> None:
        self._block = block
        self._events = events
        self._lifeline = lifeline
        self._host: Optional[Tuple[BaseProcess, connection.Connection]] = None
        self._newest = 0

    def launch(self, **command: Any) -> None:
        self._newest = max(place["id"] for place in command["places"])
        if self._host is None:
            self._start()
        self._send(do="launch", **command)

    def stop(self, workers: List[int]) -> None:
        self._send(do="stop", workers=workers)

    def kill(self, workers: List[int]) -> None:
        """Threads can't be killed; the monitor does not ask for it."""

    def forget(self, group: int) -> None:
        self._send(do="forget", group=group)

    def sentinels(self) -> Dict[int, int]:
        return {} if self._host is None else {self._host[0].sentinel: 0}

    def join(self, _: int) -> None:
        """The host was killed, and all its threads with it."""
        assert self._host is not None
        process, commands = self._host
        process.join()
        self._events.send("host_died", model="threads", newest=self._newest, ending=ending(process.exitcode))
        commands.close()
        process.close()
        self._host = None

    def end(self) -> None:
        if self._host is not None:
            self._host[0].kill()
            self._host[0].join()

    def _start(self) -> None:
        context = get_context()
        commands, sender = context.Pipe(duplex=False)
        process = context.Process(
            target=host, args=(self._block, self._events, self._lifeline, commands), name="thread-host"
        )
        process.start()
        commands.close()
        self._host = process, sender

    def _send(self, **command: Any) -> None:
        if self._host is not None:
            # That the host has just died is told by its sentinel.
            with suppress(BrokenPipeError):
                os.write(self._host[1].fileno(), line(command))


def facts() -> Dict[str, Any]:
    """What interpreter this is."""
    gil_enabled = getattr(sys, "_is_gil_enabled", lambda: True)()
    return {
        "pid": os.getpid(),
        "version": sys.version.split()[0],
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "gil_enabled": gil_enabled,
        "free_threaded_build": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "switch_interval_s": sys.getswitchinterval(),
        "start_method": get_context().get_start_method(),
    }


def main(block_fd: int, events_fd: int) -> None:
    """Serve until the monitor closes the commands' pipe, which is this process's standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    block, events, lifeline = Block(block_fd), Events(events_fd), Lifeline()
    Printed.install(events)
    if get_context().get_start_method() == "forkserver":
        _warm_up_fork_server()
    models: Dict[str, Any] = {
        "threads": Threads(block, events, lifeline),
        "processes": Processes(block, events, lifeline),
    }
    events.send("ready", **facts())
    _serve(Lines(0), models)
    for model in models.values():
        model.end()


def _warm_up_fork_server() -> None:
    """Start it now, with all that workers need imported, so that launching one costs no more than it must."""
    from multiprocessing import forkserver

    own = ["__main__", "pconc_tui.lab.control", *map(experiments.module, experiments.ids())]
    theirs = ["hmac", *(f"multiprocessing.{name}" for name in ("popen_forkserver", "sharedctypes", "synchronize"))]
    forkserver.set_forkserver_preload(own + theirs)
    first = get_context().Process(target=int)
    first.start()
    first.join()


def _serve(commands: Lines, models: Dict[str, Any]) -> None:
    while True:
        joins = {fd: (model, number) for model in models.values() for fd, number in model.sentinels().items()}
        for ready in connection.wait([commands.fd, *joins]):
            if isinstance(ready, int) and ready in joins:
                model, number = joins[ready]
                model.join(number)
                continue
            batch = commands.read()
            if batch is None:
                return
            for command in batch:
                _do(models, **command)


def _do(models: Dict[str, Any], do: str, **command: Any) -> None:
    if do == "launch":
        models[command["model"]].launch(**command)
    else:
        for model in models.values():
            getattr(model, do)(**command)
