"""The help: every key and what it does."""

from __future__ import annotations

from itertools import chain, groupby, zip_longest
from typing import ClassVar

from textual.binding import Binding, BindingType

from pconc_tui.experiments import DIGITS, catalogue
from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, text
from pconc_tui.ui.drawing.palette import BRIGHT, KEY, TEXT
from pconc_tui.ui.experiment_keys import dashboard_keys, list_key
from pconc_tui.ui.key_bindings import CHOOSE, COMMANDS, TOUR_COMMANDS, key_name
from pconc_tui.ui.screens.page import Page

COLUMN_WIDTH = 70
"""Width of a column of keys."""


class HelpPage(Page):
    """All keys, by group. Textual's `HelpPanel` lists them in one narrow column, without groups."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,h,f1,enter", "dismiss(None)", "close")]

    def __init__(self) -> None:
        super().__init__("Keys")

    def content(self, width: int) -> list[Line]:
        return help_lines(width)


def help_lines(width: int) -> list[Line]:
    """Every key and what it does, by group, in two columns where there is room."""
    groups = [
        [
            text(group, BRIGHT),
            *(_entry(" ".join(map(key_name, each.keys)), each.help) for each in commands),
            *(_without_digit() if group == CHOOSE else ()),
            BLANK,
        ]
        for group, commands in groupby((*COMMANDS, *TOUR_COMMANDS), lambda command: command.group)
    ]
    groups.append(
        [
            text("Always", BRIGHT),
            _entry("Ctrl+P", "Command palette: all commands by name"),
            _entry("mouse", "Click keys, rows, lanes, panel names; the wheel scrolls"),
        ]
    )
    if width < 2 * COLUMN_WIDTH + 4:
        return [*chain(*groups)]
    left, right = chain(*groups[:2]), chain(*groups[2:])
    return [(*fit(one, COLUMN_WIDTH), *other) for one, other in zip_longest(left, right, fillvalue=BLANK)]


def _without_digit() -> list[Line]:
    """The experiments that are chosen in the list."""
    others = (each.id for each in catalogue() if list_key(each.id) not in DIGITS)
    return [_entry(dashboard_keys(id), f"Experiment {printable(id)}") for id in others]


def _entry(keys: str, help: str) -> Line:
    return (f"  {keys:<16}", KEY), (help, TEXT)
