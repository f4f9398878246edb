"""A lane's cells: what a worker did in each of them, as a glyph and a colour that tell shares truly."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from rich.style import Style

from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.spans import History, spans_between
from pconc_tui.ui.drawing.lines import Line, merged
from pconc_tui.ui.drawing.palette import DIM, STATE_STYLES, TEXT
from pconc_tui.ui.drawing.timeline_window import TimelineWindow

BARS = " ▁▂▃▄▅▆▇█"
FULL = 0.97
"""From this share on a cell counts as wholly in one state: the rest is too little to draw."""

_PASSING = (State.STARTING, State.WAITING)


class Cell(NamedTuple):
    """What a worker did in one cell: how much of it it ran, and what it did for most of the rest."""

    running: float = 0.0
    rest: State | None = None
    settled: bool = True
    """Whether nothing of it can change any more."""


def cells_of(history: History, first: int, last: int, cell_ns: int) -> list[Cell]:
    """The cells from number `first` up to before `last`, by the spans that fall into them."""
    sums: list[dict[State, int]] = [{} for _ in range(last - first)]
    origin, end = first * cell_ns, last * cell_ns
    for start_ns, end_ns, state in spans_between(history, origin, end):
        at = max(start_ns, origin)
        stop = min(end_ns, end)
        number = (at - origin) // cell_ns
        while at < stop:
            edge = min(stop, origin + (number + 1) * cell_ns)
            cell = sums[number]
            cell[state] = cell.get(state, 0) + edge - at
            at = edge
            number += 1
    return [_cell(states, cell_ns) for states in sums]


def _cell(states: dict[State, int], cell_ns: int) -> Cell:
    if not states:
        return Cell(settled=False)
    covered = sum(states.values())
    running = states.get(State.RUNNING, 0) / cell_ns
    others: list[State] = [state for state in states if state not in (State.RUNNING, State.ENDED)]
    rest: State | None = max(others, key=states.__getitem__) if others else None
    settled = covered == cell_ns and not any(state in states for state in _PASSING)
    return Cell(running, rest, settled)


@dataclass
class Lanes:
    """The cells of all lanes, worked out once each: they stay on an absolute grid as the window moves."""

    cell_ns: int = 0
    known: dict[int, dict[int, Cell]] = field(default_factory=dict)
    pictures: dict[int, tuple[tuple[object, ...], list[Line]]] = field(default_factory=dict)

    def picture(self, worker: Worker, window: TimelineWindow, rows: int) -> list[Line]:
        """A lane's rows: the same ones as long as the window stays, whatever has happened since."""
        key = (window.last, window.cells, window.cell_ns, rows, worker.alive)
        have = self.pictures.get(worker.id)
        if have is None or have[0] != key:
            cells = self.cells(worker, window.last - window.cells, window.last, window.cell_ns)
            have = self.pictures[worker.id] = key, [lane(cells, row, rows, worker.alive) for row in range(rows)]
        return have[1]

    def cells(self, worker: Worker, first: int, last: int, cell_ns: int) -> list[Cell]:
        if cell_ns != self.cell_ns:
            self.cell_ns = cell_ns
            self.known = {}
        known = self.known.setdefault(worker.id, {})
        if len(known) > 2 * (last - first):
            known = self.known[worker.id] = {number: cell for number, cell in known.items() if first <= number < last}
        missing = [number for number in range(first, last) if number not in known]
        if not missing:
            return [known[number] for number in range(first, last)]
        start, stop = missing[0], missing[-1] + 1
        found = cells_of(worker.history, start, stop, cell_ns)
        known.update((start + index, cell) for index, cell in enumerate(found) if cell.settled)
        return [found[number - start] if start <= number < stop else known[number] for number in range(first, last)]

    def keep(self, ids: set[int]) -> None:
        """Forget the lanes of workers that are gone."""
        for id in self.known.keys() - ids:
            del self.known[id]
        for id in self.pictures.keys() - ids:
            del self.pictures[id]


@lru_cache(maxsize=512)
def _bar_style(rest: State | None, alive: bool) -> Style:
    look = STATE_STYLES[State.RUNNING]
    return (look.style if alive else look.faded) + Style(bgcolor=STATE_STYLES[rest or State.ENDED].tint)


def drawn(cell: Cell, row: int, rows: int, alive: bool) -> tuple[str, Style]:
    """One cell's glyph in row `row` from above of a lane `rows` tall."""
    if cell.running >= FULL:
        return _glyph(0, State.RUNNING, alive)
    levels = round(cell.running * 8 * rows)
    if cell.running > 0:
        levels = max(1, min(levels, 8 * rows - 1))
    return _glyph(max(0, min(8, levels - 8 * (rows - 1 - row))), cell.rest, alive)


@lru_cache(maxsize=512)
def _glyph(level: int, rest: State | None, alive: bool) -> tuple[str, Style]:
    """A bar of so many eighths before this state, or the state's own glyph at level 0."""
    if level:
        return BARS[level], _bar_style(rest, alive)
    if rest is None:
        return " ", TEXT
    look = STATE_STYLES[rest]
    return look.glyph, look.style if alive else look.faded


def lane(cells: list[Cell], row: int, rows: int, alive: bool) -> Line:
    return merged([drawn(cell, row, rows, alive) for cell in cells])


def now_mark(worker: Worker) -> tuple[str, Style]:
    """What the worker is doing at this moment."""
    look = STATE_STYLES[worker.state]
    return (look.glyph, look.style) if worker.alive else (" ", DIM)
