"""Sampled running time against the kernel's CPU clock of the same threads: functions x loads; judges nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import product
from pathlib import Path
from typing import NamedTuple

import psutil

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.thread_cpu import thread_use
from pconc_tui.protocol.block import RUNS
from pconc_tui.requests import Request
from pconc_tui.sampler.scheduling import request_short_slices
from pconc_tui.snapshot import Snapshot
from pconc_tui.timeline.spans import History
from tests.bench.figures import Figure
from tests.support import ended, interpreters, until

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
NEAR = 0.03
"""How far running time may be from CPU time, as a part of it or of the wall time."""
CGROUPS = Path("/sys/fs/cgroup")


class Extent(NamedTuple):
    """What is measured: each function, at each load, with each number of workers, under each interpreter."""

    functions: tuple[str, ...]
    loads: tuple[str, ...]
    """Numbers of busy processes beside; `quota`: none, but a limit on the lab's cores."""
    workers: tuple[int, ...]
    versions: tuple[str, ...]
    """Of Python; `own`: that which runs the benchmark."""


FEW = "yields", "logs", "pure_python"
"""One that hands the GIL over all the time, one that releases it often, and one that only computes."""
SECONDS = "2.5"
"""How long a function runs."""
FULL = (
    Extent(FUNCTIONS, ("0", "4", "8", "16", "quota"), (4,), ("own",)),
    Extent(FEW, ("0",), (1, 16, 64), ("own",)),
    Extent(FEW, ("0",), (4,), ("3.9", "3.10", "3.11", "3.12", "3.13", "3.13t", "3.14", "3.15")),
)
SMOKE = (Extent(("yields",), ("0", "quota"), (2,), ("own",)),)


class Observation(NamedTuple):
    """What was found of the workers of one launch."""

    ratios: list[float]
    """Running / CPU time of each worker."""
    life: list[float]
    """Their difference as a part of the wall time, of each worker."""
    second: float
    """The largest such difference in a window of a second, as shown at its ends."""
    second_later: float
    """The same by the lanes as they were in the end."""
    together: tuple[float, float]
    """Running and CPU time of all workers, per wall time, in the window of a second in which they differ most."""
    rate_hz: float
    sampler_cpu: float
    """What the sampler used, as a part of a core."""

    @property
    def outside(self) -> bool:
        """Whether a worker's running time is neither within 3 % of its CPU time nor within 3 points."""
        pairs = zip(self.ratios, self.life, strict=True)
        return abs(self.second) > NEAR or any(abs(r - 1) > NEAR and abs(points) > NEAR for r, points in pairs)


def figures(extents: tuple[Extent, ...]) -> Iterator[Figure]:
    """All extents; PCONC_FUNCTIONS, PCONC_LOADS, PCONC_WORKERS, PCONC_VERSIONS: one of these instead.

    PCONC_MODEL, PCONC_SECONDS: others than `threads` and SECONDS.
    """
    wanted = {name: os.environ.get(f"PCONC_{name.upper()}") for name in Extent._fields}
    given = {name: tuple(value.split()) for name, value in wanted.items() if value is not None}
    if given:
        counts = tuple(map(int, given.pop("workers", ("4",))))
        extents = (FULL[0]._replace(loads=("0",), workers=counts)._replace(**given),)  # type: ignore[arg-type]
    os.environ.setdefault("PCONC_SECONDS", "0.1" if extents is SMOKE else SECONDS)  # The functions read it.
    for extent in extents:
        for version, workers, load, name in product(extent.versions, extent.workers, extent.loads, extent.functions):
            python = sys.executable if version == "own" else interpreters().get(version)
            what = f"{name}, {load if load == 'quota' else f'load {load}'}, {workers} workers, {version}"
            if python is None:
                yield Figure(what, "-", "", "not installed")
                continue
            with ExitStack() as stack:
                group = stack.enter_context(limited(QUOTA) if load == "quota" else busy(int(load)))
                if load == "quota" and group is None:
                    yield Figure(what, "-", "", "no cgroup can be made here")
                    continue
                yield _figure(what, observe(name, python, workers, group))


def _figure(what: str, found: Observation) -> Figure:
    running, cpu = found.together
    remark = (
        f"points in life {100 * min(found.life):+.1f} to {100 * max(found.life):+.1f}, in a second "
        f"{100 * found.second:+.1f} (later {100 * found.second_later:+.1f}); together {100 * running:.0f} %, "
        f"CPU {100 * cpu:.0f} %; {found.rate_hz:.0f} Hz, sampler {100 * found.sampler_cpu:.1f} %"
        f"{'; OUTSIDE' if found.outside else ''}"
    )
    return Figure(what, f"{min(found.ratios):.2f} to {max(found.ratios):.2f}", "0.97-1.03", remark)


class Reading(NamedTuple):
    """One worker at one time."""

    now_ns: int
    running_ns: int
    cpu_ns: int


