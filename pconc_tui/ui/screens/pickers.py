"""The screens that choose a model, a start method, an interpreter: what can't be run is dimmed, with the reason."""

from __future__ import annotations

import os
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets.option_list import Option

from pconc_tui.experiments import ALL_MODELS
from pconc_tui.models import START_METHODS, all_models
from pconc_tui.pythons import Interpreter, current_interpreter
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.ui.screens.picker import Picker

_MODELS = {
    "threads": "threads of one process, which share its GIL",
    "free-threaded": "threads of a build without a GIL",
    "processes": "a process each, with its own interpreter and GIL",
    "interpreters": "an interpreter and a GIL each, in one process",
    "asyncio": "tasks of one thread that take turns at await",
    "thread-pool": "tasks on as many threads as cores",
    "process-pool": "tasks on as many processes as cores",
    "interpreter-pool": "tasks on as many interpreters as cores",
}
_METHODS = {
    "fork": "a copy of the lab's process, with all its memory",
    "forkserver": "a copy of a small process in which all is imported",
    "spawn": "a new interpreter that imports everything anew",
}


class ModelPicker(Picker[str]):
    """All models."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,D,q", "dismiss(None)", "close")]
    CHOOSES = "Choose a model"

    def values(self) -> tuple[str, ...]:
        return all_models(ALL_MODELS)

    def option(self, value: str) -> Option:
        reason = self._choices.reason(value)
        if reason and self._looking:
            reason += " (still looking for interpreters)"
        return _dimmed(f"{value:<17}", _MODELS[value], reason)

    def place(self) -> int:
        return self.values().index(self._choices.model)


class MethodPicker(Picker[str]):
    """All ways to start a process."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,F,q", "dismiss(None)", "close")]
    CHOOSES = "Choose how processes are started"

    def values(self) -> tuple[str, ...]:
        return START_METHODS

    def option(self, value: str) -> Option:
        own = f" (what {self._choices.interpreter.short} does by itself)" if value in self._choices.methods[:1] else ""
        return _dimmed(f"{value:<12}", _METHODS[value] + own, self._choices.wrong_method(value))

    def place(self) -> int:
        return START_METHODS.index(self._choices.start_method or self._choices.methods[0])


class InterpreterPicker(Picker[Interpreter]):
    """All interpreters that were found."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,i,q", "dismiss(None)", "close")]
    CHOOSES = "Choose the interpreter of the next launches"

    def values(self) -> tuple[Interpreter, ...]:
        return self._choices.found or (current_interpreter(),)

    def option(self, value: Interpreter) -> Option:
        return Option(described(value))

    def options(self) -> list[Option]:
        others = [Option(Text("looking for others ...", DIM), disabled=True)] if self._looking else []
        return super().options() + others

    def place(self) -> int:
        paths = [each.path for each in self.values()]
        path = self._choices.interpreter.path
        return paths.index(path) if path in paths else 0


def _dimmed(name: str, about: str, reason: str | None) -> Option:
    """A choice, or why it can't be chosen."""
    text = Text.assemble((name, DIM if reason else BRIGHT), (reason or about, DIM if reason else TEXT))
    return Option(text, disabled=reason is not None)


def described(each: Interpreter) -> Text:
    """Version, build, GIL, subinterpreters and path."""
    build = "free-threaded" if each.free_threaded_build else "GIL build"
    gil = "GIL off" if not each.gil_enabled else "GIL turned on" if each.free_threaded_build else "GIL on"
    return Text.assemble(
        (f"{each.version:<8}", BRIGHT),
        (f"{build:<14}", TEXT),
        (f"{gil:<14}", TEXT),
        (f"{'subinterpreters' if each.subinterpreters else 'no subinterpreters':<19}", DIM),
        (_shortened(each.path), DIM),
        no_wrap=True,
        overflow="ellipsis",
    )


def _shortened(path: str) -> str:
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path
