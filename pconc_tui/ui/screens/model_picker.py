"""The picker of models. Those that can't be run are dimmed, with the reason."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets.option_list import Option

from pconc_tui.experiments import ALL_MODELS
from pconc_tui.models import all_models
from pconc_tui.ui.screens.picker import Picker, reasoned_option

_MODELS = {
    "threads": "threads of one process, which share its GIL",
    "free-threaded": "threads of a build without a GIL",
    "processes": "a process each, with its own interpreter and GIL",
    "interpreters": "a subinterpreter with its own GIL each, in one process",
    "asyncio": "tasks of one thread that take turns at await",
    "thread-pool": "tasks on as many threads as cores",
    "process-pool": "tasks on as many processes as cores",
    "interpreter-pool": "tasks on as many subinterpreters as cores",
}


class ModelPicker(Picker[str]):
    """All models, and what each shares."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,D,q", "dismiss(None)", "close")]
    PROMPT = "Choose a model"

    def values(self) -> tuple[str, ...]:
        return all_models(ALL_MODELS)

    def option(self, value: str) -> Option:
        reason = self._settings.model_problem(value)
        if reason and self._searching:
            reason += " (still searching for interpreters)"
        return reasoned_option(f"{value:<17}", _MODELS[value], reason)

    def chosen_index(self) -> int:
        return self.values().index(self._settings.model)
