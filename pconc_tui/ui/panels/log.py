"""The log: what the workers printed, in order, with time and worker."""

from __future__ import annotations

from functools import lru_cache

from pconc_tui.experiments import load
from pconc_tui.snapshot import LogLine, Snapshot
from pconc_tui.text.numbers import whole
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, text, wrap_text
from pconc_tui.ui.drawing.palette import DIM, TEXT
from pconc_tui.ui.hints import hint
from pconc_tui.ui.panels.panel import Frame, TabPanel, rows_from

EMPTY: list[Line] = [text("Nothing printed yet.", DIM), hint("3 t", " prints")]
NOTHING_HAPPENED: Line = (("No process has come or gone, and nothing was printed.", DIM),)
INDENT = 19
"""Columns of time and name."""


class LogPanel(TabPanel):
    """The last lines that the workers printed.

    `RichLog` renders every line that is written, which takes 24 % of a core at 20 lines a second.
    """

    name = "Log"
    area = Area.RIGHT

    def belongs(self, snapshot: Snapshot) -> bool:
        return True

    def has_content(self, snapshot: Snapshot) -> bool:
        # What the monitor adds stands elsewhere too. An endless worker prints once it has been stopped, if at all.
        ending = {worker.experiment for worker in snapshot.workers if not load(worker.experiment).endless}
        measured = {snapshot.progress.experiment} if snapshot.progress else set()
        return any(line.worker != "monitor" for line in snapshot.log) or any(map(_prints, ending | measured))

    def depends_on(self, frame: Frame) -> object:
        return frame.figures.log, frame.figures.log_dropped, frame.figures.log_cut

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        figures = frame.figures
        if not figures.log and figures.program is not None:
            return center_block([NOTHING_HAPPENED], width, height)
        return lines(figures.log, figures.log_dropped, -self.scroll(frame), width, height, figures.log_cut)

    def scroll_limits(self, frame: Frame, width: int, height: int) -> tuple[int, int]:
        figures = frame.figures
        rows = height - len(_notices(figures.log_dropped, figures.log_cut))
        return min(0, rows - len(_all_lines(figures.log, width))), 0


def _prints(experiment: str) -> bool:
    return "print(" in load(experiment).source


@lru_cache(maxsize=4096)
def entry_lines(entry: LogLine, width: int) -> list[Line]:
    """One printed line, wrapped to the width."""
    name = entry.worker if len(entry.worker) <= 10 else entry.worker.replace("Process-", "Proc-")
    start: Line = ((f"{entry.t_s:>7.3f} ", DIM), (f"{name[:10]:<10} ", DIM))
    parts = wrap_text(entry.text, width - INDENT) or [BLANK]
    return [(*start, *parts[0]), *((((" " * INDENT), TEXT), *part) for part in parts[1:])]


def _all_lines(log: tuple[LogLine, ...], width: int) -> list[Line]:
    return [line for entry in log for line in entry_lines(entry, width)]


def _notices(dropped: int, cut: int) -> list[Line]:
    """What is missing in the log."""
    found = [text(f"{whole(dropped)} lines were printed too fast to be kept", DIM)] if dropped else []
    return found + ([text(f"{whole(cut)} older lines are no longer kept", DIM)] if cut else [])


def lines(log: tuple[LogLine, ...], dropped: int, back: int, width: int, height: int, cut: int = 0) -> list[Line]:
    """The last lines, or those from `back` lines earlier."""
    if not log:
        return center_block(EMPTY, width, height)
    notices = _notices(dropped, cut)
    rows = max(0, height - len(notices))
    found = _all_lines(log, width)
    return [*rows_from(found, len(found) - rows - back, rows), *notices]
