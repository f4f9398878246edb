"""What all pickers have in common: a list of values, one of which is chosen now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.screens.overlay import Overlay

Value = TypeVar("Value")


class PickerList(OptionList):
    """A list in which PageUp and PageDown do nothing before it is laid out; in `OptionList` they raise KeyError."""

    def action_page_up(self) -> None:
        with suppress(LookupError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        with suppress(LookupError):
            super().action_page_down()  # type: ignore[no-untyped-call]


class Picker(ModalScreen[Value | None], Overlay[Value | None], Generic[Value]):
    """A list to choose from. The result is the chosen value, or None if the screen is closed without a choice."""

    PROMPT: ClassVar[str]

    def __init__(self, settings: LaunchSettings, searching: bool = False) -> None:
        super().__init__()
        self._settings, self._searching = settings, searching

        self._list = PickerList(id="options")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self.PROMPT
            dialog.border_subtitle = "Enter chooses · Esc closes"
            yield from self.dialog()

    def dialog(self) -> ComposeResult:
        """The widgets in the box."""
        yield self._list

    def on_mount(self) -> None:
        self._fill()

    def update(self, settings: LaunchSettings, searching: bool) -> None:
        """Show what there is to choose from now, and whether interpreters are still searched for."""
        self._settings, self._searching = settings, searching
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        self._list.clear_options()
        self._list.add_options(self.options())
        self._list.highlighted = self.chosen_index()

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
    reason = reason and printable(reason)
    text = Text.assemble((name, DIM if reason else BRIGHT), (reason or about, DIM if reason else TEXT))
    return Option(text, disabled=reason is not None)
