"""What the screens that choose have in common: a list of values, one of them chosen now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pconc_tui.ui.launch_settings import LaunchSettings

Value = TypeVar("Value")


class Picker(ModalScreen[Value | None], Generic[Value]):
    """A list to choose from; gives the value, or None if it is left."""

    CHOOSES: ClassVar[str]

    def __init__(self, choices: LaunchSettings, looking: bool = False) -> None:
        super().__init__()
        self._choices, self._looking = choices, looking

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield OptionList(id="choices")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = self.CHOOSES
        self.query_one(".dialog").border_subtitle = "Enter chooses · Esc closes"
        self._fill()

    def choose_from(self, choices: LaunchSettings, looking: bool) -> None:
        """Show what there is to choose from."""
        self._choices, self._looking = choices, looking
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self.options())
        options.highlighted = self.place()

    def values(self) -> Sequence[Value]:
        """What there is to choose from."""
        raise NotImplementedError

    def option(self, value: Value) -> Option:
        """How it is shown."""
        raise NotImplementedError

    def place(self) -> int:
        """The place of the value that is chosen now."""
        raise NotImplementedError

    def options(self) -> list[Option]:
        return [self.option(value) for value in self.values()]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.values()[event.option_index])
