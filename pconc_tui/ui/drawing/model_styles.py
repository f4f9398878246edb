"""How each model is marked in charts: a glyph and a colour, both its own, so that colour is never all that differs."""

from __future__ import annotations

from rich.style import Style

from pconc_tui.ui.drawing.palette import GREEN, ORANGE, PURPLE, SKY, VERMILLION, YELLOW

MODEL_STYLES: dict[str, tuple[str, Style]] = {
    "threads": ("●", Style(color=ORANGE)),
    "free-threaded": ("◆", Style(color=SKY)),
    "processes": ("■", Style(color=GREEN)),
    "interpreters": ("▲", Style(color=PURPLE)),
    "asyncio": ("○", Style(color=YELLOW)),
    "thread-pool": ("◇", Style(color=VERMILLION)),
    "process-pool": ("□", Style(color="#8fd9c1")),
    "interpreter-pool": ("△", Style(color="#e8c4d8")),
}
