"""Memory of the dashboard's own process: with 16 busy threads for a long time, and after many launches and stops."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
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
SAMPLE_S = 10
WARM_UP = 50
"""Launches before the first reading: imports, caches and pools of memory are filled by then."""


def figures(extent: Extent = FULL) -> Iterator[Figure]:
    """The long run, then the launches."""
    yield _long_run(extent.minutes)
    yield _launches(extent.launches)


def _long_run(minutes: float) -> Figure:
    readings: list[float] = []
    with Terminal(PROGRAM) as terminal:
        terminal.wait("quit")
        terminal.press("2" + "t" * THREADS)
        process = psutil.Process(terminal.pid)
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            time.sleep(min(SAMPLE_S, 60 * minutes / 4))
            terminal.forget()
            readings.append(process.memory_info().rss / 2**20)
            print(f"{len(readings):>4} {readings[-1]:.1f} MB", file=sys.stderr, flush=True)
    grown = [reading - readings[0] for reading in readings]
    course = ", ".join(f"{grown[len(grown) * part // 6]:+.1f}" for part in range(1, 6))
    what = f"growth of the dashboard, {THREADS} busy threads, {minutes:g} min"
    return Figure(what, f"{grown[-1]:.1f} MB", "<= 5 MB", f"from {readings[0]:.1f} MB; in sixths: {course}")


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
