"""The first screen: what this is in a sentence, and three things to begin with, in place of the timeline."""

from __future__ import annotations

from pconc_tui.text.printable import printable
from pconc_tui.text.sentences import runs
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, width_of, wrap_text
from pconc_tui.ui.drawing.palette import BRIGHT, TEXT
from pconc_tui.ui.hints import hint
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels.panel import Frame, TitledPanel

ABOUT = (
    "pconc-tui starts Python threads and processes, and shows live which of them runs, which ones wait, and for what: "
    "the GIL, a core, a lock or I/O."
)
MAX_WIDTH = 76
"""Columns of the sentence, which is hard to read in longer lines."""


class FirstScreen(TitledPanel):
    """Stands where the timeline is until anything has run."""

    name = "Start here"
    area = Area.TIMELINE

    def depends_on(self, frame: Frame) -> object:
        return frame.settings

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return lines(frame.settings, width, height)


def is_shown(frame: Frame) -> bool:
    """Whether nothing has run yet, and no tour is about to."""
    return frame.walk is None and frame.replay is None and not frame.has_run and not frame.latest.workers


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


def _offer(key: str, words: str) -> Line:
    (name, key_style), (said, style) = hint(key, words, TEXT)
    return ((f"{name:<8}", key_style), (said, style))
