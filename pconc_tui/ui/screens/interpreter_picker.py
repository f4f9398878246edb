"""The picker of interpreters."""

from __future__ import annotations

import os
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets.option_list import Option

from pconc_tui.pythons import Interpreter, current_interpreter
from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.screens.picker import Picker


class InterpreterPicker(Picker[Interpreter]):
    """All interpreters that were found on this machine."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,i,q", "dismiss(None)", "close")]
    PROMPT = "Choose the interpreter for the next launches"

    def values(self) -> tuple[Interpreter, ...]:
        return self._settings.interpreters or (current_interpreter(),)

    def option(self, value: Interpreter) -> Option:
        return Option(interpreter_line(value))

    def options(self) -> list[Option]:
        others = [Option(Text("searching for others ...", DIM), disabled=True)] if self._searching else []
        return super().options() + others

    def chosen_index(self) -> int:
        paths = [each.path for each in self.values()]
        path = self._settings.interpreter.path
        return paths.index(path) if path in paths else 0


def interpreter_line(each: Interpreter) -> Text:
    """Version, build, GIL, subinterpreters and path."""
    build = "free-threaded" if each.free_threaded_build else "GIL build"
    gil = "GIL off" if not each.gil_enabled else "GIL turned on" if each.free_threaded_build else "GIL on"
    return Text.assemble(
        (f"{each.version:<8}", BRIGHT),
        (f"{build:<14}", TEXT),
        (f"{gil:<14}", TEXT),
        (f"{'subinterpreters' if each.subinterpreters else 'no subinterpreters':<19}", DIM),
        (printable(_short_path(each.path)), DIM),
        no_wrap=True,
        overflow="ellipsis",
    )


def _short_path(path: str) -> str:
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path
