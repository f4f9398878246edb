"""The supervisor: the lab's outermost process. When the lab ends, it ends whatever workers have started.

    monitor ── supervisor ── controller ── host and worker processes ── what they have started

The controller ends all processes below it when the monitor or the supervisor ends. If the controller is killed,
its descendants become the supervisor's children, however often they forked, and the supervisor ends them.
"""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress
from typing import NoReturn, Sequence

from pconc_tui.lab.descendants import INTERVAL_S, Process, adopt_orphans, end_descendants

END_TIMEOUT_S = 0.5
"""How long the controller may take to end after the monitor, before it is killed."""
TRACKERS_TIMEOUT_S = 1.0
"""How long resource trackers may take to remove what killed processes left."""


def supervise(fds: Sequence[int], folder: str) -> int:
    """Fork. Only the child returns, as the controller: a descriptor that is readable once the supervisor has ended.

    `fds` are the controller's. The supervisor removes `folder`, which has the files of `multiprocessing`, at its end.
    Returns -1 without forking where the system can't give orphans a new parent.
    """
    if not adopt_orphans():
        return -1
    supervisor_fd, held_fd = os.pipe()
    controller = os.fork()
    if not controller:
        os.close(held_fd)
        os.setsid()  # So that the supervisor can kill the process group without killing itself.
        adopt_orphans()
        return supervisor_fd
    for fd in (supervisor_fd, *fds):
        os.close(fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = _wait(controller)
    end_descendants(keep=_is_tracker)
    deadline = time.monotonic() + TRACKERS_TIMEOUT_S
    while _has_children() and time.monotonic() < deadline:
        time.sleep(INTERVAL_S)
    end_descendants(keep=lambda _: False)
    _remove(folder)
    return _exit(status)


def _wait(controller: int) -> int:
    """Wait for the controller to end; kill it if it can't end by itself after the monitor has ended."""
    with suppress(AttributeError, OSError):  # A system that is older than pidfd_open.
        poll = select.poll()
        poll.register(os.pidfd_open(controller), select.POLLIN)
        poll.register(0, 0)  # Reports that the other end is closed, not that commands have arrived.
        if poll.poll() == [(0, select.POLLHUP)]:
            poll.unregister(0)
            if not poll.poll(END_TIMEOUT_S * 1000):
                os.kill(controller, signal.SIGKILL)
    return os.waitpid(controller, 0)[1]


def _remove(folder: str) -> None:
    # Imported only now, so that the lab is ready earlier.
    from pathlib import Path

    from pconc_tui.protocol import scratch_files

    scratch_files.remove(Path(folder))


def _is_tracker(process: Process) -> bool:
    return process.is_tracker


def _has_children() -> bool:
    """Wait for the children that have ended; returns whether there are others."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    return False


def _exit(status: int) -> NoReturn:
    """Exit with the controller's status, or by the signal that killed it."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        with suppress(OSError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))
