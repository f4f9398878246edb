"""Lines of styled runs, which all panels are made of: joining, fitting to a width, wrapping, framing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from textwrap import wrap

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from pconc_tui.ui.drawing.palette import DIM, FOCUS, FRAME, KEY, TEXT, TITLE

Run = tuple[str, Style]
Line = tuple[Run, ...]

BLANK: Line = ()
ESC_CLOSES: Line = (("Esc", KEY), (" closes", DIM))

_UNPRINTABLE = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), "·")
_UNPRINTABLE[9] = " "


def printable(text: str) -> str:
    """Text from outside as one line that can't move the cursor."""
    return text.translate(_UNPRINTABLE)


def text(content: str, style: Style = TEXT) -> Line:
    return ((content, style),)


def width_of(line: Line) -> int:
    return sum(cell_len(content) for content, _ in line)


def merge_runs(cells: Iterable[Run]) -> Line:
    """Neighbours of one style as one run."""
    return tuple(("".join(map(itemgetter(0), run)), style) for style, run in groupby(cells, itemgetter(1)))


def fit(line: Line, width: int) -> Line:
    """Cut, with an ellipsis, or padded to exactly this width."""
    have = width_of(line)
    if have == width:
        return line
    if have < width:
        return (*line, (" " * (width - have), TEXT))
    runs: list[Run] = []
    room = width - 1
    for content, style in line:
        size = cell_len(content)
        if size > room:
            runs.append((set_cell_size(content, room) + "…", style))
            break
        runs.append((content, style))
        room -= size
    return tuple(runs) if width > 0 else BLANK


def push_apart(left: Line, right: Line, width: int) -> Line:
    """One part at the left, the other at the right; the right one goes if there is no room for both."""
    gap = width - width_of(left) - width_of(right)
    return fit(left, width) if gap < 2 else (*left, (" " * gap, TEXT), *right)


def center(line: Line, width: int) -> Line:
    return ((" " * max(0, (width - width_of(line)) // 2), TEXT), *line)


def wrap_text(content: str, width: int, style: Style = TEXT) -> list[Line]:
    return [text(part, style) for part in wrap(content, max(1, width))]


def flow(parts: Sequence[Line], width: int, separator: Run = (" · ", DIM), indent: int = 0) -> list[Line]:
    """Parts joined by a separator, on as many lines as they need."""
    lines: list[Line] = []
    line: Line = BLANK
    for part in parts:
        longer = (*line, separator, *part) if line else part
        if line and width_of(longer) > width:
            lines.append(line)
            longer = ((" " * indent, TEXT), *part)
        line = longer
    return [*lines, line] if line else lines


def center_block(lines: Sequence[Line], width: int, height: int) -> list[Line]:
    """A few lines in the middle of an empty panel."""
    return [BLANK] * max(0, (height - len(lines)) // 2) + [center(line, width) for line in lines]


def add_frame(
    lines: Sequence[Line],
    title: Line,
    right: Line,
    width: int,
    height: int,
    boxed: bool,
    focused: bool = False,
) -> list[Line]:
    """A panel's lines under its title, in a box where there is room for one, each exactly as wide as the panel."""
    edge = FOCUS if focused else FRAME
    start, end = ("╭", "╮") if boxed else ("─", "─")
    left, right_side = ("│ ", " │") if boxed else (" ", " ")
    room = width - 4 - width_of(title)
    right = right if right and width_of(right) + 3 <= room else BLANK
    rule = room - (width_of(right) + 3 if right else 0)
    head: Line = (
        (start + " ", edge),
        *fit(title, min(width_of(title), width - 4)),
        (" " + "─" * max(0, rule), edge),
        *(((" ", edge), *right, (" ─", edge)) if right else BLANK),
        (end, edge),
    )
    inner = inner_size(width, height, boxed)
    body: list[Line] = [
        ((left, edge), *fit(lines[row] if row < len(lines) else BLANK, inner[0]), (right_side, edge))
        for row in range(inner[1])
    ]
    foot: list[Line] = [(("╰" + "─" * (width - 2) + "╯", edge),)] if boxed else []
    return [head, *body, *foot][:height]


def inner_size(width: int, height: int, boxed: bool) -> tuple[int, int]:
    """What a frame of this size leaves for its lines."""
    return max(0, width - (4 if boxed else 2)), max(0, height - (2 if boxed else 1))


def heading(name: str, *more: str) -> Line:
    """A panel's title: its name, and what belongs to it."""
    return ((name, TITLE), *((f" · {part}", DIM) for part in more))
