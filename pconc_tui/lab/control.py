"""The controller: the lab's first process. It takes the monitor's commands and runs no worker, so it is never slow."""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
from multiprocessing import connection, get_context
from typing import Any, Dict, Optional

from pconc_tui.block import Block
from pconc_tui.lab import starting
from pconc_tui.lab.crossing import MISSING, interpreters
from pconc_tui.lab.events import Events, Printed
from pconc_tui.lab.hosted import Hosted
from pconc_tui.lab.interpreters import Interpreters
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.pools import InterpreterPool, ProcessPool, ThreadPool
from pconc_tui.lab.processes import Processes
from pconc_tui.lab.tasks import Tasks
from pconc_tui.lab.threads import Threads
from pconc_tui.pipes import Lines

HOSTS = {
    "threads": Threads,
    "interpreters": Interpreters,
    "asyncio": Tasks,
    "thread-pool": ThreadPool,
    "process-pool": ProcessPool,
    "interpreter-pool": InterpreterPool,
}
UNAVAILABLE = dict.fromkeys(("interpreters", "interpreter-pool"), MISSING) if interpreters is None else {}
"""Why the interpreter can't run some models."""


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
        "unavailable": UNAVAILABLE,
        "start_method": get_context().get_start_method(),
    }


def main(block_fd: int, events_fd: int, start_method: Optional[str] = None) -> None:
    """Serve until the monitor closes the commands' pipe, which is this process's standard input."""
    starting.choose(start_method)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    block, events, lifeline = Block(block_fd), Events(events_fd), Lifeline()
    Printed.install(events)
    hosts = {name: kind for name, kind in HOSTS.items() if name not in UNAVAILABLE}
    models: Dict[str, Any] = {name: Hosted(name, kind, block, events, lifeline) for name, kind in hosts.items()}
    models["processes"] = Processes(block, events, lifeline)
    events.send("ready", **facts())
    _serve(Lines(0), models, events)
    for model in models.values():
        model.end()


def _serve(commands: Lines, models: Dict[str, Any], events: Events) -> None:
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
                _do(models, events, **command)


def _do(models: Dict[str, Any], events: Events, do: str, **command: Any) -> None:
    if do == "launch" and command["model"] in UNAVAILABLE:
        for place in command["places"]:
            events.send("ended", worker=place["id"], ending=f"could not start: {UNAVAILABLE[command['model']]}")
    elif do == "launch":
        models[command["model"]].launch(**command)
    else:
        for model in models.values():
            getattr(model, do)(**command)
