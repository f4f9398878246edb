"""The page of labs: what each runs under, and how often its GILs change hands, by the workers and by CPython."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from pconc_tui.snapshot import GilRate, Lab, Snapshot
from pconc_tui.text.numbers import UNKNOWN, whole
from pconc_tui.ui.drawing.lines import (
    BLANK,
    ESC_CLOSES,
    Line,
    fitted,
    framed,
    heading,
    inner_size,
    plain,
    text,
    wrapped,
)
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, TEXT
from pconc_tui.ui.panels.status import interpreter
from pconc_tui.ui.screens.reader import LiveReader

EVERY = 4
"""Snapshots between new figures: what changes faster can't be read."""
SOURCES = (
    "Workers: hand-offs a second, counted from their lanes, that is from what they reported, or from what was seen of "
    "those that are sampled. CPython: its own count "
    "(_gil_runtime_state.switch_number), read from the process: hand-offs to threads that are no workers too, and none "
    "between the tasks of one thread."
)


def body(snapshot: Snapshot, width: int) -> list[Line]:
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
    return [*found, *wrapped(SOURCES, width, DIM)]


def _lab(lab: Lab, width: int) -> list[Line]:
    line: Line = ()
    for part in interpreter(lab):
        line = (*line, (" · ", DIM), *part) if line else part
    return [line, *wrapped(plain(lab.message or lab.executable), width, ALERT if lab.message else DIM)]


def _columns(pid: str, interpreter: str, workers: str, handoffs: str, own: str) -> str:
    return f"{pid:>8}  {interpreter:>11}  {workers:>7}  {handoffs:>11}  {own:>9}"


def _gil(rate: GilRate, width: int) -> list[Line]:
    told = UNKNOWN if rate.handoffs_per_s is None else whole(rate.handoffs_per_s)
    own = UNKNOWN if rate.switches_per_s is None else whole(rate.switches_per_s)
    which = "main" if rate.interpreter == 0 else str(rate.interpreter)
    line = text(_columns(str(rate.pid), which, str(rate.workers), told, own), TEXT)
    return [line, *wrapped(f"not readable: {rate.problem}", width, BRIGHT)] if rate.problem else [line]


class LabsPage(LiveReader):
    """Drawn anew a few times a second."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,L,q", "dismiss(None)", "close")]

    def __init__(self) -> None:
        super().__init__()
        self._shown: Snapshot | None = None
        self._frames = 0

    def lines(self, back: int, width: int, height: int) -> list[Line]:
        page = framed(self._inside(width, height)[back:], heading("Labs"), ESC_CLOSES, width, height, True, True)
        return [fitted(line, width) for line in page]

    def length(self, width: int, height: int) -> int:
        return max(0, len(self._inside(width, height)) - inner_size(width, height, True)[1])

    def _inside(self, width: int, height: int) -> list[Line]:
        return [] if self._shown is None else body(self._shown, inner_size(width, height, True)[0])

    def show(self, snapshot: Snapshot) -> None:
        """Draw a new snapshot's labs."""
        if self._frames % EVERY == 0:
            self._shown = snapshot
            self.draw()
        self._frames += 1
