"""Which processes can be watched, and why the others can't."""

from __future__ import annotations

import os
from contextlib import suppress

from pconc_tui.cpython import NotReadableError, living_thread
from pconc_tui.monitor.process_tree import ProcessTree
from pconc_tui.monitor.python_processes import command_line, identify, user_name, version_of
from pconc_tui.protocol.process_stat import process_stat
from pconc_tui.requests import RequestError


def require_watchable(pid: int) -> None:
    """Raise RequestError if there is no such process, or it can't be watched; the message says why."""
    stat = process_stat(pid)
    if stat is None or not stat.running:
        raise RequestError(_missing(pid))
    below = ProcessTree(pid).read()
    if os.getpid() in below:
        raise RequestError(f"process {pid} is this program itself, or above it")
    try:
        with open(f"/proc/{living_thread(pid)}/syscall", "rb") as file:
            file.read()
    except PermissionError:
        raise RequestError(_forbidden(pid)) from None
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


def _missing(pid: int) -> str:
    """Why there is no such process in /proc."""
    with suppress(ProcessLookupError, OverflowError):
        try:
            os.kill(pid, 0)  # Sends nothing.
        except PermissionError:
            return f"/proc hides process {pid} from this user (hidepid): run pconc-tui as its user, or with sudo"
    return f"there is no process {pid}"


def _forbidden(pid: int) -> str:
    """Why the system doesn't let it be read."""
    said = f"the system does not let this user read process {pid}"
    with suppress(OSError):
        owner = os.stat(f"/proc/{pid}").st_uid
        if owner != os.geteuid():
            return f"{said}, which is {user_name(owner)}'s: run pconc-tui as that user, or with sudo"
    return f"{said}: see `pconc-tui doctor`"


def _problem(pid: int) -> str | None:
    """Why CPython can't be read in this process; None: it can."""
    try:
        version_of(pid)
    except NotReadableError as error:
        return str(error)
    return None
