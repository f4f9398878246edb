"""A screen over the dashboard with a list of values, one of which is chosen now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pconc_tui.ui.hints import links
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.screens.option_list import SafeOptionList
from pconc_tui.ui.screens.overlay import Overlay

Value = TypeVar("Value")


@dataclass(frozen=True)
class Choices(Generic[Value]):
    """What there is to choose from."""

    values: Sequence[Value]
    lines: Sequence[Option]
    """The line of each value; lines after these can't be chosen."""
    chosen: int
    """The index of the value that is chosen now."""


class Picker(ModalScreen[Value | None], Overlay[Value | None], Generic[Value]):
    """A list to choose from. The result is the chosen value, or None if the screen is closed without a choice."""

    CHOOSING: ClassVar[str] = "Enter chooses"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "close")]

    def __init__(
        self,
        prompt: str,
        key: str,
        offer: Callable[[LaunchSettings, bool], Choices[Value]],
        change: Callable[[LaunchSettings, Value], LaunchSettings],
        settings: LaunchSettings,
        searching: bool,
    ) -> None:
        """`key` opens the picker and closes it; `offer` makes the choices of settings, and of whether interpreters are
        still searched for; `change` changes the settings to the picked value.
        """
        super().__init__(name=prompt)
        self.change = change
        self._prompt, self._key, self._offer = prompt, key, offer
        self.choices = offer(settings, searching)
        self._list = SafeOptionList(id="options")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._prompt
            dialog.border_subtitle = links(f"{self.CHOOSING} · Esc closes")
            yield from self.dialog()

    def dialog(self) -> ComposeResult:
        """The widgets in the box."""
        yield self._list

    def on_mount(self) -> None:
        self._fill()

    def update(self, settings: LaunchSettings, searching: bool) -> None:
        """Show what there is to choose from now."""
        self.choices = self._offer(settings, searching)
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        self._list.clear_options()
        self._list.add_options(self.choices.lines)
        self._list.highlighted = self.choices.chosen

    def on_key(self, event: events.Key) -> None:
        if event.key == self._key:
            self.dismiss(None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.choices.values[event.option_index])
