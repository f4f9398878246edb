"""Which of the program's processes is which."""

from __future__ import annotations

from contextlib import suppress

import psutil

APP, GUARD, SUPERVISOR, LAB, SAMPLER, SERVER, TRACKER, WORKER, CHILD, OTHER, NONE = ROLES = (
    "app",
    "terminal guard",
    "supervisor",
    "lab",
    "sampler",
    "fork server",
    "tracker",
    "worker",
    "worker's child",
    "starting",
    "none",
)


def processes(pid: int) -> dict[str, list[psutil.Process]]:
    """The living processes of the program with this process id, by role."""
    found: dict[str, list[psutil.Process]] = {}
    with suppress(psutil.NoSuchProcess):
        app = psutil.Process(pid)
        if app.status() == psutil.STATUS_ZOMBIE:
            return {}
        roles = {pid: APP}
        own = app.cmdline()
        found[APP] = [app]
        for process in app.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                role = _role(process.cmdline(), roles.get(process.ppid(), OTHER), own)
                if process.status() != psutil.STATUS_ZOMBIE:
                    roles[process.pid] = role
                    found.setdefault(role, []).append(process)
    return found


def _role(command: list[str], parent: str, app: list[str]) -> str:
    line = " ".join(command)
    if parent == APP:
        if command == app:
            return GUARD
        return SUPERVISOR if "lab/__main__.py" in line else SAMPLER if "sampler/__main__.py" in line else OTHER
    if parent == SUPERVISOR:
        return LAB
    if "multiprocessing.resource_tracker" in line or "semaphore_tracker" in line:
        return TRACKER
    if parent == LAB:
        return SERVER if "multiprocessing.forkserver" in line else WORKER
    if parent == SERVER:
        return WORKER
    return CHILD if parent in (WORKER, CHILD) else OTHER
