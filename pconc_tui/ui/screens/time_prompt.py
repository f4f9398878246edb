"""Asks for a time in a recording."""

from __future__ import annotations

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from pconc_tui.ui.hints import links
from pconc_tui.ui.screens.overlay import Overlay

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+)(?:[.,](\d{1,9}))?(?: ?s)?", re.ASCII)
EXAMPLES = "83.5 s, 1:23.5 or 0:01:23.500250"


def parse_time(text: str) -> int | None:
    """The nanoseconds of a time such as `83.5`, `1:23.5` or `0:01:23.5`; None: it is none."""
    found = _TIME.fullmatch(text.strip())
    if found is None or len(text) > 40:
        return None
    hours, minutes, seconds, fraction = found.groups("0")
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 10**9 + int(fraction.ljust(9, "0"))


class TimePrompt(ModalScreen[int | None], Overlay[int | None]):
    """A line to type a time in. The result is that in ns since the beginning, or None if it is closed without one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "close")]
    topic = "Recording"

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Go to which time of the recording?"
            dialog.border_subtitle = links("Enter goes there · Esc closes")
            yield Input(placeholder=EXAMPLES, id="time")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        time_ns = parse_time(event.value)
        if time_ns is None:
            self.app.notify(f"{event.value!r} is not a time such as {EXAMPLES}.", severity="warning")
        else:
            self.dismiss(time_ns)
