"""The mark of a measurement that was made under load, and the key that repeats it, which can be clicked."""

from __future__ import annotations

from pconc_tui.ui.drawing.lines import Line
from pconc_tui.ui.drawing.palette import ALERT, DIM
from pconc_tui.ui.hints import hint


def load_marks(note: str) -> list[Line]:
    """The mark of a measurement of what is chosen, the longest first; `note`: what kept cores from its workers."""
    repeat = hint("m", " repeats it")
    return [
        ((note, ALERT), (" · ", DIM), *repeat),
        (("under load", ALERT), (" · ", DIM), *repeat),
        (("load: ", ALERT), *repeat),
    ]


def load_mark(note: str, is_chosen: bool) -> Line:
    """The mark of a measurement; the key measures what is chosen, so it is named only for a measurement of that."""
    return load_marks(note)[0] if is_chosen else ((f"{note}: repeat it", ALERT),)
