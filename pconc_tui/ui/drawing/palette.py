"""Styles of states and text. The colours are those of Okabe and Ito, which colour-blind people can distinguish.

Everything is drawn in the colours of the dark theme. `LIGHT_TEXT` and `LIGHT_BACK` say what each is in the light one.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.color import Color
from rich.style import Style

from pconc_tui.protocol.block import State

BACKGROUND = "#0d1117"
LIGHT_BACKGROUND = "#ffffff"
GREEN, ORANGE, SKY, PURPLE, YELLOW, VERMILLION = "#00b383", "#e69f00", "#56b4e9", "#cc79a7", "#f0e442", "#ff7f2a"

LIGHT_TEXT = {
    GREEN: "#007a55",
    ORANGE: "#a85a00",
    SKY: "#0067a8",
    PURPLE: "#9b3d74",
    YELLOW: "#6b6400",
    VERMILLION: "#b93a00",
    "#d6dde4": "#1f2328",
    "#8b96a1": "#59636e",
    "#ffffff": "#000000",
    "#000000": "#ffffff",
    "#3c4854": "#8c959f",
    "#30363d": "#d0d7de",
}
"""The colour of text in the light theme, by that in the dark one."""
LIGHT_BACK = {
    BACKGROUND: LIGHT_BACKGROUND,
    GREEN: LIGHT_TEXT[GREEN],
    YELLOW: LIGHT_TEXT[YELLOW],
    VERMILLION: "#b93a00",
    SKY: "#0067a8",
    "#243447": "#cfe4f7",
}
"""The colour behind text in the light theme, by that in the dark one."""

TEXT = Style(color="#d6dde4")
DIM = Style(color="#8b96a1")
BRIGHT = Style(color="#ffffff", bold=True)
TITLE = Style(color="#ffffff", bold=True)
BORDER = Style(color="#3c4854")
FOCUS = Style(color=SKY)
KEY = Style(color=YELLOW, bold=True)
GOOD = Style(color=GREEN, bold=True)
LOAD = Style(color=SKY)
TROUGH = Style(color="#30363d")
ALERT = Style(color=VERMILLION, bold=True)
ALARM = Style(color="#000000", bgcolor=VERMILLION, bold=True)
FROZEN = Style(color="#000000", bgcolor=SKY, bold=True)
TOKEN = Style(color="#000000", bgcolor=YELLOW, bold=True)
KEYWORD = Style(color=ORANGE)
FUNCTION = Style(color=SKY)
BUILTIN = Style(color=PURPLE)
LITERAL = Style(color=GREEN)
SELECTED = Style(bgcolor="#243447", bold=True)


@dataclass(frozen=True)
class StateStyle:
    """Name, glyph and colours of a state."""

    word: str
    """In the legend."""
    short: str
    """In the table of workers, and in a narrow legend."""
    glyph: str
    style: Style
    faded: Style
    """In the lane of a worker that has ended."""
    tint: str
    """The background colour, also behind the bar of a cell that is partly running, partly in this state."""


def _mix(colour: str, share: float, light_share: float) -> str:
    """This share of the colour, the rest the background's; the same for the light theme is remembered."""
    mixed = _mixed(colour, BACKGROUND, share)
    LIGHT_TEXT[mixed] = LIGHT_BACK[mixed] = _mixed(LIGHT_TEXT[colour], LIGHT_BACKGROUND, light_share)
    return mixed


def _mixed(colour: str, background: str, share: float) -> str:
    pairs = zip(Color.parse(colour).get_truecolor(), Color.parse(background).get_truecolor(), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _state_style(word: str, short: str, glyph: str, colour: str) -> StateStyle:
    tint = _mix(colour, 0.16, 0.16)
    faded = Style(color=_mix(colour, 0.45, 0.6), bgcolor=_mix(colour, 0.08, 0.08))
    return StateStyle(word, short, glyph, Style(color=colour, bgcolor=tint), faded, tint)


STATE_STYLES: dict[State, StateStyle] = {
    State.RUNNING: _state_style("running", "running", "█", GREEN),
    State.RELEASED: _state_style("running without the GIL", "without GIL", "▓", _mix(GREEN, 0.6, 0.75)),
    State.GIL_WAIT: _state_style("waiting for the GIL", "waiting for GIL", "·", ORANGE),
    # Its glyph fills half of the cell: in the full colour it would be brighter than running.
    State.CORE_WAIT: _state_style("waiting for a core", "waiting for core", "▒", _mix(SKY, 0.7, 0.85)),
    State.ASKING: _state_style("asks for the GIL", "asks for GIL", "┊", ORANGE),
    State.IO: _state_style("I/O, sleep", "I/O, sleep", "~", PURPLE),
    State.BLOCKED_WITH_GIL: _state_style("blocked with the GIL", "blocked with GIL", "≈", GREEN),
    State.LOCK: _state_style("waiting for a lock", "waiting for lock", "╳", YELLOW),
    State.STARTING: _state_style("starting", "starting", "»", "#8b96a1"),
    State.WAITING: _state_style("waiting", "waiting", "?", "#8b96a1"),
    State.UNKNOWN: _state_style("unknown", "unknown", "?", "#8b96a1"),
    State.ENDED: StateStyle("ended", "ended", " ", DIM, DIM, BACKGROUND),
}

LEGEND = (State.RUNNING, State.GIL_WAIT, State.CORE_WAIT, State.LOCK, State.IO, State.STARTING)
