"""Sampled running time against the kernel's CPU clock of the same threads: functions x loads; judges nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.thread_cpu import thread_use
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.bench.figures import Figure
from tests.support import ended, until

FILE = Path(__file__).parents[1] / "own_code" / "kinds.py"
FUNCTIONS = (
    "pure_python", "json_text", "yields", "short_sleeps", "long_sleeps", "logs", "sockets", "compresses", "hashes",
    "sqlite", "locks", "queues", "files",
)  # fmt: skip
QUOTA = 0.5
"""Cores that a cgroup leaves to the lab, where one can be made."""
WINDOW_NS = 1_000_000_000
AT_ONCE_NS = 5_000_000
"""A lane is not compared with a clock that counts more than this while the lane is read."""
CGROUPS = Path("/sys/fs/cgroup")


class Extent(NamedTuple):
    """How much is measured."""

    functions: tuple[str, ...]
    loads: tuple[str, ...]
    """Numbers of busy processes beside; `quota`: none, but a limit on the lab's cores."""
    workers: int
    seconds: float
    """For each call of a function."""


FULL = Extent(FUNCTIONS, ("0", "4", "8", "16", "quota"), 4, 2.5)
SMOKE = Extent(("yields",), ("0", "quota"), 2, 0.1)


def figures(extent: Extent) -> Iterator[Figure]:
    """Each function at each load, then under a quota.

    PCONC_FUNCTIONS, PCONC_LOADS, PCONC_PYTHON, PCONC_MODEL, PCONC_WORKERS, PCONC_SECONDS: others.
    """
    names = os.environ.get("PCONC_FUNCTIONS", " ".join(extent.functions)).split()
    loads = os.environ.get("PCONC_LOADS", " ".join(extent.loads)).split()
    python = os.environ.get("PCONC_PYTHON", sys.executable)
    workers = int(os.environ.get("PCONC_WORKERS", extent.workers))
    os.environ.setdefault("PCONC_SECONDS", str(extent.seconds))  # The functions read it.
    for load in loads:
        for name in names:
            with ExitStack() as stack:
                group = None
                if load == "quota":
                    group = stack.enter_context(limited(QUOTA))
                    if group is None:
                        yield Figure(f"{name}, quota", "-", "", "no cgroup can be made here")
                        continue
                else:
                    stack.enter_context(busy(int(load)))
                yield _judged(f"{name}, {load if group else f'load {load}'}", name, python, workers, group)


def _judged(what: str, name: str, python: str, workers: int, group: Path | None) -> Figure:
    ratios, points, worst, rate = observe(name, python, workers, group)
    remark = (
        f"life: {100 * max(points, key=abs):+.1f} points at most; a second: {100 * max(worst, key=abs):+.1f}; "
        f"{rate:.0f} Hz"
    )
    low, high = min(ratios), max(ratios)
    return Figure(what, f"{low:.2f} to {high:.2f}", "0.97-1.03", remark)


def observe(
    name: str, python: str, workers: int, group: Path | None
) -> tuple[list[float], list[float], list[float], float]:
    """Of each worker: running / CPU time, their difference as a part of wall time, and its worst in a second."""
    model = os.environ.get("PCONC_MODEL", "threads")
    experiment = read(f"{FILE}:{name}", python)
    experiments.add(experiment)
    with closing(Monitor(python, history_pieces=None)) as monitor:
        monitor.launch(Request(experiment.id, experiment.variant, model))
        until(monitor, lambda snapshot: snapshot.workers and snapshot.workers[0].pid)
        snapshot = monitor.poll()
        pid = snapshot.workers[0].pid
        if group is not None:
            (group / "cgroup.procs").write_text(str(pid))
        until(monitor, ended, 120)
        monitor.clear()
        snapshot = monitor.poll()
        for _ in range(workers):
            monitor.launch(Request(experiment.id, experiment.variant, model))
        readings: dict[int, list[tuple[int, float, int]]] = {}
        while not snapshot.workers or not ended(snapshot):
            before = _cpu_ns(snapshot)
            snapshot = monitor.poll()
            after = _cpu_ns(snapshot)
            for worker in snapshot.workers:
                if worker.id in before and after.get(worker.id, 0) - before[worker.id] in range(AT_ONCE_NS):
                    cpu_ns = (before[worker.id] + after[worker.id]) // 2
                    readings.setdefault(worker.id, []).append((snapshot.now_ns, worker.total.running, cpu_ns))
            time.sleep(0.02)
    ratios, points = [], []
    for worker in snapshot.workers:
        cpu_s = worker.cpu_s or 0.0
        ratios.append(worker.total.running / cpu_s if cpu_s else 0.0)
        points.append((worker.total.running - cpu_s) / worker.total.wall)
    rates = [worker.sampling.rate_hz or 0.0 for worker in snapshot.workers if worker.sampling]
    return ratios, points, [_worst(each) for each in readings.values()] or [0.0], sum(rates) / len(rates)


def _cpu_ns(snapshot: Snapshot) -> dict[int, int]:
    """The CPU clocks of all workers that run."""
    uses = {each.id: thread_use(each.pid, each.native_id) for each in snapshot.workers if each.pid and each.native_id}
    return {id: use.cpu_ns for id, use in uses.items() if use is not None}


def _worst(readings: list[tuple[int, float, int]]) -> float:
    """The largest difference between running and CPU time in any window of a second, as a part of its length."""
    worst, first = 0.0, 0
    for now_ns, running_s, cpu_ns in readings:
        while first + 1 < len(readings) and readings[first + 1][0] <= now_ns - WINDOW_NS:
            first += 1
        began_ns, before_s, before_ns = readings[first]
        if now_ns - began_ns >= WINDOW_NS:
            apart = (running_s - before_s - (cpu_ns - before_ns) / 1e9) / ((now_ns - began_ns) / 1e9)
            worst = max(worst, apart, key=abs)
    return worst


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """This number of processes that do nothing but compute."""
    running = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


@contextmanager
def limited(cores: float) -> Iterator[Path | None]:
    """A cgroup whose processes may use this number of cores; None where it can't be made."""
    old = CGROUPS / "cpu"
    group = (old if old.is_dir() else CGROUPS) / f"pconc-tui-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        yield None
        return
    try:
        try:
            if old.is_dir():
                (group / "cpu.cfs_quota_us").write_text(str(round(cores * 100_000)))
            else:
                (group / "cpu.max").write_text(f"{round(cores * 100_000)} 100000")
        except OSError:
            yield None
        else:
            yield group
    finally:
        for pid in (group / "cgroup.procs").read_text().split():
            (group.parent / "cgroup.procs").write_text(pid)
        group.rmdir()
