"""Helpers of many tests: the interpreters of this machine, waiting for a condition, and what processes leave behind."""

from __future__ import annotations

import gc
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import psutil
import pytest

from pconc_tui.measurement import Counters
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.lane_source import Source
from pconc_tui.python_discovery import find
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker

EACH_SOURCE = [None, Source.SAMPLED]
"""Lanes of a user's functions: by the kernel's records where it allows them, and sampled."""
LONG_S = 300
"""How long a test waits for what takes a moment: long enough for a machine that is busy with much else."""


@cache
def interpreters() -> dict[str, str]:
    """The path of the newest interpreter of each version found. PCONC_REQUIRE lists versions that must be found."""
    found = {each.short: each.path for each in find()}
    missing = set(os.environ.get("PCONC_REQUIRE", "").split()) - set(found)
    assert not missing, f"PCONC_REQUIRE asks for Python {', '.join(sorted(missing))}"
    return found


def needed(version: str) -> str:
    """The path of this version's interpreter, such as `3.13t`; the test is skipped where it is not installed."""
    if version not in interpreters():
        pytest.skip(f"needs Python {version}")
    return interpreters()[version]


def model_under(tried: Iterable[tuple[str, str]]) -> Any:
    """A fixture with one value for each of these pairs of model and version: the model, and the interpreter's path."""

    def model(request: pytest.FixtureRequest) -> tuple[str, str]:
        name, version = request.param
        return name, needed(version)

    return pytest.fixture(params=tried, ids="-".join)(model)


def until(monitor: Monitor, condition: Callable[[Snapshot], object], timeout_s: float = LONG_S) -> Snapshot:
    """Poll until the condition holds, and return the snapshot in which it does."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        snapshot = monitor.poll()
        if condition(snapshot):
            return snapshot
        select.select(monitor.event_fds, [], [], 0.02)
    raise AssertionError(f"not so within {timeout_s} s; last: {snapshot.workers} {snapshot.labs}")


_PROGRESS = re.compile(r"^pconc-tui: .*(, \d+%(,|;|$)|has not started)")


def measured(monitor: Monitor, request: Request, timeout_s: float = LONG_S) -> Snapshot:
    """Measure, and wait for the result: the snapshot whose last measurement it is. It must have no problem."""
    before = len(monitor.poll().measurements)
    monitor.measure(request)
    snapshot = until(monitor, lambda snapshot: len(snapshot.measurements) > before, timeout_s)
    assert snapshot.measurements[-1].problem is None
    return snapshot


def losing(monitor: Monitor, variant: str, model: str) -> Counters:
    """The counters of a measurement in which updates were lost, tried with more work until some are.

    How many are lost in a given time depends on the load; that all are kept again and again must not happen.
    """
    for scale in (0.2, 0.8, 3.2, 12.8, 51.2):
        counters = measured(monitor, Request("lost-update", variant, model, 4, scale)).counters[0]
        assert counters.lost == (counters.expected or 0) - (counters.value or 0)
        if counters.lost:
            return counters
    raise AssertionError(f"no update was lost: {counters}")


def running(snapshot: Snapshot) -> bool:
    """Whether there are workers and all of them have started."""
    return bool(snapshot.workers) and all(worker.started_ns for worker in snapshot.workers)


def ended(snapshot: Snapshot) -> bool:
    """Whether all workers have ended."""
    return all(worker.ending for worker in snapshot.workers)


def by_name(snapshot: Snapshot) -> dict[str, Worker]:
    """The workers by name."""
    return {worker.name: worker for worker in snapshot.workers}


def eventually(condition: Callable[[], object], timeout_s: float = LONG_S) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not so within {timeout_s} s"
        select.select([], [], [], 0.01)


def lab_process() -> psutil.Process:
    """The process of the first lab that the test started."""
    return psutil.Process().children()[0]


def held(monitor: Monitor) -> tuple[int, int, int] | None:
    """The processes, open files and threads of this process and those below it; None while one of them is ending."""
    monitor.poll()
    me = psutil.Process()
    try:
        family = [me, *me.children(recursive=True)]
        return len(family), sum(each.num_fds() for each in family), sum(each.num_threads() for each in family)
    except psutil.NoSuchProcess:
        return None


def settled(monitor: Monitor) -> tuple[int, int, int] | None:
    """What is held once that has not changed for a while: what starts or ends takes a moment to have all or nothing."""
    last, since = held(monitor), 0

    def unchanged() -> bool:
        nonlocal last, since
        now = held(monitor)
        since = since + 1 if now == last and now is not None else 0
        last = now
        return since >= 20

    eventually(unchanged)
    return last


def no_more_than(before: tuple[int, int, int] | None, monitor: Monitor) -> bool:
    """Whether no number is greater than before."""
    now = held(monitor)
    return now is not None and before is not None and all(new <= old for new, old in zip(now, before, strict=True))


def memory() -> tuple[int, int]:
    """The number of this process's memory blocks, and the unshared bytes of the processes below it.

    This process's bytes are left out, since the allocator keeps what the longest lanes needed; shared bytes too, since
    the part of a block that is in use depends on how long the workers ran.
    """
    gc.collect()
    below = (each.memory_info() for each in psutil.Process().children(recursive=True))
    return sys.getallocatedblocks(), sum(each.rss - each.shared for each in below)


def gone(processes: Iterable[psutil.Process]) -> bool:
    """Whether all of these processes have ended, though others may have their process ids since."""
    return not any(_lives(process) for process in processes)


def nothing_outlives(number: signal.Signals, *arguments: str, least: int = 2, **environment: str) -> None:
    """Run the command line, wait for at least `least` processes below it, and signal it: all must end."""
    with subprocess.Popen(
        [sys.executable, "-m", "pconc_tui", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    ) as process:
        found = psutil.Process(process.pid)
        eventually(lambda: len(found.children(recursive=True)) >= least)
        family = found.children(recursive=True)
        process.send_signal(number)
        try:
            process.wait(LONG_S)
        finally:
            process.kill()
        eventually(lambda: gone(family))
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def complaints(errors: str) -> str:
    """What a command wrote to standard error, without its progress and what still loads: a busy machine has those."""
    return "".join(line for line in errors.splitlines(keepends=True) if not _PROGRESS.search(line))
