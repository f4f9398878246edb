"""The first screen: what this is in a sentence, and three things to begin with, in place of the timeline.

A recording shows it too, with a sentence in place of what can't be started there.
"""

from __future__ import annotations

from pconc_tui.text.printable import printable
from pconc_tui.text.sentences import runs
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, text, width_of, wrap_text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.hints import hint, is_hint
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels.panel import Frame, TitledPanel

ABOUT = (
    "pconc-tui starts Python threads and processes, and shows live which of them runs, which ones wait, and for what: "
    "the GIL, a core, a lock or I/O."
)
NOTHING = "Nothing has been launched at this moment of the recording."
MAX_WIDTH = 76
"""Columns of the sentence, which is hard to read in longer lines."""


class FirstScreen(TitledPanel):
    """Stands where the timeline is until anything has run."""

    name = "Start here"
    area = Area.TIMELINE

    def depends_on(self, frame: Frame) -> object:
        return frame.settings, frame.replay is None

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        found = lines(frame.settings, width, height)
        return found if frame.replay is None else _recorded(found, width)


def is_shown(frame: Frame) -> bool:
    """Whether nothing has run yet, and no tour is about to."""
    return frame.walk is None and not frame.has_run and not frame.latest.workers


def lines(settings: LaunchSettings, width: int, height: int) -> list[Line]:
    """The sentence and the offers, with as many blank rows between them as there is room for."""
    name = printable(settings.experiment_id)
    offers = [
        _offer("enter", "take a tour: threads take turns, processes don't"),
        _offer("t", f"start a thread of {name}"),
        _offer("m", f"measure {name}: one run, then {runs(settings.workers).lower()} at once"),
    ]
    wide = min(width, max(map(width_of, offers)))
    offers = [(*offer, (" " * (wide - width_of(offer)), TEXT)) for offer in offers]
    about = wrap_text(ABOUT, min(width, MAX_WIDTH), BRIGHT)
    for gap, between in ((2, 1), (1, 0), (0, 0)):
        found = [*about, *[BLANK] * gap, offers[0]]
        for offer in offers[1:]:
            found += [*[BLANK] * between, offer]
        if len(found) <= height:
            break
    return center_block(found, width, height)[:height]


def _recorded(live: list[Line], width: int) -> list[Line]:
    """The same lines; the offers, which are those with keys, make room for what is said of the recording."""
    offers = [row for row, line in enumerate(live) if any(is_hint(style) for _, style in line)]
    found = [BLANK if row in offers else line for row, line in enumerate(live)]
    for row in offers[:1]:
        found[row] = center_block([text(NOTHING, DIM)], width, 1)[0]
    return found


def _offer(key: str, words: str) -> Line:
    (name, key_style), (said, style) = hint(key, words, TEXT)
    return ((f"{name:<8}", key_style), (said, style))
