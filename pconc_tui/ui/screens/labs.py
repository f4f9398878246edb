"""The page of labs: the interpreter of each, and the hand-offs of its GILs, by the workers' spans and by CPython.

While a program is watched, there are none: it shows the program's processes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from pconc_tui.snapshot import GilRate, Lab, Snapshot
from pconc_tui.text.numbers import whole
from pconc_tui.ui.drawing.lines import BLANK, Line, heading, text, wrap_text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, TEXT
from pconc_tui.ui.drawing.process_lines import process_lines
from pconc_tui.ui.panels.status import lab_parts
from pconc_tui.ui.screens.page import Page
from pconc_tui.ui.screens.scroll_screen import LiveScreen, ScrollScreen

FIGURES_EVERY = 4
"""Snapshots between new figures: ten changes a second can't be read."""
SOURCES = (
    "hand-offs/s: hand-offs between workers per second, counted from their lanes, whatever these come from: reports of "
    "the workers' code, the kernel's scheduling records, or samples. "
    "CPython: its own counter (_gil_runtime_state.switch_number), read from the process. It also counts hand-offs to "
    "threads that are not workers, but none between the tasks of one thread."
)


def lab_lines(snapshot: Snapshot, width: int) -> list[Line]:
    """All labs, each with its GILs."""
    found: list[Line] = []
    for number, lab in enumerate(snapshot.labs):
        found += [*_lab(lab, width), BLANK]
        gils = [rate for rate in snapshot.gils if rate.lab == number]
        if gils:
            found.append(text(_columns("PID", "interpreter", "workers", "hand-offs/s", "CPython"), DIM))
            found += [line for rate in gils for line in _gil(rate, width)]
        else:
            off = lab.gil_enabled is False
            found.append(text("no GIL, and so no hand-offs" if off else "no worker needs its GIL now", DIM))
        found.append(BLANK)
    return [*found, *wrap_text(SOURCES, width, DIM)]


def _lab(lab: Lab, width: int) -> list[Line]:
    line: Line = ()
    for part in lab_parts(lab):
        line = (*line, (" · ", DIM), *part) if line else part
    problem = f", since {lab.source_problem}" if lab.source_problem else ""
    lanes = [] if lab.source is None else wrap_text(f"lanes of your functions: {lab.source}{problem}", width, TEXT)
    return [line, *wrap_text(lab.message or lab.executable, width, ALERT if lab.message else DIM), *lanes]


def _columns(pid: str, interpreter: str, workers: str, handoffs: str, switches: str) -> str:
    return f"{pid:>8}  {interpreter:>11}  {workers:>7}  {handoffs:>11}  {switches:>9}"


def _gil(rate: GilRate, width: int) -> list[Line]:
    interpreter = "main" if rate.interpreter == 0 else str(rate.interpreter)
    figures = whole(rate.handoffs_per_s), whole(rate.switches_per_s)
    line = text(_columns(str(rate.pid), interpreter, str(rate.workers), *figures), TEXT)
    return [line, *wrap_text(f"not readable: {rate.problem}", width, BRIGHT)] if rate.problem else [line]


class LabsPage(Page, LiveScreen):
    """All labs and their GILs, drawn again a few times a second."""

    topic = "Labs"
    max_width = ScrollScreen.max_width
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,L,q", "dismiss(None)", "close")]

    def __init__(self, more: Callable[[], list[str]] = list) -> None:
        """`more`: what else is said, a line each."""
        super().__init__("Labs")
        self._more = more
        self._snapshot: Snapshot | None = None
        self._snapshot_count = 0

    def title_line(self) -> Line:
        watches = self._snapshot is not None and self._snapshot.program is not None
        return (*(heading("Processes") if watches else super().title_line()), *self.mark)

    def content(self, width: int) -> list[Line]:
        if self._snapshot is None:
            return []
        more = [line for each in self._more() for line in (BLANK, *wrap_text(each, width, DIM))]
        lines = lab_lines if self._snapshot.program is None else process_lines
        return [*lines(self._snapshot, width), *more]

    def show(self, snapshot: Snapshot) -> None:
        if self._snapshot_count % FIGURES_EVERY == 0:
            self._snapshot = snapshot
            self.draw()
        self._snapshot_count += 1
