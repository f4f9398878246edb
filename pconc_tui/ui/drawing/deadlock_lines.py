"""Draws a deadlock: which worker waits for which lock, and which worker holds it."""

from __future__ import annotations

from rich.style import Style

from pconc_tui.measurement import Wait
from pconc_tui.text.sentences import wait
from pconc_tui.ui.drawing.lines import Line, width_of, wrap_text

_HELD = "held by"
_RIGHT, _LEFT = " ─ waits for ─▶ ", " ◀─ waits for ─ "


def lines(cycle: tuple[Wait, ...], width: int, corners: Style, arrows: Style) -> list[Line]:
    """Two workers and their locks at the corners of a square; where that doesn't fit, a sentence for each wait.

    Thread-1 ─ waits for ─▶ lock B
       ▲                      │
    held by                held by
       │                      ▼
     lock A ◀─ waits for ─ Thread-2
    """
    drawn = _square(*cycle, corners, arrows) if len(cycle) == 2 else []
    if drawn and width_of(drawn[0]) <= width:
        return drawn
    return [line for each in cycle for line in wrap_text(wait(each), width, corners)]


def _square(one: Wait, other: Wait, corners: Style, arrows: Style) -> list[Line]:
    rows = (
        (one.worker, _RIGHT, f"lock {one.lock}", corners),
        ("▲", "", "│", arrows),
        (_HELD, "", _HELD, arrows),
        ("│", "", "▼", arrows),
        (f"lock {other.lock}", _LEFT, other.worker, corners),
    )
    left, right = max(len(row[0]) for row in rows), max(len(row[2]) for row in rows)
    return [
        ((f"{first:^{left}}", style), (f"{between:{len(_RIGHT)}}", arrows), (f"{last:^{right}}", style))
        for first, between, last, style in rows
    ]
