"""A lane in slow motion: edges to an eighth of a cell, so that it moves smoothly; bright up to now, dim after. Pure.

An edge lies where it belongs within its cell: the cell's left part has the colour of the state before, its right part
that of the state after. A cell with several edges is drawn as in the timeline: a bar as tall as the share in which the
worker ran. The edges of a sampled lane are known to the next sample only, so they are blurred over that time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from rich.style import Style

from pconc_tui.protocol.block import RUNS, State
from pconc_tui.timeline.spans import Span
from pconc_tui.timeline.turns import LaneSpans
from pconc_tui.ui.drawing.lanes import Cell, cell_glyph
from pconc_tui.ui.drawing.lines import Line, Run
from pconc_tui.ui.drawing.palette import BACKGROUND, STATE_STYLES

PARTS = " ▏▎▍▌▋▊▉█"
BLUR = "▓▒░"
NOTHING: Run = (" ", Style())
_START, _END = attrgetter("start_ns"), attrgetter("end_ns")


class Stretch(NamedTuple):
    """Spans in one state, or mixed ones; from and to in eighths of a cell."""

    start: int
    end: int
    state: State | None
    """None: nothing is known, or its states are mixed."""
    mixed: Cell | None = None
    """The shares of states whose order is unknown."""


def rows(lane: LaneSpans, start_ns: int, cell_ns: float, cells: int, bright: bool, height: int) -> list[Line]:
    """The rows of this many cells of a lane, from this time on."""
    stretches = _stretches(lane.spans, start_ns, cell_ns, cells)
    blur = round(lane.blur_ns * 8 / cell_ns)
    if blur:
        return [_blurred(stretches, cells, blur, bright, row, height) for row in range(height)]
    found = [*_cells(stretches, cells, bright)]
    if not any(isinstance(each, Cell) for each in found):
        height, copies = 1, height
    else:
        copies = 1
    made = [
        tuple(cell_glyph(each, row, height, bright) if isinstance(each, Cell) else each for each in found)
        for row in range(height)
    ]
    return made * copies


def _stretches(spans: Sequence[Span], start_ns: int, cell_ns: float, cells: int) -> list[Stretch]:
    """The spans as stretches without holes; neighbours in the same state are one."""
    found: list[Stretch] = []
    scale, last = 8 / cell_ns, 8 * cells
    at = 0
    for span in _joined(_in_sight(spans, start_ns, start_ns + cells * cell_ns)):
        end = min(last, round((span.end_ns - start_ns) * scale))
        start = max(at, round((span.start_ns - start_ns) * scale))
        if end <= start:
            continue
        if start >= last:
            break
        if start > at:
            found.append(Stretch(at, start, None))
        state, mixed = (span.state, None) if isinstance(span, Span) else (None, span.cell)
        if found and found[-1].state is state is not None and found[-1].end == start:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Stretch(start, end, state, mixed))
        at = end
    if at < last:
        found.append(Stretch(at, last, None))
    return found


class _Mixed(NamedTuple):
    """Neighbouring spans whose order is unknown."""

    start_ns: int
    end_ns: int
    cell: Cell


def _in_sight(spans: Sequence[Span], start_ns: int, end_ns: float) -> Sequence[Span]:
    """Those of a period, with all mixed ones that adjoin: these are drawn as one."""
    first = bisect_right(spans, start_ns, key=_END)
    last = bisect_left(spans, end_ns, first, key=_START)
    while 0 < first < last and spans[first].mixed and spans[first - 1].mixed:
        first -= 1
    while first < last < len(spans) and spans[last].mixed and spans[last - 1].mixed:
        last += 1
    return spans[first:last]


def _joined(spans: Sequence[Span]) -> Iterator[Span | _Mixed]:
    """The spans, mixed neighbours as one."""
    mixed: list[Span] = []
    for span in spans:
        if span.mixed:
            mixed.append(span)
            continue
        if mixed:
            yield _as_one(mixed)
            mixed = []
        yield span
    if mixed:
        yield _as_one(mixed)


def _as_one(spans: Sequence[Span]) -> _Mixed:
    lengths: dict[State, int] = {}
    for span in spans:
        lengths[span.state] = lengths.get(span.state, 0) + span.end_ns - span.start_ns
    start_ns, end_ns = spans[0].start_ns, spans[-1].end_ns
    return _Mixed(start_ns, end_ns, _cell_of(lengths, end_ns - start_ns))


def _cell_of(lengths: Mapping[State, int], whole: int) -> Cell:
    """The cell of states with these lengths in a whole of this length."""
    running = sum(length for state, length in lengths.items() if state in RUNS) / whole
    rest = {state: length for state, length in lengths.items() if state not in RUNS}
    return Cell(running, max(rest, key=rest.__getitem__) if rest else None)


def _cells(stretches: Sequence[Stretch], cells: int, bright: bool) -> Iterator[Run | Cell]:
    """Runs of whole cells and edges; a cell with several edges as the shares of its states."""
    index = cell = 0
    while cell < cells:
        first = stretches[index]
        whole = first.end // 8 - cell
        if whole > 0:
            if first.mixed:
                yield from [first.mixed] * whole
            else:
                glyph, style = full(first.state, bright)
                yield glyph * whole, style
            cell += whole
            index += first.end == 8 * cell
            continue
        inside = index + 1
        while stretches[inside].end < 8 * cell + 8:
            inside += 1
        if inside == index + 1:
            yield PARTS[first.end - 8 * cell], edge(first.state, stretches[inside].state, bright)
        else:
            yield _shares(stretches[index : inside + 1], 8 * cell)
        index = inside + (stretches[inside].end == 8 * cell + 8)
        cell += 1


def _shares(stretches: Sequence[Stretch], start: int) -> Cell:
    """A cell that begins here, in eighths."""
    lengths: dict[State, int] = {}
    for each in stretches:
        if each.state is not None:
            length = min(each.end, start + 8) - max(each.start, start)
            lengths[each.state] = lengths.get(each.state, 0) + length
    return _cell_of(lengths, 8)


def _blurred(stretches: Sequence[Stretch], cells: int, blur: int, bright: bool, row: int, height: int) -> Line:
    """The lane with soft edges, this many eighths wide."""
    found: list[Run] = []
    at = 0
    for index, each in enumerate(stretches):
        if index + 1 == len(stretches):
            end = cells
        else:
            width = max(3, min(blur, each.end - each.start, stretches[index + 1].end - each.end) // 8)
            end = max(at, min(cells, each.end // 8 - width // 2))
        glyph, style = cell_glyph(each.mixed, row, height, bright) if each.mixed else full(each.state, bright)
        found.append((glyph * (end - at), style))
        at = end
        if index + 1 < len(stretches) and at < cells:
            style = edge(each.state, stretches[index + 1].state, bright)
            soft = "".join(BLUR[3 * place // width] for place in range(width))[: cells - at]
            found.append((soft, style))
            at += len(soft)
    return tuple(run for run in found if run[0])


@lru_cache(maxsize=64)
def full(state: State | None, bright: bool) -> Run:
    """The glyph of a cell in this state alone, and its style."""
    if state is None or state is State.ENDED:
        return NOTHING
    style = STATE_STYLES[state]
    return style.glyph, style.style if bright else style.faded


@lru_cache(maxsize=256)
def edge(before: State | None, after: State | None, bright: bool) -> Style:
    """The style of a left part of a block: the part in the colour of the state before, the rest in that after."""
    return Style(color=solid(before, bright), bgcolor=solid(after, bright))


def solid(state: State | None, bright: bool) -> str:
    """The colour that a state has where it has no glyph: that of running is its own, of others that behind theirs."""
    if state is None or state is State.ENDED:
        return BACKGROUND
    style = STATE_STYLES[state].style if bright else STATE_STYLES[state].faded
    colour = style.color if state in RUNS else style.bgcolor
    return colour.name if colour else BACKGROUND
