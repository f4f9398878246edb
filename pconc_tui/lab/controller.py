"""The controller: the lab's first process. It handles the monitor's commands and runs no worker, so it never blocks."""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
from multiprocessing import connection, get_context
from typing import Any, Dict, Optional, Set

from pconc_tui.lab.channel_reader import ChannelReader, ControllerOutput
from pconc_tui.lab.descendants import end_descendants
from pconc_tui.lab.events import Events
from pconc_tui.lab.left_processes import end_left_processes, reap_orphans
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.models.asyncio_tasks import AsyncioHost
from pconc_tui.lab.models.host_process_handle import HostProcessHandle
from pconc_tui.lab.models.interpreters import InterpretersHost
from pconc_tui.lab.models.pools import InterpreterPoolHost, ProcessPoolHost, ThreadPoolHost
from pconc_tui.lab.models.processes import Processes
from pconc_tui.lab.models.subinterpreter_primitives import MISSING, interpreters
from pconc_tui.lab.models.threads import ThreadsHost
from pconc_tui.lab.start_method import choose_start_method, keep_files_in
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.json_lines import JsonLinesReader

REAP_INTERVAL_S = 1.0
MAX_NAMED = 10
"""How many ended processes an event names: it must fit into one line."""
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


def main(supervisor_fd: int, block_fd: int, events_fd: int, folder: str, start_method: Optional[str] = None) -> None:
    """Handle commands until the supervisor ends or the monitor closes their pipe, this process's standard input.

    `folder`: an empty one, for the files of `multiprocessing`.
    """
    for fd in (block_fd, events_fd):
        os.set_inheritable(fd, False)
    keep_files_in(folder)
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
    _serve(JsonLinesReader(0), supervisor_fd, models, events, channels)
    for model in models.values():
        model.end()
    if supervisor_fd >= 0:
        end_descendants(keep=lambda process: process.is_tracker)


def _serve(
    commands: JsonLinesReader, supervisor_fd: int, models: Dict[str, Any], events: Events, channels: ChannelReader
) -> None:
    own = [fd for fd in (commands.fd, supervisor_fd, channels.fd) if fd >= 0]
    while True:
        ended = {fd: (model, worker) for model in models.values() for fd, worker in model.exit_fds().items()}
        waited = connection.wait([*own, *ended], REAP_INTERVAL_S)
        channels.read()
        for ready in waited:
            if isinstance(ready, int) and ready in ended:
                model, worker = ended[ready]
                model.join(worker)
                continue
            if ready == supervisor_fd:
                return
            batch = commands.read() if ready == commands.fd else []
            if batch is None:
                return
            for command in batch:
                _dispatch(models, events, **command)
        reap_orphans(_pids(models))


def _end_host(models: Dict[str, Any], pid: int) -> None:
    for model in models.values():
        if isinstance(model, HostProcessHandle) and pid in model.pids():
            model.replace()


def _pids(models: Dict[str, Any]) -> Set[int]:
    """The host processes and worker processes."""
    return {pid for model in models.values() for pid in model.pids()}


def _dispatch(models: Dict[str, Any], events: Events, do: str, **command: Any) -> None:
    if do == "launch" and command["model"] in UNAVAILABLE:
        for spec in command["workers"]:
            events.send_not_started(spec["id"], UNAVAILABLE[command["model"]])
    elif do == "end_left_processes":
        pool_hosts = set(models["process-pool"].pids())
        ended = end_left_processes(_pids(models), pool_hosts, lambda pid: _end_host(models, pid))
        events.send("left_processes", count=len(ended), ended=ended[:MAX_NAMED])
    elif do == "launch":
        models[command["model"]].launch(**command)
    else:
        for model in models.values():
            getattr(model, do)(**command)
