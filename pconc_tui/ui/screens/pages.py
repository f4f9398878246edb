"""Pages to read: the keys, and the code of an experiment."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, groupby, zip_longest
from typing import ClassVar

from textual.binding import Binding, BindingType

from pconc_tui.experiments import load
from pconc_tui.ui.commands import COMMANDS, key_name
from pconc_tui.ui.drawing.lines import BLANK, ESC_CLOSES, Line, fitted, framed, heading, inner_size, text
from pconc_tui.ui.drawing.palette import BRIGHT, KEY, TEXT
from pconc_tui.ui.panels import code
from pconc_tui.ui.screens.reader import Reader

COLUMN = 70
"""The width of a column of keys."""
WIDEST = 150


class Page(Reader):
    """Lines under a title, which any key closes that could have opened them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,o,question_mark,h,f1,enter", "dismiss(None)", "close")]

    def __init__(self, title: str, write: Callable[[int], list[Line]]) -> None:
        super().__init__()
        self._title, self._write = title, write

    def lines(self, back: int, width: int, height: int) -> list[Line]:
        wide = min(width, WIDEST)
        margin = text(" " * ((width - wide) // 2))
        page = framed(self._inside(width, height)[back:], heading(self._title), ESC_CLOSES, wide, height, True, True)
        return [fitted((*margin, *line), width) for line in page]

    def length(self, width: int, height: int) -> int:
        return max(0, len(self._inside(width, height)) - inner_size(width, height, True)[1])

    def _inside(self, width: int, height: int) -> list[Line]:
        return self._write(inner_size(min(width, WIDEST), height, True)[0])


def code_page(id: str, variant: str, model: str) -> Page:
    """The source that runs, whole."""
    return Page(load(id).title, lambda width: code.everything(id, variant, model, width))


def help_page() -> Page:
    """Every key and what it does."""
    return Page("Keys", help_lines)


def help_lines(width: int) -> list[Line]:
    """Every key and what it does, by group, in two columns where there is room."""
    groups = [
        [text(group, BRIGHT), *(_key(" ".join(map(key_name, each.keys)), each.help) for each in commands), BLANK]
        for group, commands in groupby(COMMANDS, lambda command: command.group)
    ]
    groups.append(
        [
            text("Always", BRIGHT),
            _key("Ctrl+P", "Command palette: all of these by name"),
            _key("mouse", "Click keys, rows, lanes, panel names; the wheel scrolls"),
        ]
    )
    if width < 2 * COLUMN + 4:
        return [*chain(*groups)]
    left, right = chain(*groups[:2]), chain(*groups[2:])
    return [(*fitted(one, COLUMN), *other) for one, other in zip_longest(left, right, fillvalue=BLANK)]


def _key(keys: str, what: str) -> Line:
    return (f"  {keys:<16}", KEY), (what, TEXT)
