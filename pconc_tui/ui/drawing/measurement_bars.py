"""Measurements as pairs of bars on one time axis: one run and N runs, with the ideal as a mark.

Plotext's bars end at whole cells, and stand in a frame with an axis; these end at eighths of a cell, in two rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.style import Style

from pconc_tui.measurement import Measurement
from pconc_tui.text.numbers import seconds
from pconc_tui.text.sentences import slowdown
from pconc_tui.ui.drawing.lines import Line, Run, put, text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, GREEN, KEY, SKY, TEXT

EIGHTHS = " ▏▎▍▌▋▊▉█"
MARK = "┃"
"""Where the N runs would end at the ideal slowdown."""
ONE, MANY, MANY_BEHIND = Style(color=GREEN), Style(color=SKY), Style(bgcolor=SKY)
TIME_WIDTH = 9
"""Columns of a time behind a bar: ` 123.45 s`."""


def ideal_s(measurement: Measurement) -> float | None:
    """How long the N runs take at the ideal slowdown; None: there is no ratio."""
    if measurement.slowdown is None or measurement.one_run_s is None:
        return None
    return measurement.ideal_slowdown * measurement.one_run_s


def longest_s(measurements: Iterable[Measurement]) -> float:
    """The length of the time axis that these share."""
    times_s = (time_s for each in measurements for time_s in (each.one_run_s, each.n_runs_s, ideal_s(each)))
    return max((time_s for time_s in times_s if time_s), default=0.0)


def ratio(measurement: Measurement) -> Line:
    """`4.1 times as long · ideal 2.0 ┃`, or why there is no ratio, in a few words."""
    if measurement.deadlock:
        return text("never ended", ALERT)
    if measurement.problem:
        return text("incomplete", ALERT)
    if measurement.slowdown is None:
        return text("no ratio", DIM)
    ideal = f" · ideal {measurement.ideal_slowdown:.1f} "
    return (slowdown(measurement), KEY), (ideal, DIM), (MARK, BRIGHT)


def bars(measurement: Measurement, axis_s: float, width: int, rows: int = 1) -> Iterator[Line]:
    """The two bars, each of this many rows, between name and time. A run that was not made has none."""
    label = max(map(len, ("one run", f"{measurement.workers} runs"))) + 1
    room = max(1, width - label - TIME_WIDTH)
    ideal = ideal_s(measurement)
    if not measurement.no_single_run:
        bar = _bar(measurement.one_run_s, axis_s, room, ONE)
        yield from _thick("one run", label, bar, (seconds(measurement.one_run_s), TEXT), rows)
    bar = _bar(measurement.n_runs_s, axis_s, room, MANY)
    if ideal is not None:
        at = min(room - 1, int(ideal / axis_s * room))
        inside = at < int((measurement.n_runs_s or 0.0) / axis_s * room)
        bar = put(bar, at, (MARK, BRIGHT + MANY_BEHIND if inside else BRIGHT))
    time = ("never", ALERT) if measurement.deadlock else (seconds(measurement.n_runs_s), BRIGHT)
    yield from _thick(f"{measurement.workers} runs", label, bar, time, rows)


def _bar(time_s: float | None, axis_s: float, width: int, style: Style) -> Line:
    """A bar as long as its part of the axis, to an eighth of a cell."""
    eighths = round((time_s or 0.0) / axis_s * width * 8) if axis_s else 0
    drawn = "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
    return ((drawn, style), (" " * (width - len(drawn)), TEXT))


def _thick(name: str, label: int, bar: Line, time: Run, rows: int) -> Iterator[Line]:
    """The bar in this many rows, with its name and time in the middle one."""
    for row in range(rows):
        middle = row == rows // 2
        end: Line = ((f"{time[0]:>{TIME_WIDTH}}", time[1]),) if middle else ()
        yield ((f"{name if middle else '':<{label}}", TEXT), *bar, *end)
