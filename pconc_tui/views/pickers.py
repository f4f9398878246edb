"""The screens that choose a model and an interpreter: what can't be run is dimmed, with the reason."""

from __future__ import annotations

import os
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pconc_tui.experiments import ALL_MODELS
from pconc_tui.interpreters import Interpreter, own
from pconc_tui.models import START_METHODS, all_models
from pconc_tui.views.choices import Choices
from pconc_tui.views.palette import BRIGHT, DIM, TEXT

Chosen = TypeVar("Chosen")

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


class Picker(ModalScreen[Chosen | None], Generic[Chosen]):
    """A list to choose from."""

    CHOOSES: ClassVar[str]

    def __init__(self, choices: Choices, looking: bool = False) -> None:
        super().__init__()
        self._choices, self._looking = choices, looking

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield OptionList(id="choices")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = self.CHOOSES
        self.query_one(".dialog").border_subtitle = "Enter chooses · Esc closes"
        self._fill()

    def choose_from(self, choices: Choices, looking: bool) -> None:
        """Show what there is to choose from."""
        self._choices, self._looking = choices, looking
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self.options())
        options.highlighted = self.place()

    def options(self) -> list[Option]:
        raise NotImplementedError

    def place(self) -> int:
        """The option that is chosen now."""
        raise NotImplementedError


class ModelPicker(Picker[str]):
    """All models."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,D,q", "dismiss(None)", "close")]
    CHOOSES = "Choose a model"
    NAMES = all_models(ALL_MODELS)

    def options(self) -> list[Option]:
        return [self._option(name) for name in self.NAMES]

    def _option(self, name: str) -> Option:
        reason = self._choices.reason(name)
        if reason and self._looking:
            reason += " (still looking for interpreters)"
        style = DIM if reason else BRIGHT
        text = Text.assemble((f"{name:<17}", style), (reason or _MODELS[name], DIM if reason else TEXT))
        return Option(text, id=name, disabled=reason is not None)

    def place(self) -> int:
        return self.NAMES.index(self._choices.model)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class MethodPicker(Picker[str]):
    """All ways to start a process."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,F,q", "dismiss(None)", "close")]
    CHOOSES = "Choose how processes are started"

    def options(self) -> list[Option]:
        return [self._option(name) for name in START_METHODS]

    def _option(self, name: str) -> Option:
        reason = self._choices.wrong_method(name)
        own = f" (what {self._choices.interpreter.short} does by itself)" if name in self._choices.methods[:1] else ""
        about = (reason or _METHODS[name] + own, DIM if reason else TEXT)
        return Option(Text.assemble((f"{name:<12}", DIM if reason else BRIGHT), about), id=name, disabled=bool(reason))

    def place(self) -> int:
        return START_METHODS.index(self._choices.start_method or self._choices.methods[0])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class InterpreterPicker(Picker[Interpreter]):
    """All interpreters that were found."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,i,q", "dismiss(None)", "close")]
    CHOOSES = "Choose the interpreter of the next launches"

    def _known(self) -> tuple[Interpreter, ...]:
        return self._choices.found or (own(),)

    def options(self) -> list[Option]:
        options = [Option(described(each)) for each in self._known()]
        if self._looking:
            options.append(Option(Text("looking for others ...", DIM), disabled=True))
        return options

    def place(self) -> int:
        paths = [each.path for each in self._known()]
        path = self._choices.interpreter.path
        return paths.index(path) if path in paths else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._known()[event.option_index])


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
