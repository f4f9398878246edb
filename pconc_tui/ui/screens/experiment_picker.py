"""The picker of experiments, which also shows what to watch in each."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pconc_tui.experiments import catalogue, load
from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, KEY, TEXT
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.screens.picker import Picker


class ExperimentPicker(Picker[str]):
    """All experiments."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,e,q", "dismiss(None)", "close")]
    PROMPT = "Choose an experiment"

    def __init__(self, settings: LaunchSettings, searching: bool = False) -> None:
        super().__init__(settings, searching)
        self._watch = Static(id="watch")

    def dialog(self) -> ComposeResult:
        yield from super().dialog()
        yield self._watch

    def values(self) -> tuple[str, ...]:
        return tuple(each.id for each in catalogue())

    def option(self, value: str) -> Option:
        each = load(value)
        key, id = (f"{each.key:<1} ", KEY), (f"{printable(each.id):<12} ", BRIGHT)
        return Option(Text.assemble(key, id, (printable(each.title), TEXT), no_wrap=True, overflow="ellipsis"))

    def chosen_index(self) -> int:
        return self.values().index(self._settings.experiment_id)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        each = load(self.values()[event.option_index])
        models = f"\n\n{' or '.join(each.models)} · variants: {', '.join(map(printable, each.variants))}"
        self._watch.update(Text.assemble((printable(each.watch), TEXT), (models, DIM)))

    def on_key(self, event: events.Key) -> None:
        for each in catalogue():
            if each.key == event.key:
                self.dismiss(each.id)
