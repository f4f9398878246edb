"""Nothing is left of workers: after 200 launches and stops of each model, and when a lab or the app is killed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import psutil

from pconc_tui.experiments import ALL_MODELS
from pconc_tui.models import FREE_THREADED, STARTING_PROCESSES
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from tests.support import (
    ended,
    eventually,
    gone,
    lab_process,
    memory,
    model_under,
    no_more_than,
    nothing_outlives,
    settled,
    until,
)

Open = Callable[..., Monitor]
ME = psutil.Process()
TRIED = [*((name, "3.14") for name in ALL_MODELS), (FREE_THREADED, "3.13t"), ("processes", "3.9")]
AT_ONCE, BATCHES = 20, 10
UNCOLLECTED = 8
"""Open files that may wait for Python to collect cycles: executors are such."""
SEMAPHORES = {"process-pool": 15}
"""As many may wait for that as well: five an executor."""
OBJECTS, BYTES = 5_000, 16 << 20
"""What the app and its labs may have more of after 140 launches: an interpreter or a process has 5 MB or more.

Less in objects than 36 a launch; bytes as malloc's arenas vary after interpreters (57 to 69 MB for all, level over 800
launches).
"""
# All that workers can share, and waiting: tasks that never await would not even begin.
KINDS = (("lost-update", "lock"), ("io-bound", "sleep"), ("queue", "bare"))


model = model_under(TRIED)
# Those that start processes are killed in test_start_methods, by every method.
sharing = model_under([each for each in TRIED if each[0] not in STARTING_PROCESSES])


def launched_and_stopped(monitor: Monitor, model: str, experiment: str, variant: str) -> None:
    for _ in range(AT_ONCE):
        monitor.launch(Request(experiment, variant, model))
    until(monitor, lambda snapshot: any(worker.started_ns for worker in snapshot.workers))
    monitor.stop_all()
    snapshot = until(monitor, ended)
    assert {worker.ending for worker in snapshot.workers} == {"stopped"}
    monitor.clear()


def files(folder: Path) -> int:
    """Temporary files, and semaphores in use: those who made them have them mapped by another name."""
    mapped = 0
    for each in ME.children(recursive=True):
        try:
            mapped += sum("/dev/shm/sem." in place.path for place in each.memory_maps(grouped=False))
        except (psutil.Error, FileNotFoundError):
            continue
    return mapped + sum(path.is_file() for path in folder.rglob("*"))


def test_200_launches_and_stops_leave_nothing(model: tuple[str, str], open_monitor: Open, temp_folder: Path) -> None:
    name, python = model
    monitor = open_monitor(python=python)
    for kind in KINDS:
        launched_and_stopped(monitor, name, *kind)
    before, files_before, (objects_before, bytes_before) = settled(monitor), files(temp_folder), memory()
    for batch in range(len(KINDS), BATCHES):
        launched_and_stopped(monitor, name, *KINDS[batch % len(KINDS)])
    assert before is not None
    processes, fds, threads = before
    eventually(lambda: no_more_than((processes, fds + UNCOLLECTED, threads), monitor))
    eventually(lambda: files(temp_folder) <= files_before + SEMAPHORES.get(name, 0))
    objects, in_bytes = memory()
    assert objects - objects_before < OBJECTS
    assert in_bytes - bytes_before < BYTES


def test_when_the_lab_is_killed_nothing_lives_on(sharing: tuple[str, str], open_monitor: Open) -> None:
    name, python = sharing
    monitor = open_monitor(python=python)
    for kind in KINDS:
        monitor.launch(Request(*kind, name))
    until(monitor, lambda snapshot: sum(worker.started_ns is not None for worker in snapshot.workers) >= 2)
    family = ME.children(recursive=True)
    lab_process().kill()
    snapshot = until(monitor, lambda snapshot: snapshot.labs[0].state == "dead")
    assert {worker.ending for worker in snapshot.workers} == {"the lab died"}
    eventually(lambda: gone(family))


def test_when_the_app_is_killed_nothing_lives_on(sharing: tuple[str, str]) -> None:
    name, python = sharing
    nothing_outlives(signal.SIGKILL, "run", "cpu-bound", "--scale", "50", "--model", name, "--python", python)
