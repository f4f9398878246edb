"""The screen that chooses an experiment."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pconc_tui.experiments import catalogue, load
from pconc_tui.views.palette import BRIGHT, DIM, KEY, TEXT


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
