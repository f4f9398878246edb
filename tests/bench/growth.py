"""Memory of the program's processes with 16 busy threads for long, and after many launches and stops."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tests.terminal
from tests.bench.figures import Figure
from tests.bench.terminal import PROGRAM, Terminal
from tests.process_roles import APP, LAB, SAMPLER, SUPERVISOR, WORKER, processes
from tests.support import LONG_S


class Extent(NamedTuple):
    """How much is measured."""

    minutes: float
    launches: int
    warm_up: int
    """Launches before the first reading: imports, caches and pools of memory are filled by then."""


FULL = Extent(30, 1000, 50)
SMOKE = Extent(0.1, 5, 2)
THREADS = 16
OWN_FUNCTION = f"{Path(__file__).parents[1]}/own_code/kinds.py:pure_python"
SAMPLE_S = 10
FULL_LANES_MIN = 1
"""Until then the shared block, the lanes' histories and the screen's caches fill for the most part."""


def figures(extent: Extent = FULL) -> Iterator[Figure]:
    """The long run, then the launches."""
    yield from _long_run(extent.minutes)
    for function in (None, OWN_FUNCTION):
        yield from _launches(extent, function)


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
            for name, megabytes in _resident_mb(terminal.pid).items():
                readings.setdefault(name, []).append(megabytes)
            newest = ", ".join(f"{name} {each[-1]:.1f}" for name, each in readings.items())
            print(f"{len(readings[APP]) * period_s / 60:6.1f} min: {newest} MB", file=sys.stderr, flush=True)
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


def _launches(extent: Extent, function: str | None) -> Iterator[Figure]:
    """A figure for each process that lives from launch to launch. Where there is a function, workers are sampled."""
    before: dict[str, float] = {}
    terminal = tests.terminal.Terminal(tests.terminal.PROGRAM, *filter(None, [function]), columns=100, lines=30)
    try:
        terminal.wait_until_ready()
        for number in range(extent.warm_up + extent.launches):
            if number == extent.warm_up:
                before = _resident_mb(terminal.pid)
            terminal.send("t" if number % 10 else "p")
            terminal.until(lambda text: "1 alive" in text and "starting" not in text.partition("1 alive")[2])
            terminal.send("S")
            terminal.until("stopped")
            terminal.send("c")
            terminal.until("Press t")
            terminal.raw = b""
        after = _resident_mb(terminal.pid)
    finally:
        terminal.close()
    what = "sampled" if function else "reporting"
    for role in before.keys() & after.keys():
        grown = f"{after[role] - before[role]:+.1f} MB"
        remark = f"from {before[role]:.1f} MB after {extent.warm_up} launches"
        yield Figure(f"growth of the {role}, {extent.launches} {what} workers", grown, "<= 2 MB", remark)


def _resident_mb(pid: int) -> dict[str, float]:
    """The resident memory of the program's processes, by role."""
    return {
        role: sum(each.memory_info().rss for each in found) / 2**20
        for role, found in processes(pid).items()
        if role in (APP, SUPERVISOR, LAB, SAMPLER, WORKER)
    }
