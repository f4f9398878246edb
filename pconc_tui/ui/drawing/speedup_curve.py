"""The speed-ups of a comparison over the number of workers: a thin line for each model, its name at its end.

plotext draws each line alone. The drawings are laid over each other so that none hides another: cells of several lines
are theirs in turn, and the glyphs of several points at one place stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.style import Style

from pconc_tui.comparison.rows import Row
from pconc_tui.pythons import Interpreter
from pconc_tui.ui.drawing.lines import Line, Run, merge_runs, text
from pconc_tui.ui.drawing.model_styles import MODEL_STYLES
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.drawing.speedup_bars import MOST_COUNTS

Points = tuple[tuple[float, float], ...]
LEAST_WIDTH, LEAST_ROWS = 48, 8
MOST_WIDTH = 130
_STYLE = re.compile(r"\x1b\[[\d;]*m")


class Series(NamedTuple):
    """A line of the curve."""

    name: str
    glyph: str
    """At its points; empty: none."""
    style: Style
    points: Points


def lines(rows: Sequence[Row], width: int, height: int) -> list[Line]:
    """The curve of three or more numbers of workers; empty where there are fewer, or no room."""
    known = [row for row in rows if row.speedup and row.case.python == _newest(rows, row.case.name)]
    if len({row.case.workers for row in known}) <= MOST_COUNTS or width < LEAST_WIDTH or height < LEAST_ROWS:
        return []
    several = len({row.case.python for row in known}) > 1
    found: dict[str, dict[float, float]] = {}
    styles: dict[str, tuple[str, Style]] = {}
    ideal: dict[float, float] = {1.0: 1.0}
    for row in known:
        name = row.case.name + (f" {row.case.python.short}" if several else "")
        styles[name] = MODEL_STYLES[row.case.model]
        found.setdefault(name, _alone(row))[row.case.workers] = row.speedup.median if row.speedup else 0.0
        ideal[row.case.workers] = row.ideal
        if row.ideal == row.cores:
            ideal[row.cores] = row.cores  # Where the ideal stops growing.
    best = Series("ideal", "", BRIGHT, tuple(sorted(ideal.items())))
    series = (best, *(Series(name, *styles[name], tuple(sorted(points.items()))) for name, points in found.items()))
    return [
        text("speed-up by number of workers", DIM),
        *_picture(series, min(width, MOST_WIDTH), max(height - 1, len(series) + 1)),
    ]


def _alone(row: Row) -> dict[float, float]:
    """The speed-up with one worker: the interpreter's one run / the model's."""
    if not (row.speedup and row.n_runs and row.one_run):
        return {}
    return {1.0: row.speedup.median * row.n_runs.median / row.case.workers / row.one_run.median}


def _newest(rows: Sequence[Row], model: str) -> Interpreter:
    """The interpreter under which a model's line is drawn: the newest with a GIL, if any."""
    pythons = [row.case.python for row in rows if row.case.name == model]
    return max(pythons, key=lambda python: (python.gil_enabled, python.release))


@lru_cache(maxsize=8)
def _picture(series: tuple[Series, ...], width: int, height: int) -> tuple[Line, ...]:
    """All lines laid over each other, the first of which is the ideal, and their names at their ends."""
    plot_width = width - 3 - max(len(each.name) for each in series)
    ticks = tuple(sorted({x for each in series[1:] for x, _ in each.points}))
    top = 1.05 * max(1.0, *(y for each in series for _, y in each.points))
    drawn = [_plot(each.points, each.glyph, ticks, top, plot_width, height) for each in series]
    cells = [[(cell, DIM) for cell in row] for row in drawn[0]]
    for y, row in enumerate(cells):
        for x in range(len(row)):
            dots = [(own[y][x], each.style) for each, own in zip(series, drawn, strict=True) if _is_braille(own[y][x])]
            if dots:
                row[x] = dots[x % len(dots)]
    for each, own in zip(series[1:], drawn[1:], strict=True):
        _put_points(cells, own, each.glyph, each.style)
    ends = [(_end(own, each.glyph), -each.points[-1][1], each) for each, own in zip(series, drawn, strict=True)]
    labels = _places(sorted(ends, key=lambda end: end[:2]), height)
    return tuple((*merge_runs(row), *(_label(labels[y]) if y in labels else ())) for y, row in enumerate(cells))


def _plot(points: Points, glyph: str, ticks: tuple[float, ...], top: float, width: int, height: int) -> list[str]:
    """One line and its points, in a frame."""
    # The import takes half as long as that of Textual, so it is left until the first curve.
    import plotext  # type: ignore[import-untyped]

    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    figure.theme("colorless")
    figure.canvas("default")
    for marker in ("braille", glyph) if glyph else ("braille",):
        signal = figure.signal([x for x, _ in points], [y for _, y in points], marker=plotext.marker(marker))
        signal.lines(marker == "braille")
        figure.draw(signal)
    figure.ruler("x").ticks(ticks, [f"{tick:g}" for tick in ticks])
    figure.ruler("x").lim(ticks[0], ticks[-1])
    step = max(1, round(top / max(1, height - 4)))
    heights = list(range(0, int(top) + 1, step))
    figure.ruler("y").ticks(heights, [str(tick) for tick in heights])
    figure.ruler("y").lim(0, top)
    return [_STYLE.sub("", row).ljust(width) for row in figure.build().string().rstrip("\n").split("\n")]


def _is_braille(cell: str) -> bool:
    return "\u2800" < cell <= "\u28ff"


def _put_points(cells: list[list[Run]], drawn: list[str], glyph: str, style: Style) -> None:
    """Put the glyph at each point of a line; where another has been put, beside it."""
    taken = {each for each, _ in MODEL_STYLES.values()}
    for row, own in zip(cells, drawn, strict=True):
        first = 1 + next(x for x, cell in enumerate(own + "│") if cell in "┤│")
        for x in (x for x, cell in enumerate(own) if cell == glyph):
            near = (at for at in (x, x - 1, x + 1, x - 2, x + 2, x - 3, x + 3) if first <= at < len(row) - 1)
            row[next((at for at in near if row[at][0] not in taken), x)] = (glyph, style)


def _end(drawn: list[str], glyph: str) -> int:
    """The row in which a line ends."""
    ends = [max((x for x, cell in enumerate(row) if cell == glyph or _is_braille(cell)), default=-1) for row in drawn]
    return ends.index(max(ends))


def _places(ends: Sequence[tuple[int, float, Series]], height: int) -> dict[int, Series]:
    """A row of its own for each name, from the end of its line downwards."""
    found: dict[int, Series] = {}
    row = -1
    for place, (end, _, each) in enumerate(ends):
        row = min(max(end, row + 1), height - len(ends) + place)
        found[row] = each
    return found


def _label(series: Series) -> Line:
    return ((f" {series.glyph or '─'} ", series.style), (series.name, TEXT))
