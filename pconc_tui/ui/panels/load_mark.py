"""The mark of a measurement that was made under load, and the key that repeats it, which can be clicked."""

from __future__ import annotations

from pconc_tui.ui.drawing.lines import Line, text
from pconc_tui.ui.drawing.palette import ALERT, DIM
from pconc_tui.ui.hints import hint, pressed


def load_marks(note: str) -> list[Line]:
    """The mark of a measurement of what is chosen, the longest first; `note`: what kept cores from its workers."""
    repeat = hint("m", " repeats it")
    after = (*pressed(text(" · ", DIM), "m"), *repeat)
    return [
        ((note, ALERT), *after),
        (("under load", ALERT), *after),
        (("load", ALERT), *pressed(text(": ", ALERT), "m"), *repeat),
    ]


def load_mark(note: str, is_chosen: bool) -> Line:
    """The mark of a measurement; the key measures what is chosen, so it is named only for a measurement of that."""
    return load_marks(note)[0] if is_chosen else ((f"{note}: repeat it", ALERT),)
