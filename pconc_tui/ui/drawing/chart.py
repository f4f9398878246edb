"""The chart of the speed-up by model and number of workers, of the measurements on the scoreboard."""

from __future__ import annotations

from functools import lru_cache
from itertools import cycle
from math import ceil

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from pconc_tui.measurement import Measurement
from pconc_tui.text.numbers import interpreter_names
from pconc_tui.text.sentences import model_and_python
from pconc_tui.ui.drawing.lines import Line, flow, text
from pconc_tui.ui.drawing.palette import DIM, GREEN, ORANGE, PURPLE, SKY, VERMILLION, YELLOW

Points = tuple[tuple[float, float], ...]
_COLOURS = {
    "threads": ORANGE,
    "processes": GREEN,
    "ideal": SKY,
    "interpreters": PURPLE,
    "asyncio": YELLOW,
    "thread-pool": VERMILLION,
    "process-pool": "#8fd9c1",
    "interpreter-pool": "#e8c4d8",
    "free-threaded": "#ffffff",
}
_OTHERS = tuple(_COLOURS.values())[3:]
_LEAST_ROWS = 5
"""Rows of the plot that the legend leaves free."""


def series(measurements: tuple[Measurement, ...], chosen: str) -> tuple[str, tuple[tuple[str, Points], ...]]:
    """The speed-ups of the chosen experiment, or of the last one measured: its id, and a named line for each model.

    There is a line for the ideal too, and, with several interpreters, one for each model and interpreter.
    """
    complete = [each for each in measurements if each.speedup is not None]
    if not complete:
        return "", ()
    experiment = chosen if any(each.experiment == chosen for each in complete) else complete[-1].experiment
    complete = [each for each in complete if each.experiment == experiment]
    under = interpreter_names(each.python for each in complete)
    found: dict[str, dict[float, float]] = {}
    for each in complete:
        found.setdefault(model_and_python(each, under.get(each.python, "")), {1: 1.0})[each.workers] = (
            each.speedup or 0.0
        )
    ideal: dict[float, float] = {each.workers: each.ideal_speedup for each in complete}
    last = complete[-1]
    corner = last.cores / last.core_share if last.core_share else max(ideal)
    if 1 < corner < max(ideal):
        ideal[corner] = corner
    ideal[1] = 1.0
    lines = {"ideal": ideal, **found}
    return experiment, tuple((name, tuple(sorted(points.items()))) for name, points in lines.items())


def lines(measurements: tuple[Measurement, ...], chosen: str, width: int, height: int) -> list[Line]:
    """The chart of measurements; empty if nothing has been measured or there is no room."""
    experiment, named_lines = series(measurements, chosen)
    if not named_lines or width < 24 or height < 6:
        return []
    return _with_caption(f"speed-up by workers: {experiment}", named_lines, width, height)


def _with_caption(title: str, named_lines: tuple[tuple[str, Points], ...], width: int, height: int) -> list[Line]:
    """The plot below its title and legend."""
    legend: list[Line] = [(("━ ", Style(color=colour)), (name, DIM)) for name, colour in _legend(named_lines)]
    caption = flow([text(title, DIM), *legend], width, ("  ", DIM))[: height - _LEAST_ROWS]
    return [*caption, *_plot(named_lines, width, height - len(caption))]


@lru_cache(maxsize=8)
def _plot(named_lines: tuple[tuple[str, Points], ...], width: int, height: int) -> list[Line]:
    # The import takes half as long as that of Textual, so it is left until the first measurement.
    import plotext  # type: ignore[import-untyped]

    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    figure.theme("colorless")
    figure.canvas("default")
    most_x = max(x for _, points in named_lines for x, _ in points)
    most_y = max(y for _, points in named_lines for _, y in points)
    colours = dict(_legend(named_lines))
    for name, points in named_lines:
        signal = figure.signal(
            [x for x, _ in points],
            [y for _, y in points],
            marker=plotext.marker("braille" if name == "ideal" else "hd", tuple(bytes.fromhex(colours[name][1:]))),
        )
        signal.lines(True)
        figure.draw(signal)
    ticks = sorted({x for _, points in named_lines for x, _ in points})
    figure.ruler("x").ticks(ticks, [f"{tick:g}" for tick in ticks])
    top = max(2, ceil(most_y * 1.02))
    step = ceil(top / max(1, height - 4))
    heights = list(range(0, top + 1, step))
    figure.ruler("y").ticks(heights, [f"{tick}" for tick in heights])
    figure.ruler("y").lim(0, top)
    figure.ruler("x").lim(1, max(2, most_x))
    picture = Text.from_ansi(figure.build().string(), end="")
    return [
        tuple((run.text, _coloured(run.style)) for run in line)
        for line in Segment.split_lines(picture.render(Console()))
    ]


def _legend(named_lines: tuple[tuple[str, Points], ...]) -> list[tuple[str, str]]:
    """Name and colour of each line: the model's colour, or an unused one for another line of the same model."""
    first: dict[str, str] = {}
    for name, _ in named_lines:
        first.setdefault(name.split()[0], name)
    taken = {name: _COLOURS[model] for model, name in first.items() if model in _COLOURS}
    others = cycle([colour for colour in _OTHERS if colour not in taken.values()] or _OTHERS)
    return [(name, taken.get(name) or next(others)) for name, _ in named_lines]


def _coloured(style: Style | None) -> Style:
    return Style(color=style.color) if style and style.color else DIM
