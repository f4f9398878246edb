"""Launch to first paint, against a minimal Textual app: from the start of the process to text on the screen."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench.figures import Figure, spread
from tests.bench.terminal import PROGRAM, Terminal

PAINTED = "quit"
"""A word that both have on their screens; the dashboard in its last line, painted after all others."""
MINIMAL = [sys.executable, str(Path(__file__).with_name("minimal.py"))]


class Extent(NamedTuple):
    """How much is measured."""

    pairs: int
    """Pairs of starts: the dashboard's and the minimal app's."""


FULL, SMOKE = Extent(12), Extent(2)


def figures(extent: Extent) -> Iterator[Figure]:
    """The two in turn."""
    pairs = [(_first_paint(PROGRAM), _first_paint(MINIMAL)) for _ in range(extent.pairs)]
    for number, what, target in ((0, "wall time", "<= 1.5"), (1, "CPU time", "")):
        apps, minimals = ([each[number] for each in column] for column in zip(*pairs, strict=True))
        app, minimal = statistics.median(apps), statistics.median(minimals)
        ratios = [app / minimal for app, minimal in zip(apps, minimals, strict=True)]
        remark = (
            f"{1000 * app:.0f} and {1000 * minimal:.0f} ms, medians of {extent.pairs}; "
            f"middle half of the pairs' ratios {spread(ratios)}"
        )
        yield Figure(f"first paint / a minimal Textual app's, {what}", f"{app / minimal:.2f}", target, remark)


def _first_paint(command: list[str]) -> tuple[float, float]:
    """Seconds and CPU seconds."""
    with Terminal(command) as terminal:
        painted = terminal.wait(PAINTED)
        return painted - terminal.started, terminal.cpu_s()
