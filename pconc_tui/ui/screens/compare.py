"""The compare screen: progress, verdict, table and chart of the newest comparison; cancels it or runs it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from pconc_tui.comparison.report import judge, line, notes, shown_columns, title
from pconc_tui.comparison.rows import Row, rows
from pconc_tui.measurement import Comparison
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import time_left
from pconc_tui.text.table import header
from pconc_tui.ui.drawing import speedup_bars, speedup_curve
from pconc_tui.ui.drawing.lines import (
    BLANK,
    Line,
    add_title,
    heading,
    inner_size,
    push_apart,
    text,
    wrap_text,
)
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, GOOD, TEXT, TROUGH
from pconc_tui.ui.hints import ESC_CLOSES, hint
from pconc_tui.ui.screens.scroll_screen import LiveScreen, ScrollScreen

LEAST_CURVE_ROWS, MOST_CURVE_ROWS = 12, 24


class CompareScreen(ScrollScreen, LiveScreen):
    """Shows the newest comparison, drawn again whenever that has changed."""

    topic = "Compare"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "close"),
        Binding("r", "again", "again"),
    ]

    def __init__(self, start: Callable[[], object], cancel: Callable[[], object]) -> None:
        super().__init__()
        self._start, self._cancel = start, cancel
        self._comparison: Comparison | None = None

    def lines(self, scroll: int, width: int, height: int) -> list[Line]:
        return lines(self._comparison, scroll, width, height, self.mark)

    def scroll_limit(self, width: int, height: int) -> int:
        if self._comparison is None:
            return 0
        room = inner_size(width, height, True)
        head, body, _ = _parts(self._comparison, *room)
        return max(0, len(head) + len(body) - room[1])

    def show(self, snapshot: Snapshot) -> None:
        if snapshot.comparison != self._comparison:
            self._comparison = snapshot.comparison
            self.draw()

    def results(self, snapshot: Snapshot) -> Snapshot:
        """As in `ShowsResults`."""
        return replace(snapshot, measurements=())

    def _is_running(self) -> bool:
        return self._comparison is not None and self._comparison.current is not None

    def action_again(self) -> None:
        if not self._is_running():
            self._start()

    def action_leave(self) -> None:
        """Cancel a comparison in progress, whose rows stay on the screen; else close the screen."""
        if self._is_running():
            self._cancel()
        else:
            self.dismiss(None)


class RecordedCompareScreen(CompareScreen):
    """Shows the comparison of a recording, which can't be cancelled or run again."""

    def __init__(self) -> None:
        super().__init__(lambda: None, lambda: None)

    def action_again(self) -> None:
        """Do nothing."""

    def action_leave(self) -> None:
        self.dismiss(None)


def progress_line(comparison: Comparison, width: int) -> Line:
    """What is being measured, the part that is done, and the time left."""
    case = comparison.current
    if case is None:
        if comparison.problem:
            return text(f"incomplete: {comparison.problem} after {comparison.elapsed_s:.0f} s", ALERT)
        return text(f"done in {comparison.elapsed_s:.0f} s", DIM)
    step = "finding a scale" if comparison.scale is None else f"{case.python.short} {case.name} {case.workers}"
    figures = f" {comparison.fraction:4.0%}  {time_left(comparison.left_s):<14}"
    room = max(4, min(60, width - len(figures) - 27))
    filled = min(room, round(comparison.fraction * room))
    return (
        (f"{step:<26.26} ", BRIGHT),
        ("█" * filled, GOOD),
        ("░" * (room - filled), TROUGH),
        (figures, TEXT),
    )


def table_lines(comparison: Comparison, found: tuple[Row, ...], width: int) -> list[Line]:
    """The table, and the notes below it."""
    columns = shown_columns(found, width)
    lines = [text(header(columns), DIM)]
    for row in found:
        lines += [text(part, ALERT if row.problem else TEXT) for part in line(columns, row, width)]
    for sentence in notes(comparison):
        lines += wrap_text(sentence, width, DIM)
    return lines


def lines(comparison: Comparison | None, scroll: int, width: int, height: int, mark: Line = BLANK) -> list[Line]:
    """The whole screen, its charts and table scrolled by this many rows; `mark`: as in `LiveScreen`."""
    content, keys = _content(comparison, bool(mark), scroll, *inner_size(width, height, True))
    return add_title(content, (*heading("Compare"), *mark), keys, width, height, True, True)


def _content(
    comparison: Comparison | None, recorded: bool, scroll: int, width: int, height: int
) -> tuple[list[Line], Line]:
    if comparison is None:
        return [text("No comparison is running.", DIM)], ESC_CLOSES
    head, body, table_at = _parts(comparison, width, height)
    room = height - len(head)
    most = max(0, len(body) - room)
    start = max(0, min(scroll, most))
    in_sight = body[start : start + room]
    if start > table_at:
        in_sight[:1] = [body[table_at]]  # The names of the columns stay in sight.
    ended = comparison.current is None
    keys: Line = (*hint("r", " again  "), *ESC_CLOSES) if ended else hint("escape", " cancels")
    keys = ESC_CLOSES if recorded else keys
    keys = (*hint("w", " save  "), *keys) if ended else keys
    return [*head, *in_sight], ((*hint("up"), *hint("down", " scroll  "), *keys) if most else keys)


def _parts(comparison: Comparison, width: int, height: int) -> tuple[list[Line], list[Line], int]:
    """What stands above, what is scrolled below it, and where in that the table starts."""
    found = rows(comparison)
    head = [push_apart(text(title(comparison), DIM), BLANK, width), progress_line(comparison, width), BLANK]
    if comparison.current is None:
        conclusion = judge(comparison)
        head[2:] = [*wrap_text(str(conclusion), width, BRIGHT if conclusion.found else DIM), BLANK]
    table, room = table_lines(comparison, found, width), height - len(head)
    curve = speedup_curve.lines(found, width, LEAST_CURVE_ROWS)
    room -= len(table) + 1
    all_known = comparison.current is None or len(found) == len(comparison.plan.cases)
    bars = speedup_bars.lines(found, width, room - (len(curve) + 1 if curve else 0) if all_known else 0)
    body = [*bars, *([BLANK] if bars else []), *table]
    if curve:
        curve = speedup_curve.lines(found, width, max(LEAST_CURVE_ROWS, min(MOST_CURVE_ROWS, room - len(bars) - 1)))
        body += [BLANK, *curve]
    return head, body, len(bars) + (1 if bars else 0)
