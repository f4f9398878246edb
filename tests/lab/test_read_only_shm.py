"""Where named semaphores can't be made, a launch that needs them is refused, and the lab lives on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support import LONG_S, needed

CODE = """
import sys
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from tests.support import until
monitor = Monitor(sys.argv[1])
monitor.launch(Request("cpu-bound", "calls", "threads"))
monitor.launch(Request("cpu-bound", "calls", "processes"))
until(monitor, lambda snapshot: all(worker.started_ns for worker in snapshot.workers))
for model in ("processes", "process-pool"):
    monitor.launch(Request("lost-update", "lock", model))
snapshot = until(monitor, lambda snapshot: all(worker.ending for worker in snapshot.workers[2:]))
print(*[worker.ending for worker in snapshot.workers], snapshot.labs[0].state, sep="\\n")
monitor.close()
"""
MOUNT = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o ro none /dev/shm && exec "$@"', "sh"]


@pytest.mark.parametrize("version", ["3.9", "3.14"])
def test_a_launch_is_refused_and_other_workers_live_on(version: str) -> None:
    python = needed(version)
    if os.geteuid() != 0 or subprocess.run([*MOUNT, "true"], capture_output=True).returncode:
        pytest.skip("needs root and a mount namespace, to make /dev/shm read-only")
    result = subprocess.run(
        [*MOUNT, sys.executable, "-c", CODE, python], capture_output=True, text=True, timeout=LONG_S
    )
    *first, process, task, lab = result.stdout.splitlines()
    assert (first, lab) == (["None", "None"], "ready"), result.stderr
    assert process == "could not start: can't make what the workers share: Read-only file system"
    assert task.startswith("could not start: ")
