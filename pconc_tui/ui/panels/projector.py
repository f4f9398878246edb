"""For the projector mode: the figures of the headline in large digits, what the workers share, and measurements."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product, zip_longest

from pconc_tui.measurement import Measurement
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline import Headline, Kind, subject
from pconc_tui.text.numbers import interpreter_names
from pconc_tui.text.sentences import model_and_python
from pconc_tui.ui.drawing.digits import ROWS, large
from pconc_tui.ui.drawing.layout import FIGURES_HEIGHT, Area
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, text, width_of
from pconc_tui.ui.drawing.measurement_bars import bars, longest_s, ratio
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.panels import counters
from pconc_tui.ui.panels.headline import FIGURE_STYLES, headline_of, side_by_side
from pconc_tui.ui.panels.panel import Frame, Panel

LEAST_SHARED, LEAST_BARS = 34, 30
"""Columns that what the workers share needs, and bars."""
BLOCK_ROWS = 3
"""The least rows of a measurement."""
MAX_THICKNESS = 3


class ProjectorPanel(Panel):
    """Two large figures under their words, and beside them the shared values, or the bars of measurements."""

    name = "Headline"
    topics = ("Counters",)
    area = Area.FIGURES

    def depends_on(self, frame: Frame) -> object:
        return frame.figures, frame.settings

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        snapshot, kind = frame.figures, frame.settings.kind
        found, measured = headline_of(snapshot, kind), _measured(snapshot, kind)
        drawn = figures(found, width - 2, height, LEAST_BARS if measured else 0)
        room = width - 2 - width_of(drawn[0])
        beside = counters.of_kind(snapshot.counters, found.kind, room) if room >= LEAST_SHARED else []
        if not beside and room >= LEAST_BARS:
            beside = under_each_other(measured, room, height - 1)
        pairs = zip_longest(drawn, beside[: len(drawn)], fillvalue=BLANK)
        return [BLANK, *(((" ", TEXT), *figure, *line) for figure, line in pairs)]


def figures(found: Headline, width: int, height: int, beside: int) -> list[Line]:
    """The figures side by side, in the largest digits that fit, if possible with this many columns left beside them."""
    rows = 1 + (height - FIGURES_HEIGHT) // ROWS
    for room, columns in product((width - beside, width), (2 * rows, rows, 1)):
        blocks = [
            [text(figure.caption, BRIGHT), *large(figure.number, style, columns, rows)]
            for figure, style in zip(found.figures, FIGURE_STYLES, strict=True)
        ]
        drawn = side_by_side(blocks)
        if width_of(drawn[0]) <= room:
            break
    return [fit(line, min(width, width_of(line))) for line in drawn]


def _measured(snapshot: Snapshot, chosen: Kind) -> tuple[Measurement, ...]:
    """The newest measurement of each kind of the chosen experiment, in their order; none while anything runs."""
    if subject(snapshot, chosen).runs:
        return ()
    found = [each for each in snapshot.measurements if each.experiment == chosen.experiment]
    newest = {(each.variant, each.model, each.python, each.start_method, each.workers): each for each in found}
    return tuple(each for each in found if each in newest.values())


def under_each_other(measured: tuple[Measurement, ...], width: int, height: int) -> list[Line]:
    """The newest measurements that fit, as bars on one time axis, as thick as the rows allow."""
    shown = measured[-(height // BLOCK_ROWS) :]
    if not shown:
        return []
    rows = max(1, min(MAX_THICKNESS, (height // len(shown) - 1) // 2))
    return [line for each in shown for line in _block(each, shown, width, rows)]


def _block(measurement: Measurement, shown: tuple[Measurement, ...], width: int, rows: int) -> Iterator[Line]:
    under = interpreter_names(each.python for each in shown)
    name = model_and_python(measurement, under.get(measurement.python, ""))
    if len({each.variant for each in shown}) > 1:
        name = f"{name} · {measurement.variant}"
    briefly = ((name, BRIGHT), (" · ", DIM), *ratio(measurement)[:1])
    in_full = ((name, BRIGHT), (" · ", DIM), *ratio(measurement))
    yield in_full if width_of(in_full) <= width else briefly
    yield from bars(measurement, longest_s(shown), width, rows)
