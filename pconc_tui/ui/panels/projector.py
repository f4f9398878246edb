"""The figures of the projector mode in large digits: cores busy, and the slowdown or the hand-offs."""

from __future__ import annotations

from rich.style import Style

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import compact, decimal, digits, interpreter_names
from pconc_tui.text.sentences import model_and_python, runs
from pconc_tui.ui.drawing.digits import ROWS, large
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, text, width_of
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, GOOD, KEY
from pconc_tui.ui.panels.panel import Frame, Panel


class ProjectorPanel(Panel):
    """Two or three large figures."""

    area = Area.FIGURES

    def depends_on(self, frame: Frame) -> object:
        return frame.figures

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return lines(frame.figures, width)


def _figure(value: str, caption: Line, style: Style, width: int) -> list[Line]:
    rows = large(value, style)
    if width_of(rows[0]) > width - 1:
        rows = large(value, style, scale=1)
    return [caption, *rows]


def figures(snapshot: Snapshot) -> list[tuple[str, Line, Style]]:
    """Value, caption and style of each figure: the last measured slowdown, or the hand-offs until there is one."""
    busy = text(f"cores busy of {compact(snapshot.core_count)}", BRIGHT)
    found: list[tuple[str, Line, Style]] = [(decimal(snapshot.cores_busy), busy, GOOD)]
    measured = [each for each in snapshot.measurements if each.slowdown is not None]
    if measured:
        last = measured[-1]
        slowdown = last.slowdown or 0.0
        under = interpreter_names(each.python for each in snapshot.measurements)
        caption = f"{runs(last.workers)} take, {model_and_python(last, under.get(last.python, ''))}"
        found.append((f"{decimal(slowdown) if slowdown < 10 else f'{slowdown:.1f}'}x", text(caption, BRIGHT), KEY))
    else:
        rate = snapshot.handoffs_per_s
        if rate is None or rate < 9999.5:
            found.append((digits(rate), text("hand-offs per second", BRIGHT), KEY))
        else:
            found.append((f"{rate / 1e3:.1f}", text("thousand hand-offs per second", BRIGHT), KEY))
    found.append((decimal(snapshot.running_at_once), text("running at once", BRIGHT), BRIGHT))
    return found


def lines(snapshot: Snapshot, width: int) -> list[Line]:
    """Two figures side by side, three where they fit."""
    found = figures(snapshot)[: 3 if width >= 116 else 2]
    each = (width - 1) // len(found)
    blocks = [_figure(value, caption, style, each) for value, caption, style in found]
    rows: list[Line] = [BLANK]
    for row in range(ROWS + 1):
        line: Line = ((" ", DIM),)
        for block in blocks:
            line = (*line, *fit(block[row], each))
        rows.append(line)
    return rows
