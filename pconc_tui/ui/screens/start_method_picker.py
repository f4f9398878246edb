"""The picker of start methods. Those that the interpreter lacks are dimmed, with the reason."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets.option_list import Option

from pconc_tui.models import START_METHODS
from pconc_tui.ui.screens.picker import Picker, reasoned_option

_METHODS = {
    "fork": "a copy of the lab's process, with all its memory",
    "forkserver": "a copy of a small server process with all imports done",
    "spawn": "a new interpreter, which imports everything again",
}


class StartMethodPicker(Picker[str]):
    """All start methods of `multiprocessing`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,F,q", "dismiss(None)", "close")]
    PROMPT = "Choose the start method for processes"

    def values(self) -> tuple[str, ...]:
        return START_METHODS

    def option(self, value: str) -> Option:
        settings = self._settings
        default = f" (the default of {settings.interpreter.short})" if value in settings.start_methods[:1] else ""
        return reasoned_option(f"{value:<12}", _METHODS[value] + default, settings.start_method_problem(value))

    def chosen_index(self) -> int:
        return START_METHODS.index(self._settings.start_method or self._settings.start_methods[0])
