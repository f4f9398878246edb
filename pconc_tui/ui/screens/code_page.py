"""The whole source of an experiment."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from pconc_tui.experiments import load
from pconc_tui.ui.drawing.lines import Line
from pconc_tui.ui.panels import code
from pconc_tui.ui.screens.page import Page


class CodePage(Page):
    """The source that runs, what to watch, and what the workers of each model share."""

    topic = "Code"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,o,enter", "dismiss(None)", "close")]

    def __init__(self, experiment_id: str, variant: str, model: str) -> None:
        super().__init__(load(experiment_id).title)
        self._experiment_id, self._variant, self._model = experiment_id, variant, model

    def content(self, width: int) -> list[Line]:
        return code.everything(self._experiment_id, self._variant, self._model, width)
