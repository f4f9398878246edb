"""Which processes can be watched, and why the others can't."""

from __future__ import annotations

import os

from pconc_tui.monitor.process_tree import ProcessTree
from pconc_tui.monitor.python_processes import command_line, identify
from pconc_tui.protocol.process_stat import process_stat
from pconc_tui.requests import RequestError


def require_watchable(pid: int) -> None:
    """Raise RequestError if there is no such process, or it can't be watched; the message says why."""
    stat = process_stat(pid)
    if stat is None or not stat.running:
        raise RequestError(f"there is no process {pid}")
    below = ProcessTree(pid).read()
    if os.getpid() in below:
        raise RequestError(f"process {pid} is this program itself, or above it")
    try:
        with open(f"/proc/{pid}/syscall", "rb") as file:
            file.read()
    except PermissionError:
        raise RequestError(
            f"the system does not let this user read process {pid}: it is another user's, or see `pconc-tui doctor`"
        ) from None
    except OSError as error:
        raise RequestError(f"process {pid} can't be read: {error.strerror}") from None
    if not any(identify(each, stat.started) for each, stat in below.items()):
        raise RequestError(f"process {pid} runs no Python, nor does a process below it: {command_line(pid)}")
