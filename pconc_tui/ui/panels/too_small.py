"""The message that the terminal is too small."""

from __future__ import annotations

from pconc_tui.ui.drawing.layout import LEAST, Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center, text
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT
from pconc_tui.ui.panels.panel import Frame, Panel


class TooSmallPanel(Panel):
    """Says which size the terminal needs and which it has."""

    area = Area.WHOLE

    def depends_on(self, frame: Frame) -> object:
        return ()

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return message(width, height)


def message(width: int, height: int) -> list[Line]:
    """One line, or three short ones in a narrow terminal."""
    needs, has = f"needs {LEAST[0]}x{LEAST[1]}", f"has {width}x{height}"
    if width < 50:
        return [text("terminal too small", ALERT), text(needs, BRIGHT), text(has, BRIGHT)]
    return [BLANK] * ((height - 1) // 2) + [center(text(f"terminal too small: {needs}, {has}", ALERT), width)]
