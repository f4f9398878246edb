"""Processes that functions have left behind in the lab, which has adopted them: ended when no worker runs any more."""

from __future__ import annotations

import os
from contextlib import suppress
from multiprocessing import forkserver
from typing import Callable, Dict, List, Optional, Set

from pconc_tui.lab.descendants import Process, descendants, end_descendants


def end_left_processes(hosts_and_workers: Set[int], pool_hosts: Set[int], end_host: Callable[[int], None]) -> List[str]:
    """End all processes below this one that are not the lab's own; returns what they were.

    The lab's own are, besides those given: their fork servers and resource trackers, and the processes of pools. A host
    process below which something is left is ended too: threads of it, such as those of a `multiprocessing.Pool`, would
    start other processes.
    """
    starters = {os.getpid(), *hosts_and_workers}
    own = set(starters)
    parents_of_pools = set(pool_hosts)
    host: Dict[int, int] = {pid: pid for pid in hosts_and_workers}
    with_left = set()
    for process in descendants(os.getpid()):
        host.setdefault(process.pid, host.get(process.parent, 0))
        if process.parent in starters and _is_fork_server(process):
            own.add(process.pid)
            if process.parent in pool_hosts:
                parents_of_pools.add(process.pid)
        elif process.parent in parents_of_pools:
            own.add(process.pid)
        elif process.running and process.pid not in own and not process.is_tracker:
            with_left.add(host[process.pid])
    for pid in with_left - {0}:
        end_host(pid)
    return end_descendants(keep=lambda process: process.pid in own or process.is_tracker)


def _is_fork_server(process: Process) -> bool:
    """Whether the process is its parent's fork server, and not what a fork server or its child has forked."""
    if process.parent == os.getpid():
        return process.pid == _own_fork_server()
    return process.is_fork_server and process.arguments != process._replace(pid=process.parent).arguments


def _own_fork_server() -> Optional[int]:
    return getattr(forkserver._forkserver, "_forkserver_pid", None)


def reap_orphans(hosts_and_workers: Set[int]) -> None:
    """Wait for adopted processes that have ended, but not for those for which `multiprocessing` waits."""
    waited_for = {*hosts_and_workers, _own_fork_server()}
    with suppress(ChildProcessError, AttributeError):
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid in waited_for:
                return
            os.waitpid(ended.si_pid, 0)
