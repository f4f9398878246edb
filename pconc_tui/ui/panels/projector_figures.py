"""The projector's figures: cores busy, and the ratio or the hand-offs, in large digits."""

from __future__ import annotations

from rich.style import Style

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import UNKNOWN, compact, decimal, interpreter_names, short, whole
from pconc_tui.text.sentences import model_and_python, runs
from pconc_tui.ui.drawing.digits import ROWS, large
from pconc_tui.ui.drawing.lines import BLANK, Line, fitted, text, width_of
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, GOOD, KEY

HEIGHT = ROWS + 2


def _figure(value: str, caption: Line, style: Style, width: int) -> list[Line]:
    rows = large(value, style)
    if width_of(rows[0]) > width - 1:
        rows = large(value, style, scale=1)
    return [caption, *rows]


def figures(snapshot: Snapshot) -> list[tuple[str, Line, Style]]:
    """What is worth large digits now: the measured ratio once there is one, else how often the GIL changes hands."""
    busy = ("cores busy", f" of {compact(snapshot.core_count)}")
    found: list[tuple[str, Line, Style]] = [
        (decimal(snapshot.cores_busy), ((busy[0], BRIGHT), (busy[1], BRIGHT)), GOOD)
    ]
    measured = [each for each in snapshot.measurements if each.slowdown is not None]
    if measured:
        last = measured[-1]
        ratio = last.slowdown or 0.0
        under = interpreter_names(each.python for each in snapshot.measurements)
        caption = f"{runs(last.workers)} take, {model_and_python(last, under.get(last.python, ''))}"
        found.append((f"{decimal(ratio) if ratio < 10 else f'{ratio:.1f}'}x", text(caption, BRIGHT), KEY))
    else:
        rate = snapshot.handoffs_per_s
        value = UNKNOWN if rate is None else whole(rate) if rate < 9999.5 else short(rate).rstrip("kM")
        found.append((value.replace(",", ""), text("hand-offs a second", BRIGHT), KEY))
    found.append((decimal(snapshot.running_at_once), text("running at once", BRIGHT), BRIGHT))
    return found


def lines(snapshot: Snapshot, width: int) -> list[Line]:
    """Two figures side by side, three where they fit."""
    shown = figures(snapshot)[: 3 if width >= 116 else 2]
    each = (width - 1) // len(shown)
    blocks = [_figure(value, caption, style, each) for value, caption, style in shown]
    rows: list[Line] = [BLANK]
    for row in range(ROWS + 1):
        line: Line = ((" ", DIM),)
        for block in blocks:
            line = (*line, *fitted(block[row], each))
        rows.append(line)
    return rows
