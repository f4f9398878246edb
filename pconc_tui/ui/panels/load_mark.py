"""The mark of a measurement that was made under load, and the key that repeats it, which can be clicked."""

from __future__ import annotations

from rich.style import Style

from pconc_tui.ui.drawing.lines import Line, width_of
from pconc_tui.ui.drawing.palette import ALERT, DIM, KEY

_MEASURES = Style(meta={"@click": "app.measure"})
SHORT = "made under load"


def load_mark(note: str, is_chosen: bool = True, width: int | None = None) -> Line:
    """The note, or shorter words where it is wider than this; then how to repeat the measurement.

    The key measures what is chosen, so it is named for a measurement of that. Empty where there is no note.
    """
    if not note:
        return ()
    if not is_chosen:
        return ((f"{note}: repeat it", ALERT),)
    repeat: Line = ((" · ", DIM), ("m", KEY + _MEASURES), (" repeats it", DIM + _MEASURES))
    long: Line = ((note, ALERT), *repeat)
    return long if width is None or width_of(long) <= width else ((SHORT, ALERT), *repeat)
