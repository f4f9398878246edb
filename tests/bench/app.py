"""What the app itself costs: its CPU time, without the lab's, while it shows everything at 160x45."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.figures import Figure
from tests.bench.terminal import PROGRAM, Terminal


class Extent(NamedTuple):
    """How much is measured."""

    seconds: float
    settle_s: float
    cases: tuple[tuple[int, str], ...]
    """Numbers of busy threads, each with its target."""


FULL = Extent(20, 3, ((0, ""), (4, "<= 10 %"), (64, "<= 20 %")))
SMOKE = Extent(0.2, 0.1, ((4, ""),))


def figures(extent: Extent) -> Iterator[Figure]:
    """One number of workers after another."""
    for threads, target in extent.cases:
        with Terminal(PROGRAM) as terminal:
            terminal.wait("quit")
            # Something for the scoreboard, its chart and the log to show, as after a while of use.
            here = terminal.here()
            terminal.press("3m")
            terminal.wait("no ratio", here)
            terminal.press("2" + "t" * threads)
            time.sleep(extent.settle_s)
            began, before = time.perf_counter(), terminal.cpu_s()
            here = terminal.here()
            time.sleep(extent.seconds)
            seconds, cpu_s = time.perf_counter() - began, terminal.cpu_s() - before
            written = (terminal.here() - here) / seconds / 1000
        yield Figure(
            f"the app's CPU, {threads} busy threads, 160x45",
            f"{100 * cpu_s / seconds:.1f} %",
            target,
            f"{cpu_s:.2f} s of CPU in {seconds:.1f} s; {written:.0f} kB/s to the terminal",
        )
