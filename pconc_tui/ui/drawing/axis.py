"""The timeline's axis: ticks at times before now or since a measurement began, and where its N runs begin."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from math import floor, log10

from pconc_tui.text.numbers import duration
from pconc_tui.ui.drawing.lines import Line, put, text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM
from pconc_tui.ui.drawing.timeline_window import TimelineWindow

RULE = "│"
"""Between the one run and the N runs."""


def axis(window: TimelineWindow, split: int | None, runs: int) -> Line:
    """A tick and its time every few cells. `split`: the cell where the N runs begin; `runs`: their number."""
    cells = window.cells
    start, foot = (cells, "") if split is None else _foot(split, runs, cells)
    characters = [" "] * cells
    for column, label, at in _since(window) if window.fit else _before(window):
        end = at + len(label)
        if max(column + 1, end) < start or at > start + len(foot):
            characters[at:end] = label
            characters[column] = "╵" if column < end else "╷"
    return put(text("".join(characters[:cells]), DIM), start, (foot, BRIGHT))


def _before(window: TimelineWindow) -> Iterator[tuple[int, str, int]]:
    """Column and label of each tick, and where the label begins, at parts of the window, the last at its end."""
    steps = 5 if window.cells >= 45 else 2
    for step in range(steps + 1):
        column = round(step * (window.cells - 1) / steps)
        before_s = window.span_ns * (steps - step) / steps / 1e9
        label = f"-{duration(before_s)}" if before_s else "0" if window.held or window.frozen or window.exact else "now"
        at = min(column + 1, window.cells - len(label)) if step < steps else window.cells - len(label) - 1
        yield column, label, max(0, at)


def _since(window: TimelineWindow) -> Iterator[tuple[int, str, int]]:
    """The same at round times since the measurement began, with room for the labels."""
    if window.fit is None:
        return
    least_ns = window.span_ns * 12 // window.cells
    step_ns = next(
        mantissa * 10**power for power in count(3) for mantissa in (1, 2, 5) if mantissa * 10**power >= least_ns
    )
    decimals = max(0, -floor(log10(step_ns / 1e9)))
    for time_ns in count(-(-max(0, window.start_ns - window.fit.began_ns) // step_ns) * step_ns, step_ns):
        column = (window.fit.began_ns + time_ns - window.start_ns) // window.cell_ns
        label = f"{time_ns / 1e9:.{decimals}f} s"
        if column + 1 + len(label) > window.cells:
            break
        yield column, label, column + 1


def _foot(split: int, runs: int, cells: int) -> tuple[int, str]:
    """Where the words below the rule begin, and the words: as many as fit on each side."""
    left, right = "one run ", f" {runs} runs"
    right = right if split + 1 + len(right) <= cells else ""
    return (split - len(left), left + RULE + right) if split >= len(left) else (split, f"{RULE}{right}, after one run")
