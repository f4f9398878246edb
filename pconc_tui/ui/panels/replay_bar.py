"""The bar of a recording: that it is one, the position, the speed, and what happened when. A click goes there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.message import Message

from pconc_tui.recording.player import Player
from pconc_tui.text.glossary import Entry
from pconc_tui.text.numbers import position
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import Line, merge_runs, width_of
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, FROZEN, GOOD, KEY, LOAD, TEXT, TROUGH
from pconc_tui.ui.panels.panel import Frame, Panel
from pconc_tui.ui.replay_view import ReplayView

PLAYED, LEFT, HERE = "━", "─", "●"
MARKS: dict[str, tuple[str, Style]] = {
    "deadlock": ("╳", ALERT),
    "measurement": ("◆", GOOD),
    "comparison": ("◇", GOOD),
    "note": ("▪", LOAD),
    "launch": ("▴", KEY),
}
"""The glyph of each kind of mark; of several in a cell, the first of these is shown."""


@dataclass
class RecordingSought(Message):
    """The bar was clicked."""

    position_ns: int


class ReplayBarPanel(Panel):
    """One line; nothing of it is shown where nothing is replayed."""

    name = "Recording"
    area = Area.REPLAY

    def depends_on(self, frame: Frame) -> object:
        return frame.replay

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        return [line(frame.replay, width)] if frame.replay else []

    def clicked(self, frame: Frame, width: int, height: int, x: int, y: int) -> Iterable[Message]:
        if frame.replay is not None:
            start, cells = _place(frame.replay.player, width)
            if 0 <= x - start < cells:
                yield RecordingSought(_time_ns(frame.replay.player, x - start, cells))

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        if frame.replay is not None:
            start, cells = _place(frame.replay.player, sum(map(width_of, lines[:1])))
            here = [each for each in frame.replay.marks if _cell(frame.replay.player, each.time_ns, cells) == x - start]
            if here:
                began_ns = frame.replay.player.began_ns
                said = (f"{position(each.time_ns - began_ns, 1)} {each.text}" for each in here)
                return Entry(here[0].kind, "; ".join(said))
        return super().explained(frame, lines, x, y)


def line(view: ReplayView, width: int) -> Line:
    """`RECORDED ▶ 0:12.3 / 1:00.0 · speed 1 ━━━▴━━●───◆──`."""
    left, (_, cells) = _words(view.player), _place(view.player, width)
    return (*left, *_bar(view, cells), (" ", TEXT))


def _words(player: Player) -> Line:
    decimals = 1 if player.speed >= 1 and player.playing else 3 if player.speed >= 1 / 10 else 6
    whole_ns = player.ended_ns - player.began_ns
    return (
        (" ", TEXT),
        (" RECORDED ", FROZEN),
        (" ▶ " if player.playing else " ‖ ", KEY),
        (position(player.position_ns - player.began_ns, decimals, whole_ns), BRIGHT),
        (f" / {position(whole_ns, 1)} ", DIM),
        (f"{f'speed {player.speed}':<12} ", TEXT),
    )


def _place(player: Player, width: int) -> tuple[int, int]:
    """The column at which the bar begins, and its cells."""
    start = width_of(_words(player))
    return start, max(1, width - start - 1)


def _bar(view: ReplayView, cells: int) -> Line:
    here = _cell(view.player, view.player.position_ns, cells)
    found = [(PLAYED, TEXT) if cell < here else (LEFT, TROUGH) for cell in range(cells)]
    for kind in reversed(MARKS):
        for each in view.marks:
            if each.kind == kind:
                found[_cell(view.player, each.time_ns, cells)] = MARKS[kind]
    found[here] = (HERE, BRIGHT)
    return merge_runs(found)


def _cell(player: Player, time_ns: int, cells: int) -> int:
    whole_ns = max(1, player.ended_ns - player.began_ns)
    return max(0, min(cells - 1, (time_ns - player.began_ns) * (cells - 1) // whole_ns))


def _time_ns(player: Player, cell: int, cells: int) -> int:
    return player.began_ns + (player.ended_ns - player.began_ns) * cell // max(1, cells - 1)
