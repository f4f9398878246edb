"""Memory of the dashboard with 16 busy threads for a long time, and of its processes after many launches and stops."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

import tests.terminal
from tests.bench.figures import Figure
from tests.bench.terminal import PROGRAM, Terminal
from tests.process_roles import APP, LAB, SAMPLER, SUPERVISOR, WORKER, processes


class Extent(NamedTuple):
    """How much is measured."""

    minutes: float
    launches: int


FULL = Extent(30, 1000)
SMOKE = Extent(0.1, 5)
THREADS = 16
FUNCTION = f"{Path(tests.terminal.__file__).with_name('own_code') / 'work.py'}:endless"
SAMPLE_S = 10
WARM_UP = 50
"""Launches before the first reading: imports, caches and pools of memory are filled by then."""


def figures(extent: Extent = FULL) -> Iterator[Figure]:
    """The long run, then the launches."""
    yield _long_run(extent.minutes)
    for function in (None, FUNCTION):
        yield from _launches(extent.launches, function)


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


def _launches(launches: int, function: str | None) -> Iterator[Figure]:
    """A figure for each process that lives from launch to launch. Where there is a function, workers are sampled."""
    before: dict[str, float] = {}
    terminal = tests.terminal.Terminal(tests.terminal.PROGRAM, *filter(None, [function]), columns=100, lines=30)
    try:
        terminal.wait_until_ready()
        for number in range(WARM_UP + launches):
            if number == WARM_UP:
                before = _resident_mb(terminal.pid)
            terminal.send("t" if number % 10 else "p")
            terminal.until(lambda text: "1 alive" in text and "starting" not in text.partition("1 alive")[2])
            terminal.send("S")
            terminal.until("stopped")
            terminal.send("c")
            terminal.until("No workers")
            terminal.raw = b""
        after = _resident_mb(terminal.pid)
    finally:
        terminal.close()
    what = "sampled" if function else "reporting"
    for role in before.keys() & after.keys():
        grown = f"{after[role] - before[role]:+.1f} MB"
        remark = f"from {before[role]:.1f} MB after {WARM_UP} launches"
        yield Figure(f"growth of the {role}, {launches} {what} workers", grown, "<= 2 MB", remark)


def _resident_mb(pid: int) -> dict[str, float]:
    """The resident memory of the program's processes, by role."""
    return {
        role: sum(each.memory_info().rss for each in found) / 2**20
        for role, found in processes(pid).items()
        if role in (APP, SUPERVISOR, LAB, SAMPLER, WORKER)
    }
