"""The speed-ups of a comparison over the number of workers: a thin line for each model, its name at its end.

plotext draws each line alone. The drawings are laid over each other so that none hides another: cells of several lines
are theirs in turn, and the glyphs of several points at one place stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

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
IDEAL = "ideal"
_STYLE = re.compile(r"\x1b\[[\d;]*m")


def lines(rows: Sequence[Row], width: int, height: int) -> list[Line]:
    """The curve of three or more numbers of workers; empty where there are fewer, or no room."""
    known = [row for row in rows if row.speedup and row.case.python == _newest(rows, row.case.name)]
    if len({row.case.workers for row in known}) <= MOST_COUNTS or width < LEAST_WIDTH or height < LEAST_ROWS:
        return []
    several = len({row.case.python for row in known}) > 1
    found: dict[str, dict[float, float]] = {IDEAL: {1.0: 1.0}}
    styles: dict[str, tuple[str, Style]] = {IDEAL: ("", BRIGHT)}
    for row in known:
        name = row.case.name + (f" {row.case.python.short}" if several else "")
        styles[name] = MODEL_STYLES[row.case.model]
        found.setdefault(name, _alone(row))[row.case.workers] = row.speedup.median if row.speedup else 0.0
        found[IDEAL][row.case.workers] = row.ideal
    series = {name: tuple(sorted(points.items())) for name, points in found.items()}
    height = max(height, 2 + len(series))
    return [text("speed-up by number of workers", DIM), *_picture(series, styles, width, height - 1)]


def _alone(row: Row) -> dict[float, float]:
    """The speed-up with one worker: the interpreter's one run / the model's."""
    if not (row.speedup and row.n_runs and row.one_run):
        return {}
    return {1.0: row.speedup.median * row.n_runs.median / row.case.workers / row.one_run.median}


def _newest(rows: Sequence[Row], model: str) -> Interpreter:
    """The interpreter under which a model's line is drawn: the newest with a GIL, if any."""
    pythons = [row.case.python for row in rows if row.case.name == model]
    return max(pythons, key=lambda python: (python.gil_enabled, python.release))


def _picture(series: dict[str, Points], styles: dict[str, tuple[str, Style]], width: int, height: int) -> list[Line]:
    """All lines laid over each other, and their names at their ends."""
    plot_width = min(width, MOST_WIDTH) - 3 - max(map(len, series))
    values = [value for points in series.values() for value in points]
    ticks = tuple(sorted({x for x, _ in values}))
    top = 1.05 * max(1.0, *(y for _, y in values))
    drawn = {name: _plot(points, styles[name][0], ticks, top, plot_width, height) for name, points in series.items()}
    cells = [[(cell, DIM) for cell in row] for row in drawn[IDEAL]]
    for y, row in enumerate(cells):
        for x in range(len(row)):
            dots = [(drawn[name][y][x], styles[name][1]) for name in series if _is_braille(drawn[name][y][x])]
            if dots:
                row[x] = dots[x % len(dots)]
    for name, (glyph, style) in styles.items():
        _put_points(cells, drawn[name], glyph, style)
    labels = _places(
        sorted((_end(drawn[name], styles[name][0]), -series[name][-1][1], name) for name in series), height
    )
    return [
        (*merge_runs(row), *(_label(labels[y], *styles[labels[y]]) if y in labels else ()))
        for y, row in enumerate(cells)
    ]


@lru_cache(maxsize=64)
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


def _places(ends: Sequence[tuple[int, float, str]], height: int) -> dict[int, str]:
    """A row of its own for each name, from the end of its line downwards."""
    found: dict[int, str] = {}
    row = -1
    for place, (end, _, name) in enumerate(ends):
        row = min(max(end, row + 1), height - len(ends) + place)
        found[row] = name
    return found


def _label(name: str, glyph: str, style: Style) -> Line:
    return ((f" {glyph or '─'} ", style), (name, TEXT))
