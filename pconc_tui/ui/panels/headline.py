"""The point of the experiment that runs or is chosen: a sentence, and beside it two figures where there is room."""

from __future__ import annotations

from itertools import chain, zip_longest

from pconc_tui.snapshot import Snapshot
from pconc_tui.text import watch_headline
from pconc_tui.text.headline import Headline, Kind, headline
from pconc_tui.text.table import display_width
from pconc_tui.ui.drawing.digits import SMALL_ROWS, small
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, text, width_of, wrap_text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, GOOD, KEY, TEXT
from pconc_tui.ui.panels.load_mark import load_marks
from pconc_tui.ui.panels.panel import Frame, Panel

FIGURE_STYLES = (GOOD, KEY)
GAP = 4
"""Columns after each figure."""


class HeadlinePanel(Panel):
    """In one row the sentence alone, since the figures are in it; in the projector mode they are below the timeline."""

    name = "Headline"
    area = Area.HEADLINE

    def depends_on(self, frame: Frame) -> object:
        return frame.figures, frame.settings

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        found = headline_of(frame.figures, frame.settings.kind)
        return lines(found, width, height, [] if frame.projector or height <= SMALL_ROWS else figures(found))


def headline_of(snapshot: Snapshot, chosen: Kind) -> Headline:
    """The headline of the program that is watched, or of what runs or is chosen here."""
    return headline(snapshot, chosen) if snapshot.program is None else watch_headline.live(snapshot)


def lines(found: Headline, width: int, height: int, beside: list[Line]) -> list[Line]:
    """The sentence in the middle of these rows, the mark of a load below it, and the figures at the right of them."""
    room = width - 1 - (width_of(beside[0]) + 1 if beside else 0)
    if height == 1 and found.load:
        return [_in_one_row(found, room)]
    mark = [next(each for each in load_marks(found.load) if width_of(each) <= room)] if found.load else []
    sentence = [*_wrapped(found, room, height - len(mark))[: height - len(mark)], *mark]
    above = (height - len(sentence)) // 2
    rows = [BLANK] * above + sentence + [BLANK] * (height - above - len(sentence))
    if not beside:
        return [((" ", TEXT), *row) for row in rows]
    pairs = zip_longest(rows, beside, fillvalue=BLANK)
    return [((" ", TEXT), *fit(row, room + 1), *figure) for row, figure in pairs]


def _wrapped(found: Headline, width: int, height: int) -> list[Line]:
    """The longest sentence that fits these rows, of as many as it may take."""
    wrapped = (wrap_text(each, width, BRIGHT) for each in found.sentences)
    rows = min(found.rows, height)
    return next((lines for lines in wrapped if len(lines) <= rows), wrap_text(found.sentence(width), width, BRIGHT))


def _in_one_row(found: Headline, width: int) -> Line:
    """The sentence and the longest mark of a load that leaves room for it."""
    for mark in load_marks(found.load):
        room = width - width_of(mark) - 2
        sentence = found.sentence(room)
        if display_width(sentence) <= room:
            break
    return ((" ", TEXT), *fit(text(sentence, BRIGHT), min(room, display_width(sentence))), ("  ", TEXT), *mark)


def figures(found: Headline) -> list[Line]:
    """The two figures side by side in small digits, under their words."""
    blocks = [
        [text(figure.caption, DIM), *small(figure.number, style)]
        for figure, style in zip(found.figures, FIGURE_STYLES, strict=True)
    ]
    return side_by_side(blocks)


def side_by_side(blocks: list[list[Line]]) -> list[Line]:
    """Blocks of lines of equal number, with a gap after each."""
    widths = [max(map(width_of, block)) + GAP for block in blocks]
    return [
        tuple(chain.from_iterable(fit(line, width) for line, width in zip(row, widths, strict=True)))
        for row in zip(*blocks, strict=True)
    ]
