"""The cells of a lane: what a worker did in each of them, as a glyph and a colour in true proportion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from rich.style import Style

from pconc_tui.protocol.block import RUNS, State
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.spans import History, Piece, Span, pieces_between, spans_of
from pconc_tui.ui.drawing.lines import Line, merge_runs
from pconc_tui.ui.drawing.palette import DIM, STATE_STYLES, TEXT
from pconc_tui.ui.drawing.timeline_window import TimelineWindow

BARS = " ▁▂▃▄▅▆▇█"
FULL = 0.97
"""From this share on a cell is drawn as running all the time: the rest is too little to draw."""
MARGIN_NS = 20_000_000
"""Mixed spans reach from one sample to the next, which is seldom longer than this."""

ASKING_CELL_NS = 2_500_000
"""In longer cells no moments of asking for the GIL are drawn: each has one, since they are a switch interval apart."""

_PROVISIONAL = (State.STARTING, State.WAITING)


class Cell(NamedTuple):
    """What a worker did in one cell."""

    running: float = 0.0
    """The share of the cell in which it ran, 0 to 1."""
    rest: State | None = None
    """The state that took most of the rest; None: the cell is empty or all running. `ASKING`: it waited for the GIL and
    asked for it."""
    final: bool = True
    """Whether the cell can't change any more."""
    released: bool = False
    """Whether it ran without the GIL most of the time that it ran."""


def cells_of(history: History, first: int, last: int, cell_ns: int) -> list[Cell]:
    """The cells with the numbers `first` to `last` - 1, from the spans that overlap them."""
    sums: list[dict[State, float]] = [{} for _ in range(last - first)]
    covered_ns = [0] * (last - first)
    origin, end = first * cell_ns, last * cell_ns
    for start_ns, end_ns, shares in _stretches(history, origin - MARGIN_NS, end + MARGIN_NS, cell_ns):
        at = max(start_ns, origin)
        stop = min(end_ns, end)
        number = (at - origin) // cell_ns
        while at < stop:
            edge = min(stop, origin + (number + 1) * cell_ns)
            cell = sums[number]
            for state, share in shares.items():
                cell[state] = cell.get(state, 0) + share * (edge - at)
            covered_ns[number] += edge - at
            at = edge
            number += 1
    return [_cell(states, covered, cell_ns) for states, covered in zip(sums, covered_ns, strict=True)]


def _stretches(
    history: History, start_ns: int, end_ns: int, cell_ns: int
) -> Iterator[tuple[int, int, dict[State, float]]]:
    """Start, end and shares of the states: of each span, or of mixed spans joined from one running span to the next.

    A piece of history within one cell is one stretch, since a long measurement may have hundreds of spans in a cell.
    """
    joined: list[Span] = []
    for piece in pieces_between(history, start_ns, end_ns):
        if isinstance(piece, Piece) and not piece.mixed and _is_within_cell(piece, cell_ns):
            if joined:
                yield _joined(joined)
                joined = []
            yield piece.start_ns, piece.end_ns, piece.shares
            continue
        for span in spans_of(piece, start_ns, end_ns):
            if joined and (not span.mixed or span.state in RUNS):
                yield _joined(joined)
                joined = []
            if span.mixed:
                joined.append(span)
            else:
                yield span.start_ns, span.end_ns, {span.state: 1.0}
    if joined:
        yield _joined(joined)


def _is_within_cell(piece: Piece, cell_ns: int) -> bool:
    return piece.start_ns // cell_ns == (piece.end_ns - 1) // cell_ns


def _joined(spans: list[Span]) -> tuple[int, int, dict[State, float]]:
    start_ns, end_ns = spans[0].start_ns, spans[-1].end_ns
    shares: dict[State, float] = {}
    for span in spans:
        shares[span.state] = shares.get(span.state, 0.0) + (span.end_ns - span.start_ns) / (end_ns - start_ns)
    return start_ns, end_ns, shares


def _cell(states: dict[State, float], covered_ns: int, cell_ns: int) -> Cell:
    if not states:
        return Cell(final=False)
    if len(states) == 1 and covered_ns == cell_ns:
        return _whole(*states)
    held, released = states.get(State.RUNNING, 0), states.get(State.RELEASED, 0)
    running = (held + released) / cell_ns
    others: list[State] = [state for state in states if state not in RUNS and state is not State.ENDED]
    rest: State | None = max(others, key=states.__getitem__) if others else None
    if rest is State.GIL_WAIT and State.ASKING in states and cell_ns <= ASKING_CELL_NS:
        rest = State.ASKING
    final = covered_ns == cell_ns and not any(state in states for state in _PROVISIONAL)
    return Cell(running, rest, final, released > held)


