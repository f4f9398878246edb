"""What all pickers have in common: a list of values, one of which is chosen now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.launch_settings import LaunchSettings

Value = TypeVar("Value")


class Picker(ModalScreen[Value | None], Generic[Value]):
    """A list to choose from. The result is the chosen value, or None if the screen is closed without a choice."""

    PROMPT: ClassVar[str]

    def __init__(self, settings: LaunchSettings, searching: bool = False) -> None:
        super().__init__()
        self._settings, self._searching = settings, searching

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield OptionList(id="options")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = self.PROMPT
        self.query_one(".dialog").border_subtitle = "Enter chooses · Esc closes"
        self._fill()

    def update(self, settings: LaunchSettings, searching: bool) -> None:
        """Show what there is to choose from now, and whether interpreters are still searched for."""
        self._settings, self._searching = settings, searching
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self.options())
        options.highlighted = self.chosen_index()

    def values(self) -> Sequence[Value]:
        """The values to choose from."""
        raise NotImplementedError

    def option(self, value: Value) -> Option:
        """The line of a value."""
        raise NotImplementedError

    def chosen_index(self) -> int:
        """The index of the value that is chosen now."""
        raise NotImplementedError

    def options(self) -> list[Option]:
        """The lines of the list."""
        return [self.option(value) for value in self.values()]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.values()[event.option_index])


def reasoned_option(name: str, about: str, reason: str | None) -> Option:
    """A value that can be chosen, or, with a reason why not, a dimmed one."""
    text = Text.assemble((name, DIM if reason else BRIGHT), (reason or about, DIM if reason else TEXT))
    return Option(text, disabled=reason is not None)
