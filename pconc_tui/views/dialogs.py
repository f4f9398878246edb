"""The screens that come up over the dashboard: the experiments to choose from, the code, the keys."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pconc_tui.experiments import catalogue, load
from pconc_tui.views import code
from pconc_tui.views.commands import COMMANDS, key_name
from pconc_tui.views.lines import Line
from pconc_tui.views.palette import BRIGHT, DIM, KEY, TEXT


def rich_text(lines: list[Line]) -> Text:
    """Lines as one text for a widget that doesn't change."""
    return Text("\n").join(Text.assemble(*line) for line in lines)


class ExperimentPicker(ModalScreen[str | None]):
    """All experiments, with what to watch in each."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,e,q", "dismiss(None)", "close")]

    def __init__(self, chosen: str) -> None:
        super().__init__()
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield OptionList(
                *(
                    Option(
                        Text.assemble(
                            (f"{each.key:<1} ", KEY),
                            (f"{each.id:<12} ", BRIGHT),
                            (each.title, TEXT),
                            no_wrap=True,
                            overflow="ellipsis",
                        ),
                        id=each.id,
                    )
                    for each in catalogue()
                ),
                id="experiments",
            )
            yield Static(id="watch")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = "Choose an experiment"
        self.query_one(".dialog").border_subtitle = "Enter chooses · Esc closes"
        options = self.query_one(OptionList)
        options.highlighted = options.get_option_index(self._chosen)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        each = load(event.option_id or "")
        runs = f"\n\n{' or '.join(each.models)} · variants: {', '.join(each.variants)}"
        self.query_one("#watch", Static).update(Text.assemble((each.watch, TEXT), (runs, DIM)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def on_key(self, event: events.Key) -> None:
        for each in catalogue():
            if each.key == event.key:
                self.dismiss(each.id)


class Pages(Screen[None]):
    """Text to read, under a title."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,o,question_mark,h,f1,enter", "dismiss(None)", "close")]

    def __init__(self, title: str, content: Text) -> None:
        super().__init__()
        self._title, self._content = title, content

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(self._content)

    def on_mount(self) -> None:
        dialog = self.query_one(".dialog")
        dialog.border_title = self._title
        dialog.border_subtitle = "Esc closes"
        dialog.focus()


def code_pages(id: str, variant: str, width: int) -> Pages:
    """The source that runs, whole."""
    return Pages(load(id).title, rich_text(code.everything(id, variant, width)))


def help_text() -> Text:
    """Every key and what it does, by group."""
    text = Text()
    for group, commands in groupby(COMMANDS, lambda command: command.group):
        text.append(f"{group}\n", BRIGHT)
        for command in commands:
            keys = " ".join(map(key_name, command.keys))
            text.append(f"  {keys:<12}", KEY)
            text.append(f"{command.help}\n", TEXT)
    text.append("Always\n", BRIGHT)
    text.append(f"  {'Ctrl+P':<12}", KEY)
    text.append("Command palette: all of these by name\n", TEXT)
    text.append(f"  {'mouse':<12}", KEY)
    text.append("Click keys, rows, lanes, panel names; the wheel scrolls\n", TEXT)
    return text


def help_pages() -> Pages:
    return Pages("Keys", help_text())