def observe(name: str, python: str, workers: int, group: Path | None) -> Observation:
    """Launch the workers at once in a new lab, in this cgroup if there is one, and read them until they end."""
    request_short_slices()  # What is read late is compared with a clock of another time.
    experiment = read(f"{FILE}:{name}", python)
    experiments.add(experiment)
    with closing(Monitor(python, history_pieces=None)) as monitor:
        monitor.open_lab()
        (lab,) = monitor._registry.labs.values()
        until(monitor, lambda snapshot: lab.observer and lab.observer.ready and snapshot.labs[0].state == "ready")
        if group is not None:
            for process in psutil.Process(lab.process.pid).children(recursive=True):
                (group / "cgroup.procs").write_text(str(process.pid))
            (group / "cgroup.procs").write_text(str(lab.process.pid))
        assert lab.observer is not None
        sampler = lab.observer.pid, lab.observer.pid
        began_ns, sampler_use = time.perf_counter_ns(), thread_use(*sampler)
        model = os.environ.get("PCONC_MODEL", "threads")
        for _ in range(workers):
            monitor.launch(Request(experiment.id, experiment.variant, model))
        readings: dict[int, list[Reading]] = {}
        snapshot = monitor.poll()
        while not snapshot.workers or not ended(snapshot):
            before = _cpu_ns(snapshot)
            snapshot = monitor.poll()
            after = _cpu_ns(snapshot)
            for worker in snapshot.workers:
                if worker.id in before and after.get(worker.id, 0) - before[worker.id] in range(AT_ONCE_NS):
                    cpu_ns = (before[worker.id] + after[worker.id]) // 2
                    reading = Reading(snapshot.now_ns, round(worker.total.running * 1e9), cpu_ns)
                    readings.setdefault(worker.id, []).append(reading)
            time.sleep(0.02)
        took_ns, sampler_use_now = time.perf_counter_ns() - began_ns, thread_use(*sampler)
    used_ns = sampler_use_now.cpu_ns - sampler_use.cpu_ns if sampler_use and sampler_use_now else 0
    rates = [worker.sampling.rate_hz or 0.0 for worker in snapshot.workers if worker.sampling]
    later = {each.id: _running_later(each.history, readings.get(each.id, [])) for each in snapshot.workers}
    return Observation(
        [worker.total.running / (worker.cpu_s or 1e-9) for worker in snapshot.workers],
        [(worker.total.running - (worker.cpu_s or 0.0)) / worker.total.wall for worker in snapshot.workers],
        max(map(_worst, readings.values()), key=abs, default=0.0),
        max(map(_worst, later.values()), key=abs, default=0.0),
        _together(readings),
        sum(rates) / len(rates),
        used_ns / took_ns,
    )


def _cpu_ns(snapshot: Snapshot) -> dict[int, int]:
    """The CPU clocks of all workers that run."""
    uses = {each.id: thread_use(each.pid, each.native_id) for each in snapshot.workers if each.pid and each.native_id}
    return {id: use.cpu_ns for id, use in uses.items() if use is not None}


def _running_later(history: History, readings: list[Reading]) -> list[Reading]:
    """The readings, with the running time that the whole lane shows at their times."""
    running = [(span.start_ns, span.end_ns) for piece in history for span in piece if span.state in RUNS]
    found, until_ns, at = [], 0, 0
    for reading in readings:
        while at < len(running) and running[at][1] <= reading.now_ns:
            until_ns += running[at][1] - running[at][0]
            at += 1
        part_ns = max(0, reading.now_ns - running[at][0]) if at < len(running) else 0
        found.append(reading._replace(running_ns=until_ns + part_ns))
    return found


def _seconds(readings: list[Reading]) -> Iterator[tuple[Reading, Reading]]:
    """The first and the last reading of each window of a second."""
    first = 0
    for last in readings:
        while first + 1 < len(readings) and readings[first + 1].now_ns <= last.now_ns - WINDOW_NS:
            first += 1
        if last.now_ns - readings[first].now_ns >= WINDOW_NS:
            yield readings[first], last


def _worst(readings: list[Reading]) -> float:
    """The largest difference between running and CPU time in any window of a second, as a part of its length."""
    return max(
        (
            ((last.running_ns - first.running_ns) - (last.cpu_ns - first.cpu_ns)) / (last.now_ns - first.now_ns)
            for first, last in _seconds(readings)
        ),
        key=abs,
        default=0.0,
    )


def _together(readings: dict[int, list[Reading]]) -> tuple[float, float]:
    """Running and CPU time of all workers per wall time, in the window of a second in which they differ most.

    Of a worker without a reading at both ends the window says nothing.
    """
    at: dict[int, dict[int, Reading]] = {}
    for id, own in readings.items():
        for reading in own:
            at.setdefault(reading.now_ns, {})[id] = reading
    found = []
    for first, last in _seconds([Reading(now_ns, 0, 0) for now_ns in sorted(at)]):
        pairs = [(at[first.now_ns][id], at[last.now_ns][id]) for id in at[first.now_ns].keys() & at[last.now_ns].keys()]
        wall_ns = last.now_ns - first.now_ns
        running = sum(after.running_ns - before.running_ns for before, after in pairs) / wall_ns
        cpu = sum(after.cpu_ns - before.cpu_ns for before, after in pairs) / wall_ns
        found.append((running, cpu))
    return max(found, key=lambda each: abs(each[0] - each[1]), default=(0.0, 0.0))


COMPUTES = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""


@contextmanager
def busy(processes: int) -> Iterator[Path | None]:
    """This number of processes that do nothing but compute, until this one is gone."""
    # Linux shares cores among sessions: in one with this process they would be no load to the lab, but to the readings.
    command = [sys.executable, "-S", "-c", COMPUTES, str(os.getpid())]
    running = [subprocess.Popen(command, start_new_session=True) for _ in range(processes)]
    try:
        yield None
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
