"""Lines of styled runs, which all panels are made of: fit them to a width, wrap them, put a title above them.

A line is a tuple of runs. `rich.text.Text` takes 7 times as long to be cut to a width and made a `Strip`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, dropwhile, groupby
from operator import itemgetter
from textwrap import wrap

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.palette import BORDER, DIM, FOCUS, TEXT, TITLE

Run = tuple[str, Style]
Line = tuple[Run, ...]

BLANK: Line = ()


def text(content: str, style: Style = TEXT) -> Line:
    """A line of one style."""
    return ((content, style),)


def width_of(line: Line) -> int:
    """The cells that the line takes."""
    return sum(cell_len(content) for content, _ in line)


def merge_runs(cells: Iterable[Run]) -> Line:
    """A line in which neighbours of the same style are one run."""
    return tuple(("".join(map(itemgetter(0), run)), style) for style, run in groupby(cells, itemgetter(1)))


def fit(line: Line, width: int) -> Line:
    """The line at exactly this width: padded, or cut with an ellipsis.

    Every line on the screen passes through here, so that no terminal obeys what a function printed.
    """
    # In one piece this takes half the time that it takes run by run.
    whole = "".join([content for content, _ in line])
    if whole.isprintable():
        have = cell_len(whole)
    else:
        line = tuple((printable(content.replace("\t", " ")), style) for content, style in line)
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


def put(line: Line, at: int, run: Run) -> Line:
    """The line, of characters that take a cell each, with this run over what stands at this column."""
    found: list[Run] = []
    here, end, missing = 0, at + len(run[0]), True
    for each in line:
        content, style = each
        until = here + len(content)
        if until <= at or here >= end:
            if here >= end and missing:
                found.append(run)
                missing = False
            found.append(each)
        else:
            if here < at:
                found.append((content[: at - here], style))
            if until >= end:
                found.append(run)
                missing = False
            if until > end:
                found.append((content[end - here :], style))
        here = until
    return (*found, run) if missing else tuple(found)


def push_apart(left: Line, right: Line, width: int) -> Line:
    """One part at the left, the other at the right, which is left out if there is no room for both."""
    gap = width - width_of(left) - width_of(right)
    return fit(left, width) if gap < 2 else (*left, (" " * gap, TEXT), *right)


def center(line: Line, width: int) -> Line:
    """The line in the middle of this width."""
    return ((" " * max(0, (width - width_of(line)) // 2), TEXT), *line)


def wrap_text(content: str, width: int, style: Style = TEXT) -> list[Line]:
    """The text in lines of at most this width."""
    return [text(part, style) for part in wrap(printable(content), max(1, width))]


def wrap_line(line: Line, width: int, indent: int) -> list[Line]:
    """The line in lines of at most this width, broken at spaces and brackets; all but the first indented."""
    cells = [(character, style) for content, style in line for character in content]
    lines: list[Line] = []
    start: list[Run] = []
    while True:
        ends = [*accumulate(cell_len(character) for character, _ in cells)]
        fitting = bisect_right(ends, max(1, width - len(start)))
        if fitting >= len(cells):
            return [*lines, merge_runs([*start, *cells])]
        word = next((at for at, (character, _) in enumerate(cells) if character != " "), 0)
        breaks = (at for at in range(fitting, word, -1) if cells[at][0] == " " or cells[at - 1][0] in " ([{")
        cut = next(breaks, max(1, fitting))
        lines.append(merge_runs([*start, *cells[:cut]]))
        cells = [*dropwhile(lambda cell: cell[0] == " ", cells[cut:])]
        start = [(" ", TEXT)] * indent


def flow(parts: Sequence[Line], width: int, separator: Run = (" · ", DIM), indent: int = 0) -> list[Line]:
    """The parts joined by a separator, in lines of at most this width."""
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
    """A few lines in the middle of an otherwise empty panel."""
    return [BLANK] * max(0, (height - len(lines)) // 2) + [center(line, width) for line in lines]


def add_title(
    lines: Sequence[Line],
    title: Line,
    right: Line,
    width: int,
    height: int,
    boxed: bool,
    focused: bool = False,
) -> list[Line]:
    """The lines below a title, in a box if `boxed`: exactly `height` lines, each exactly `width` cells wide."""
    edge = FOCUS if focused else BORDER
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
    """The size of the body in a frame of this size."""
    return max(0, width - (4 if boxed else 2)), max(0, height - (2 if boxed else 1))


def heading(name: str, *more: str) -> Line:
    """A title: the name, and details."""
    return ((name, TITLE), *((f" · {part}", DIM) for part in more))
