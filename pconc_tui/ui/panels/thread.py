"""The selected thread of a watched program: what it waits for, its longest hold of the GIL, and its stack."""

from __future__ import annotations

from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text.hold_text import held_for
from pconc_tui.text.numbers import ago
from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, heading, text, wrap_text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, FUNCTION, TEXT
from pconc_tui.ui.panels.panel import Frame, TabPanel, rows_from
from pconc_tui.watched_program import Hold, Place


class ThreadPanel(TabPanel):
    """What is known of the selected thread."""

    name = "Thread"
    area = Area.BOTTOM_LEFT

    def belongs(self, snapshot: Snapshot) -> bool:
        return snapshot.program is not None

    def depends_on(self, frame: Frame) -> object:
        return frame.figures, frame.selection

    def title(self, frame: Frame, width: int, height: int) -> tuple[Line, Line]:
        thread = _selected(frame)
        return heading(self.name, printable(thread.name)) if thread else heading(self.name), BLANK

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return rows_from(_lines(frame, width), self.scroll(frame), height)

    def scroll_limits(self, frame: Frame, width: int, height: int) -> tuple[int, int]:
        return 0, max(0, len(_lines(frame, width)) - height)


def _selected(frame: Frame) -> Worker | None:
    threads = frame.figures.workers
    return threads[frame.selection.place(threads)] if threads else None


def _lines(frame: Frame, width: int) -> list[Line]:
    thread = _selected(frame)
    return [] if thread is None or thread.thread is None else lines(thread, frame.figures, width)


def lines(thread: Worker, snapshot: Snapshot, width: int) -> list[Line]:
    """What it waits for, its longest hold, where it holds the GIL, and its stack."""
    watched, program = thread.thread, snapshot.program
    assert watched is not None
    found: list[Line] = []
    if watched.halted:
        found += wrap_text(f"does not run: its process is {watched.halted}", width, BRIGHT)
    elif watched.waits_for:
        found += wrap_text(printable(f"waits for {watched.waits_for}"), width, BRIGHT)
    if watched.longest is not None:
        found += wrap_text(printable(_longest(watched.longest, snapshot.now_ns)), width, TEXT)
    if watched.holds_in is not None:
        found += wrap_text(printable(f"holds the GIL mostly in {watched.holds_in}"), width, TEXT)
    if watched.python is None:
        found += wrap_text("it ended before it was known whether it runs Python code", width, DIM)
    elif not watched.python:
        found += wrap_text("native: it runs no Python code", width, DIM)
    elif watched.stack:
        found += [*([BLANK] if found else []), text("now in", DIM), *map(_frame, watched.stack)]
    elif program is not None and program.functions_problem:
        found += wrap_text(printable(f"functions are unknown: {program.functions_problem}"), width, DIM)
    return found


def _longest(hold: Hold, now_ns: int) -> str:
    where = f", in {hold.place}" if hold.place else ""
    return f"longest: {held_for(hold)}; {ago(max(0, now_ns - hold.start_ns))} ago{where}"


def _frame(place: Place) -> Line:
    call, _, where = str(place).rpartition(" ")
    return ((" ", TEXT), (printable(call), FUNCTION), ("  ", TEXT), (printable(where), DIM))
