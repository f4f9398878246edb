"""Slow motion at 160x45, while its threads run beside: the app's CPU, and how many frames a second are drawn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.figures import Figure
from tests.bench.terminal import PROGRAM, Terminal

IN_EACH_FRAME = " after the first launch"
"""What the title says after the time of the moment, which differs from frame to frame."""


class Extent(NamedTuple):
    """How much is measured."""

    seconds: float
    settle_s: float
    cases: tuple[tuple[int, str], ...]
    """Numbers of busy threads, and keys that choose the speed and the view."""


FULL = Extent(20, 3, ((4, ""), (16, ""), (4, ">"), (4, "b"), (16, "b")))
SMOKE = Extent(0.3, 0.1, ((4, ""),))


def figures(extent: Extent) -> Iterator[Figure]:
    """One case after another: the dashboard first, since slow motion replaces it."""
    for threads, keys in extent.cases:
        with Terminal(PROGRAM) as terminal:
            terminal.wait("quit")
            terminal.press("2" + "t" * threads)
            terminal.wait(f"Thread-{threads}")
            time.sleep(extent.settle_s)
            before, _ = _measured(terminal, extent.seconds / 2)
            here = terminal.here()
            terminal.press("x")
            terminal.wait(IN_EACH_FRAME, here)
            terminal.press(keys)
            cpu, frames = _measured(terminal, extent.seconds)
        what = f"{threads} threads{', projector' if 'b' in keys else ''}{', twice as fast' if '>' in keys else ''}"
        yield Figure(f"the app's CPU, {what}", f"{100 * cpu:.1f} %", "<= 10 %", f"the dashboard: {100 * before:.1f} %")
        yield Figure(f"frames drawn a second, {what}", f"{frames:.1f}", ">= 15")


def _measured(terminal: Terminal, seconds: float) -> tuple[float, float]:
    """CPU seconds and frames of slow motion, a second."""
    began, cpu_s, here = time.perf_counter(), terminal.cpu_s(), terminal.here()
    time.sleep(seconds)
    passed_s = time.perf_counter() - began
    return (terminal.cpu_s() - cpu_s) / passed_s, terminal.count(IN_EACH_FRAME, here) / passed_s
