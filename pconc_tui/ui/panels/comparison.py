"""The compare screen's lines: how far it is, the verdict, the chart and the table."""

from __future__ import annotations

from pconc_tui.comparison.report import judge, line, not_run, shown_columns, title
from pconc_tui.comparison.rows import Row, rows
from pconc_tui.snapshot import Comparison
from pconc_tui.text.numbers import time_left
from pconc_tui.text.table import header
from pconc_tui.ui.drawing.lines import (
    BLANK,
    ESC_CLOSES,
    Line,
    fitted,
    framed,
    heading,
    inner_size,
    plain,
    spread,
    text,
    wrapped,
)
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, GOOD, KEY, TEXT, TROUGH
from pconc_tui.ui.panels import chart

CHART_ROWS = 14


def progress(comparison: Comparison, width: int) -> Line:
    """How far it is, what is being measured, and the time left."""
    case = comparison.current
    if case is None:
        if comparison.problem:
            return text(f"incomplete: {comparison.problem} after {comparison.elapsed_s:.0f} s", ALERT)
        return text(f"done in {comparison.elapsed_s:.0f} s", DIM)
    what = "finding a scale" if comparison.scale is None else f"{case.python.short} {case.name} {case.workers}"
    right = f" {comparison.fraction:4.0%}  {time_left(comparison.left_s):<14}"
    room = max(4, min(60, width - len(right) - 27))
    filled = min(room, round(comparison.fraction * room))
    return (
        (f"{what:<26.26} ", BRIGHT),
        ("█" * filled, GOOD),
        ("░" * (room - filled), TROUGH),
        (right, TEXT),
    )


def body(comparison: Comparison, found: tuple[Row, ...], width: int) -> list[Line]:
    """The table, and what was not run."""
    columns = shown_columns(found, width)
    lines = [text(header(columns), DIM)]
    for row in found:
        lines += [text(plain(part), ALERT if row.problem else TEXT) for part in line(columns, row, width)]
    for sentence in not_run(comparison):
        lines += wrapped(plain(sentence), width, DIM)
    return lines


def lines(comparison: Comparison | None, back: int, width: int, height: int) -> list[Line]:
    """The whole screen."""
    inner = inner_size(width, height, True)
    shown, right = _inside(comparison, back, *inner)
    framed_lines = framed(shown, heading("Compare"), right, width, height, True, True)
    return [fitted(each, width) for each in framed_lines]


def _inside(comparison: Comparison | None, back: int, width: int, height: int) -> tuple[list[Line], Line]:
    if comparison is None:
        return [text("nothing is being compared", DIM)], ESC_CLOSES
    over = comparison.current is None
    keys: Line = (("r", KEY), (" again  ", DIM), *ESC_CLOSES) if over else (("Esc", KEY), (" gives up", DIM))
    found = rows(comparison)
    head = [spread(text(title(comparison), DIM), BLANK, width), progress(comparison, width), BLANK]
    if over:
        judged = judge(comparison)
        head[2:] = [*wrapped(str(judged), width, BRIGHT if judged.found else DIM), BLANK]
    table = body(comparison, found, width)
    room = height - len(head)
    rows_for_chart = min(CHART_ROWS + max(0, (room - 40) // 3), room - 1 - min(len(table), max(6, room // 2)))
    drawn = chart.compared(found, width, rows_for_chart)
    room -= len(drawn) + (1 if drawn else 0)
    start = 1 + max(0, min(back, len(table) - room))
    below = [*([BLANK] if drawn else []), *drawn]
    seen = [table[0], *table[start : start + room - 1]]
    return [*head, *seen, *[BLANK] * (room - len(seen)), *below], keys


def length(comparison: Comparison | None) -> int:
    """How many rows there are to scroll through."""
    return len(rows(comparison)) if comparison else 0
