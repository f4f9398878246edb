"""From a key to its effect on the screen, while the app's own workers saturate all cores."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.figures import Figure, percentile
from tests.bench.terminal import PROGRAM, Terminal

SETTLE_S = 2
PAUSE_S = (0.15, 0.35)
"""Between presses, at random: they must not fall in step with the app's frames."""
CHOOSE = (("1", "io-bound"), ("2", "cpu-bound"))
HELP = (("?", " closes"),)
CLOSE = "?"
"""Closes the help as well; unlike Escape it can't be taken for the beginning of another key."""


class Extent(NamedTuple):
    """How much is measured."""

    presses: int


FULL, SMOKE = Extent(60), Extent(2)


def figures(extent: Extent) -> Iterator[Figure]:
    """A choice, which changes one line, and the help, which is a whole screen."""
    cores = len(os.sched_getaffinity(0))
    with Terminal(PROGRAM) as terminal:
        terminal.wait("quit")
        terminal.press("2" + "p" * cores)
        time.sleep(SETTLE_S)
        for what, keys, undo in (("choose an experiment", CHOOSE, ""), ("open the help", HELP, CLOSE)):
            times = [_latency(terminal, *keys[press % len(keys)], undo) for press in range(extent.presses)]
            p50, p95, most = (
                f"{1000 * each:.0f}" for each in (percentile(times, 50), percentile(times, 95), max(times))
            )
            remark = f"p50 {p50} ms, longest {most} ms, of {extent.presses}; {cores} processes on {cores} cores"
            yield Figure(f"key to screen, {what}, p95", f"{p95} ms", "<= 50 ms", remark)


def _latency(terminal: Terminal, key: str, effect: str, undo: str) -> float:
    here = terminal.here()
    pressed = terminal.press(key)
    seen = terminal.wait(effect, here)
    time.sleep(random.uniform(*PAUSE_S))
    if undo:
        terminal.press(undo)
        time.sleep(random.uniform(*PAUSE_S))
    return seen - pressed
