"""The figures of the headline in large digits, and beside them what the workers share, for the projector mode."""

from __future__ import annotations

from itertools import zip_longest

from pconc_tui.text.headline import Headline, headline
from pconc_tui.ui.drawing.digits import ROWS, large
from pconc_tui.ui.drawing.layout import FIGURES_HEIGHT, Area
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, text, width_of
from pconc_tui.ui.drawing.palette import BRIGHT, TEXT
from pconc_tui.ui.panels import counters
from pconc_tui.ui.panels.headline import FIGURE_STYLES, side_by_side
from pconc_tui.ui.panels.panel import Frame, Panel

LEAST_BESIDE = 34
"""Columns that what the workers share needs."""


class ProjectorPanel(Panel):
    """Two large figures under their words."""

    name = "Headline"
    topics = ("Counters",)
    area = Area.FIGURES

    def depends_on(self, frame: Frame) -> object:
        return frame.figures, frame.settings

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        found = headline(frame.figures, frame.settings.kind)
        drawn = figures(found, width - 1, height)
        room = width - 1 - width_of(drawn[0])
        shared = counters.of_kind(frame.figures.counters, found.kind, room) if room >= LEAST_BESIDE else []
        pairs = zip_longest(drawn, shared[: len(drawn)], fillvalue=BLANK)
        return [BLANK, *(((" ", TEXT), *figure, *line) for figure, line in pairs)]


def figures(found: Headline, width: int, height: int) -> list[Line]:
    """The figures side by side, in the largest digits that fit."""
    rows = 1 + (height - FIGURES_HEIGHT) // ROWS
    for columns in (2 * rows, rows, 1):
        blocks = [
            [text(figure.caption, BRIGHT), *large(figure.number, style, columns, rows)]
            for figure, style in zip(found.figures, FIGURE_STYLES, strict=True)
        ]
        drawn = side_by_side(blocks)
        if width_of(drawn[0]) <= width:
            break
    return [fit(line, min(width, width_of(line))) for line in drawn]