@lru_cache(maxsize=64)
def _whole(state: State) -> Cell:
    """A cell in one state, as most are."""
    rest = None if state in RUNS or state is State.ENDED else state
    return Cell(1.0 if state in RUNS else 0.0, rest, state not in _PROVISIONAL, state is State.RELEASED)


@dataclass
class LaneCache:
    """The cells and rows of all lanes. Cells lie on an absolute grid, so they stay valid as the window moves."""

    cell_ns: int = 0
    known: dict[int, dict[int, Cell]] = field(default_factory=dict)
    """The final cells of each worker, by worker id and cell number."""
    drawn: dict[int, tuple[tuple[object, ...], list[Line]]] = field(default_factory=dict)
    """The rows of each worker, by worker id, with what they were drawn for."""

    def rows(self, worker: Worker, window: TimelineWindow, height: int) -> list[Line]:
        """The rows of a worker's lane. They change when the window does, or what is provisional in it."""
        bright = worker.alive or window.fit is not None
        changing = _changing_before(worker, window.end_ns)
        key = (window.last, window.cells, window.cell_ns, height, bright, changing)
        cached = self.drawn.get(worker.id)
        if cached is None or cached[0] != key or window.exact:
            cells = self.cells(worker, window.last - window.cells, window.last, window.cell_ns)
            rows = ([cell_glyph(cell, row, height, bright) for cell in cells] for row in range(height))
            cached = self.drawn[worker.id] = key, list(map(merge_runs, rows))
        return cached[1]

    def cells(self, worker: Worker, first: int, last: int, cell_ns: int) -> list[Cell]:
        """The worker's cells with the numbers `first` to `last` - 1."""
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
        changing = worker.provisional
        final = changing[0].start_ns // cell_ns if changing else stop
        known.update((start + index, cell) for index, cell in enumerate(found[: max(0, final - start)]) if cell.final)
        return [found[number - start] if start <= number < stop else known[number] for number in range(first, last)]

    def keep(self, ids: set[int]) -> None:
        """Drop the lanes of all other workers."""
        for id in self.known.keys() - ids:
            del self.known[id]
        for id in self.drawn.keys() - ids:
            del self.drawn[id]


def _changing_before(worker: Worker, end_ns: int) -> object:
    """What may still change in the worker's lane before this time: its last spans, and where it ends."""
    changing = worker.provisional
    reached_ns = min(end_ns, changing[-1].end_ns) if changing else 0
    return reached_ns, [(*span[:1], min(span.end_ns, end_ns), *span[2:]) for span in changing if span.start_ns < end_ns]


@lru_cache(maxsize=4096)
def cell_glyph(cell: Cell, row: int, height: int, bright: bool) -> tuple[str, Style]:
    """The glyph of a cell in one row, counted from above, of a lane `height` rows tall."""
    runs = State.RELEASED if cell.released else State.RUNNING
    if cell.running >= FULL:
        return _glyph(0, runs, bright)
    rest = cell.rest
    if rest is State.ASKING and row < height - 1:
        rest = State.GIL_WAIT  # The tick is in the lowest row.
    levels = round(cell.running * 8 * height)
    if cell.running > 0:
        levels = max(1, min(levels, 8 * height - 1))
    return _glyph(max(0, min(8, levels - 8 * (height - 1 - row))), rest, bright, runs)


@lru_cache(maxsize=512)
def _glyph(level: int, rest: State | None, bright: bool, runs: State = State.RUNNING) -> tuple[str, Style]:
    """A bar of this many eighths on the tint of this state, or the state's own glyph at level 0."""
    if level:
        running = STATE_STYLES[runs]
        tint = Style(bgcolor=STATE_STYLES[rest or State.ENDED].tint)
        return BARS[level], (running.style if bright else running.faded) + tint
    if rest is None:
        return " ", TEXT
    style = STATE_STYLES[rest]
    return style.glyph, style.style if bright else style.faded


def current_glyph(worker: Worker) -> tuple[str, Style]:
    """The glyph of the worker's present state."""
    present = STATE_STYLES[worker.state]
    return (present.glyph, present.style) if worker.alive else (" ", DIM)
