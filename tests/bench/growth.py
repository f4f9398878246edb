"""Memory of the app, the lab and the sampler with 16 busy threads for long, and after many launches and stops."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psutil

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from tests.bench.figures import Figure
from tests.bench.terminal import PROGRAM, Terminal
from tests.support import LONG_S, ended, running, until


class Extent(NamedTuple):
    """How much is measured."""

    minutes: float
    launches: int


FULL = Extent(30, 1000)
SMOKE = Extent(0.1, 5)
THREADS = 16
OWN_FUNCTION = f"{Path(__file__).parents[1]}/own_code/kinds.py:pure_python"
SAMPLE_S = 10
FULL_LANES_MIN = 1
"""Until then the shared block, the lanes' histories and the screen's caches fill for the most part."""
WARM_UP = 50
"""Launches before the first reading: imports, caches and pools of memory are filled by then."""


def figures(extent: Extent = FULL) -> Iterator[Figure]:
    """The long run, then the launches."""
    yield from _long_run(extent.minutes)
    yield _launches(extent.launches)


def _long_run(minutes: float) -> Iterator[Figure]:
    """Half of the threads report when they run, the other half are sampled."""
    os.environ["PCONC_SECONDS"] = str(60 * minutes + LONG_S)
    readings: dict[str, list[float]] = {}
    with Terminal([*PROGRAM, OWN_FUNCTION]) as terminal:
        terminal.wait("quit")
        terminal.press("t" * (THREADS // 2))
        terminal.wait(f"Thread-{THREADS // 2}")
        terminal.press("2" + "t" * (THREADS // 2))
        terminal.wait(f"Thread-{THREADS}")
        period_s = min(SAMPLE_S, 60 * minutes / 4)
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            time.sleep(period_s)
            terminal.forget()
            for name, megabytes in _memory(terminal.pid).items():
                readings.setdefault(name, []).append(megabytes)
            newest = ", ".join(f"{name} {each[-1]:.1f}" for name, each in readings.items())
            print(f"{len(readings['app']) * period_s / 60:6.1f} min: {newest} MB", file=sys.stderr, flush=True)
    for name, course in readings.items():
        filled = course[min(len(course) - 1, round(FULL_LANES_MIN * 60 / period_s))]
        grown = [reading - filled for reading in course]
        sixths = ", ".join(f"{grown[len(grown) * part // 6]:+.1f}" for part in range(6))
        what = f"growth of the {name}, {THREADS} busy threads, {minutes:g} min"
        yield Figure(
            what,
            f"{grown[-1]:.1f} MB",
            "<= 5 MB",
            f"from {filled:.1f} MB after {FULL_LANES_MIN} min; in sixths: {sixths}",
        )


def _memory(app: int) -> dict[str, float]:
    """Resident MB of the app, the lab with its workers, and the sampler."""
    found = {"app": psutil.Process(app).memory_info().rss / 2**20}
    for process in psutil.Process(app).children(recursive=True):
        for name in ("lab", "sampler"):
            if any(f"pconc_tui/{name}/" in argument for argument in process.cmdline()):
                found[name] = found.get(name, 0.0) + process.memory_info().rss / 2**20
    return found


def _launches(launches: int) -> Figure:
    process = psutil.Process()
    with closing(Monitor(sys.executable)) as monitor:
        before = 0.0
        for number in range(WARM_UP + launches):
            if number == WARM_UP:
                before = process.memory_info().rss / 2**20
            monitor.launch(Request("cpu-bound", "calls", "threads" if number % 10 else "processes"))
            until(monitor, running, LONG_S)
            monitor.stop_all()
            until(monitor, ended, LONG_S)
            monitor.clear()
        after = process.memory_info().rss / 2**20
    what = f"growth of the monitor, {launches} launches and stops"
    return Figure(what, f"{after - before:.1f} MB", "<= 2 MB", f"from {before:.1f} MB after {WARM_UP} launches")
