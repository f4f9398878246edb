"""Which processes can be watched, and why the others can't."""

from __future__ import annotations

import os

from pconc_tui.cpython import NotReadableError
from pconc_tui.monitor.process_tree import ProcessTree
from pconc_tui.monitor.python_processes import command_line, identify, version_of
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
    if any(identify(each, stat.started) for each, stat in below.items()):
        return
    # A library of any name can contain CPython: only what somebody asks for is searched so thoroughly.
    problems = [_problem(each) for each in below]
    if None not in problems:
        if problem := next((each for each in problems if each and "without the symbol" in each), None):
            raise RequestError(f"process {pid} can't be watched: {problem}")
        raise RequestError(f"process {pid} runs no Python, nor does a process below it: {command_line(pid)}")


def _problem(pid: int) -> str | None:
    """Why CPython can't be read in this process; None: it can."""
    try:
        version_of(pid)
    except NotReadableError as error:
        return str(error)
    return None
