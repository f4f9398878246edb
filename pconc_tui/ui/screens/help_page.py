"""The help, in three pages: what is seen on the screen, all keys, all experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, groupby, zip_longest
from typing import ClassVar, NamedTuple

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType

from pconc_tui.experiments import DIGITS, catalogue
from pconc_tui.text.glossary import TOPICS, Entry
from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, text, wrap_text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, FOCUS, KEY, STATE_STYLES, TEXT, TITLE
from pconc_tui.ui.experiment_keys import dashboard_keys, list_key
from pconc_tui.ui.hints import ESC_CLOSES, hint
from pconc_tui.ui.key_bindings import ALL_COMMANDS, CHOOSE, key_name
from pconc_tui.ui.screens.page import Page

COLUMN_WIDTH = 70
"""Width of a column of keys."""
SIGN_WIDTH, NARROW_SIGN_WIDTH = 25, 16
"""Columns of what is explained; the narrow one below 70 columns."""
EXPERIMENTS = "Experiments"
_GLYPHS = {style.word: (style.glyph, style.style) for style in STATE_STYLES.values()}


class HelpPage(Page):
    """Opens at what is in front. Textual's `HelpPanel` lists keys in one narrow column, without groups."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,h,f1,enter", "dismiss(None)", "close"),
        Binding("tab,right", "turn(1)", "next page"),
        Binding("shift+tab,left", "turn(-1)", "page before"),
    ]

    keys = (*hint("tab", " turns the page  "), *ESC_CLOSES)

    def __init__(self) -> None:
        super().__init__("Help")
        self._number = 0
        self._topic = ""

    def open_at(self, topic: str) -> None:
        """Show the page of this topic, and its lines first; empty: the beginning."""
        self._number = TABS.index(next((tab for tab in TABS if tab.name == topic), TABS[0]))
        self._topic = topic
        self._scroll = 0

    def on_mount(self) -> None:
        self._go_to_topic()

    def on_screen_resume(self) -> None:
        self._go_to_topic()

    def _go_to_topic(self) -> None:
        content = self._content(min(self.size.width, self.max_width), self.size.height)
        if text(self._topic, BRIGHT) in content:
            self._scroll = content.index(text(self._topic, BRIGHT))
        self._topic = ""
        self.draw()

    def title_line(self) -> Line:
        line: Line = BLANK
        for number, tab in enumerate(TABS):
            style = TITLE + FOCUS if number == self._number else DIM
            line = (*line, ("▸" if number == self._number else " ", style), (f"{tab.name} ", style))
        return line

    def content(self, width: int) -> list[Line]:
        return TABS[self._number].lines(width)

    def action_turn(self, by: int) -> None:
        self._show((self._number + by) % len(TABS))

    def on_click(self, event: events.Click) -> None:
        start = self._view.region.x + 2
        for number, tab in enumerate(TABS):
            if event.screen_y == 0 and start <= event.screen_x <= start + len(tab.name):
                self._show(number)
            start += len(tab.name) + 2

    def _show(self, number: int) -> None:
        self._number, self._scroll = number, 0
        self.draw()


@lru_cache(maxsize=4)
def seen_lines(width: int) -> list[Line]:
    """What each panel and page shows, in a line for each sign where there is room."""
    found: list[Line] = []
    for topic in TOPICS:
        found += [text(topic.name, BRIGHT), *_indented(topic.about, width, DIM)]
        for entry in topic.entries:
            found += _explained(entry, width)
        found.append(BLANK)
    return found


def _explained(entry: Entry, width: int) -> Iterator[Line]:
    room = SIGN_WIDTH if width >= 70 else NARROW_SIGN_WIDTH
    glyph, style = _GLYPHS.get(entry.sign, (" ", TEXT))
    meaning = wrap_text(entry.meaning, width - room - 4)
    indent = text(" " * (room + 4))
    sign: Line = (("  ", TEXT), (glyph, style), (f" {entry.sign:<{room}}", KEY))
    if len(entry.sign) >= room:
        yield sign
        sign = indent
    for row, line in enumerate(meaning):
        yield (*(sign if row == 0 else indent), *line)


def _indented(content: str, width: int, style: Style = TEXT) -> list[Line]:
    return [(("  ", TEXT), *line) for line in wrap_text(content, width - 2, style)]


@lru_cache(maxsize=4)
def key_lines(width: int) -> list[Line]:
    """Every key and what it does, by group, in two columns where there is room."""
    groups = [
        [
            text(group, BRIGHT),
            *(_entry(" ".join(map(key_name, each.keys)), each.help) for each in commands),
            *(_without_digit() if group == CHOOSE else ()),
            BLANK,
        ]
        for group, commands in groupby(ALL_COMMANDS, lambda command: command.group)
    ]
    groups.append(
        [
            text("Always", BRIGHT),
            _entry("Ctrl+P", "Command palette: all commands by name"),
            _entry("mouse", "Click keys, rows, lanes, panel names; the wheel scrolls"),
            _entry("drag", "Select text, which Ctrl+C then copies"),
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


def experiment_lines(width: int) -> list[Line]:
    """Every experiment: its key, what to watch in it, its models and variants."""
    found: list[Line] = []
    for each in catalogue():
        found.append(((f"{dashboard_keys(each.id)} ", KEY), (printable(each.id), BRIGHT)))
        found += _indented(each.title, width, BRIGHT)
        found += _indented(each.watch, width)
        found += _indented(f"{', '.join(each.models)} · variants: {', '.join(each.variants)}", width, DIM)
        found.append(BLANK)
    return found


class _Tab(NamedTuple):
    name: str
    lines: Callable[[int], list[Line]]


TABS = (_Tab("What you see", seen_lines), _Tab("Keys", key_lines), _Tab(EXPERIMENTS, experiment_lines))
