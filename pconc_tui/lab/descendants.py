"""The processes below this one, as Linux's /proc lists them: found, adopted when their parents end, and ended."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import Callable, Dict, List, NamedTuple

from pconc_tui.protocol import process_stat

PR_SET_CHILD_SUBREAPER = 36
"""An option of prctl(2): processes below the caller become its children when their own parents end."""
INTERVAL_S = 0.005
RACE_S = 0.3
"""After this time, processes that fork faster than they can be killed one by one are killed by process group."""
GIVE_UP_S = 3.0
"""How long a process may take to die: one that waits for a broken disk or another user's process may never do so."""
MAX_COMMAND_CHARS = 60
TRACKERS = (b"multiprocessing.resource_tracker", b"multiprocessing.semaphore_tracker")
FORK_SERVER = b"multiprocessing.forkserver"


class Process(NamedTuple):
    """A process below this one."""

    pid: int
    parent: int
    group: int
    running: bool
    """As in `ProcessStat`."""

    @property
    def arguments(self) -> bytes:
        """The command line, separated by zeros; empty if the process has ended."""
        try:
            with open("/proc/%d/cmdline" % self.pid, "rb") as file:
                return file.read()
        except OSError:
            return b""

    @property
    def description(self) -> str:
        arguments = self.arguments
        if b"multiprocessing" in arguments:
            command = "a process of multiprocessing"
        elif arguments == Process(os.getpid(), 0, 0, True).arguments:
            command = "a forked process"
        else:
            command = arguments.replace(b"\0", b" ").decode(errors="replace").strip() or "a process"
        return f"{command[:MAX_COMMAND_CHARS]} (PID {self.pid})"

    @property
    def is_tracker(self) -> bool:
        """Whether it removes the shared memory of a `multiprocessing` program, after the last of its processes."""
        return any(name in self.arguments for name in TRACKERS)

    @property
    def is_fork_server(self) -> bool:
        return FORK_SERVER in self.arguments


def adopt_orphans() -> bool:
    """Have processes below this one become its children when their parents end; returns whether that is possible."""
    try:
        from ctypes import CDLL

        return bool(CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 and os.path.exists("/proc/self/stat"))
    except (ImportError, OSError, AttributeError):
        return False


def descendants(pid: int) -> List[Process]:
    """The processes below this one, parents before their children."""
    found = process_stat.descendants(pid)
    return [Process(each, stat.parent, stat.group, stat.running) for each, stat in found.items()]


def end_descendants(keep: Callable[[Process], bool]) -> List[str]:
    """Kill the processes below this one that are not to be kept, until none of them is left; returns what they were."""
    ended: Dict[int, str] = {}
    start = time.monotonic()
    while time.monotonic() - start < GIVE_UP_S:
        found = [each for each in descendants(os.getpid()) if each.running and not keep(each)]
        if not found:
            break
        for each in found:
            if each.pid not in ended:
                ended[each.pid] = each.description
            _kill(os.kill, each.pid)
        if time.monotonic() - start > RACE_S:
            for group in {each.group for each in found} - {os.getpgrp()}:
                _kill(os.killpg, group)
        time.sleep(INTERVAL_S)
    return list(ended.values())


def _kill(kill: Callable[[int, int], None], number: int) -> None:
    with suppress(OSError):  # It has ended meanwhile, or belongs to another user.
        kill(number, signal.SIGKILL)
