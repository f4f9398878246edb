"""The controller: the lab's first process. It handles the monitor's commands and runs no worker, so it never blocks."""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
from multiprocessing import connection, get_context
from typing import Any, Dict, Optional

from pconc_tui.lab.channel_reader import ChannelReader, ControllerOutput
from pconc_tui.lab.events import Events
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.models.asyncio_tasks import AsyncioHost
from pconc_tui.lab.models.host_process_handle import HostProcessHandle
from pconc_tui.lab.models.interpreters import InterpretersHost
from pconc_tui.lab.models.pools import InterpreterPoolHost, ProcessPoolHost, ThreadPoolHost
from pconc_tui.lab.models.processes import Processes
from pconc_tui.lab.models.subinterpreter_primitives import MISSING, interpreters
from pconc_tui.lab.models.threads import ThreadsHost
from pconc_tui.lab.start_method import choose_start_method
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.json_lines import JsonLinesReader

HOSTS = {
    "threads": ThreadsHost,
    "interpreters": InterpretersHost,
    "asyncio": AsyncioHost,
    "thread-pool": ThreadPoolHost,
    "process-pool": ProcessPoolHost,
    "interpreter-pool": InterpreterPoolHost,
}
UNAVAILABLE = dict.fromkeys(("interpreters", "interpreter-pool"), MISSING) if interpreters is None else {}
"""Why this interpreter can't run a model, by model."""


def facts() -> Dict[str, Any]:
    """What the monitor shows of this interpreter."""
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
    """Handle commands until the monitor closes their pipe, which is this process's standard input."""
    choose_start_method(start_method)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    block, events, lifeline = Block(block_fd), Events(events_fd), Lifeline()
    channels = ChannelReader(events)
    sys.stdout = ControllerOutput(events)
    hosts = {name: kind for name, kind in HOSTS.items() if name not in UNAVAILABLE}
    models: Dict[str, Any] = {
        name: HostProcessHandle(name, kind, block, events, channels.opener, lifeline) for name, kind in hosts.items()
    }
    models["processes"] = Processes(block, events, channels.opener, lifeline)
    events.send("ready", **facts())
    _serve(JsonLinesReader(0), models, events, channels)
    for model in models.values():
        model.end()


def _serve(commands: JsonLinesReader, models: Dict[str, Any], events: Events, channels: ChannelReader) -> None:
    while True:
        ended = {fd: (model, worker) for model in models.values() for fd, worker in model.sentinels().items()}
        waited = connection.wait([commands.fd, channels.fd, *ended])
        channels.read()
        for ready in waited:
            if isinstance(ready, int) and ready in ended:
                model, worker = ended[ready]
                model.join(worker)
                continue
            batch = commands.read() if ready == commands.fd else []
            if batch is None:
                return
            for command in batch:
                _dispatch(models, events, **command)


def _dispatch(models: Dict[str, Any], events: Events, do: str, **command: Any) -> None:
    if do == "launch" and command["model"] in UNAVAILABLE:
        for spec in command["workers"]:
            events.send_not_started(spec["id"], UNAVAILABLE[command["model"]])
    elif do == "launch":
        models[command["model"]].launch(**command)
    else:
        for model in models.values():
            getattr(model, do)(**command)
