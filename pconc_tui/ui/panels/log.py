"""The log's lines: what the workers printed, in the order in which they did, with time and worker."""

from __future__ import annotations

from pconc_tui.snapshot import LogLine
from pconc_tui.text.numbers import whole
from pconc_tui.ui.drawing.lines import BLANK, Line, middle, plain, text, wrapped
from pconc_tui.ui.drawing.palette import DIM, KEY, TEXT

EMPTY: Line = (("Nothing printed yet. ", DIM), ("3 t", KEY), (" prints", DIM))


INDENT = 19


def entry_lines(entry: LogLine, width: int) -> list[Line]:
    """One printed line, on more lines of the panel where it is longer than those."""
    name = entry.worker if len(entry.worker) <= 10 else entry.worker.replace("Process-", "Proc-")
    start: Line = ((f"{entry.t_s:>7.3f} ", DIM), (f"{name[:10]:<10} ", DIM))
    parts = wrapped(plain(entry.text), width - INDENT) or [BLANK]
    return [(*start, *parts[0]), *((((" " * INDENT), TEXT), *part) for part in parts[1:])]


def lines(log: tuple[LogLine, ...], dropped: int, back: int, width: int, height: int) -> list[Line]:
    """The last lines, or those `back` lines before."""
    if not log:
        return middle([EMPTY], width, height)
    lost = [text(f"{whole(dropped)} lines were printed too fast to be kept", DIM)] if dropped else []
    rows = max(0, height - len(lost))
    found: list[Line] = []
    for entry in reversed(log[: max(min(len(log), rows), len(log) - back)]):
        found = entry_lines(entry, width) + found
        if len(found) >= rows:
            break
    return [*found[-rows:], *lost]
