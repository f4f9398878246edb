"""Asks for a function of the person who takes a tour."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from pconc_tui.ui.hints import links
from pconc_tui.ui.screens.overlay import Overlay


class FunctionPrompt(ModalScreen[str | None], Overlay[str | None]):
    """A line to type a function's name in. The result is that, or None if the screen is closed without one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "close")]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Which function of yours?"
            dialog.border_subtitle = links("Enter goes on · Esc closes")
            yield Input(placeholder="module:function or path/to/file.py:function", id="function")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)
