"""The speed-ups of a comparison as horizontal bars, grouped by interpreter, with the ideal marked. Pure.

with 4 workers     speed-up: 4 × one run / 4 runs · ┃ ideal
3.14   ● threads   ██████████████▎              ┃              1.02
       ■ processes ███████████████████████████▌ ┃              1.97
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pconc_tui.comparison.rows import Row
from pconc_tui.text.numbers import decimal
from pconc_tui.ui.drawing.lines import BLANK, Line, Run, fit, merge_runs, text
from pconc_tui.ui.drawing.model_styles import MODEL_STYLES
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, TEXT, TROUGH

MOST_COUNTS = 2
"""Of more numbers of workers than these, the bars show the greatest, and a curve all of them."""
WITH_RANGE = 100
"""Columns from which on the range stands beside the median."""
LONGEST = 100
"""Columns of the longest bar."""
EIGHTHS = " ▏▎▍▌▋▊▉"
IDEAL = "┃"


def lines(rows: Sequence[Row], width: int, height: int = 0) -> list[Line]:
    """A title and a bar for each row, all on one scale; empty where no speed-up is known yet.

    Where they fit this height, bars are two rows thick with a gap between them.
    """
    counts = sorted({row.case.workers for row in rows})
    shown = [row for row in rows if len(counts) <= MOST_COUNTS or row.case.workers == counts[-1]]
    known = [row.speedup.median for row in shown if row.speedup]
    if not known:
        return []
    several = len({row.case.workers for row in shown}) > 1
    top = max(*known, *(row.ideal for row in shown))
    python_width = 1 + max(len(row.case.python.short) for row in shown)
    name_width = 1 + max(len(_name(row, several)) for row in shown)
    value_width = 20 if width >= WITH_RANGE else 6
    room = max(4, min(LONGEST, width - python_width - name_width - 3 - value_width))
    count = "N" if several else str(counts[-1])
    what = f"speed-up: {count} × one run / {count} runs · ideal "
    thick = height > 3 * len(shown)
    found: list[Line] = [((what, DIM), (IDEAL, BRIGHT))]
    for python, group in groupby(shown, lambda row: row.case.python):
        for place, row in enumerate(group):
            glyph, style = MODEL_STYLES[row.case.model]
            name = ((f"{glyph} ", style), (f"{_name(row, several):<{name_width}}", TEXT))
            label = (f"{python.short if place == 0 else '':<{python_width}}", BRIGHT)
            bar = _bar(row, room, top, value_width)
            found.append((label, *name, *bar))
            if thick:
                indent = text(" " * (python_width + 2 + name_width))
                found += [(*indent, *bar[:-1]) if row.speedup else BLANK, BLANK]
    return found[:-1] if thick else found


def _name(row: Row, several: bool) -> str:
    """The model; with the number of workers where rows differ in it."""
    return f"{row.case.name} {row.case.workers}" if several else row.case.name


def _bar(row: Row, room: int, top: float, value_width: int) -> Line:
    """The bar and its value; of a row without a speed-up, the reason."""
    if row.speedup is None:
        return fit(text(f"- {_reason(row)}", ALERT if row.problem or row.deadlock else DIM), room + value_width)
    eighths = round(row.speedup.median / top * room * 8)
    bar = "█" * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")
    colour = MODEL_STYLES[row.case.model][1]
    cells: list[Run] = [(cell, colour) for cell in bar] + [("·", TROUGH)] * (room - len(bar))
    at = min(room, round(row.ideal / top * room))
    # The mark stands at the end of the bar that reaches the ideal, never over it.
    cells.insert(at, (IDEAL, BRIGHT))
    value = f" {decimal(row.speedup.median)}"
    if value_width > len(value) + 1 and row.repeats > 1:
        value += f" ({decimal(row.speedup.least)} to {decimal(row.speedup.most)})"
    return (*merge_runs(cells), (f"{value:<{value_width}}", BRIGHT))


def _reason(row: Row) -> str:
    if row.deadlock:
        return "never ended"
    return f"incomplete: {row.problem}" if row.problem else row.no_ratio or "unknown"
