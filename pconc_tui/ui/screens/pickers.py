"""The pickers of experiments, models, start methods and interpreters."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pconc_tui.experiments import ALL_MODELS, catalogue, load
from pconc_tui.models import START_METHODS, all_models
from pconc_tui.pythons import Interpreter, current_interpreter
from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, KEY, TEXT
from pconc_tui.ui.drawing.themes import Themed
from pconc_tui.ui.experiment_keys import LIST_KEY, list_key, list_keys
from pconc_tui.ui.launch_settings import OWN_MODEL, LaunchSettings
from pconc_tui.ui.screens.picker import Choices, Picker

MODELS = {
    "threads": "threads of one process, which share its GIL",
    "free-threaded": "threads of a build without a GIL",
    "processes": "a process each, with a GIL of its own",
    "interpreters": "a subinterpreter each, with a GIL of its own",
    "asyncio": "tasks of one thread that take turns at await",
    "thread-pool": "tasks on as many threads as cores",
    "process-pool": "tasks on as many processes as cores",
    "interpreter-pool": "tasks on as many subinterpreters as cores",
}
_METHODS = {
    "fork": "a copy of the lab's process, with all its memory",
    "forkserver": "a copy of a small server process with all imports done",
    "spawn": "a new interpreter, which imports everything again",
}


def models(settings: LaunchSettings, searching: bool) -> Choices[str]:
    """All models, and what each shares. Those that can't be run are dimmed, with the reason.

    What is picked is pinned; the last line unpins it.
    """
    names = all_models(ALL_MODELS)
    lines = []
    for model in names:
        reason = settings.model_problem(model)
        if reason and searching:
            reason += " (still searching for interpreters)"
        lines.append(_reasoned(f"{model:<17}", MODELS[model], reason))
    own = f"each experiment in its own: {printable(settings.experiment_id)} in {settings.experiment.models[0]}"
    lines.append(_reasoned(f"{'not pinned':<17}", own, None))
    return Choices((*names, OWN_MODEL), lines, names.index(settings.model))


def start_methods(settings: LaunchSettings, searching: bool) -> Choices[str]:
    """All start methods of `multiprocessing`. Those that the interpreter lacks are dimmed, with the reason."""
    default = next(iter(settings.interpreter.start_methods), None)
    note = f" (the default of {settings.interpreter.short})"
    lines = [
        _reasoned(f"{method:<12}", _METHODS[method] + note * (method == default), settings.start_method_problem(method))
        for method in START_METHODS
    ]
    return Choices(START_METHODS, lines, START_METHODS.index(settings.start_method or default or START_METHODS[0]))


def _reasoned(name: str, about: str, reason: str | None) -> Option:
    """A value that can be chosen, or, with a reason why not, a dimmed one."""
    reason = reason and printable(reason)
    text = Text.assemble((name, DIM if reason else BRIGHT), (reason or about, DIM if reason else TEXT))
    return Option(text, disabled=reason is not None)


def interpreters(settings: LaunchSettings, searching: bool) -> Choices[Interpreter]:
    """All interpreters that were found on this machine."""
    values = settings.interpreters or (current_interpreter(),)
    lines = [Option(interpreter_line(each)) for each in values]
    if searching:
        lines.append(Option(Text("searching for others ...", DIM), disabled=True))
    paths = [each.path for each in values]
    path = settings.interpreter.path
    return Choices(values, lines, paths.index(path) if path in paths else 0)


def interpreter_line(each: Interpreter) -> Text:
    """Version, build, GIL, subinterpreters and path."""
    build = "free-threaded" if each.free_threaded_build else "GIL build"
    gil = "GIL off" if not each.gil_enabled else "GIL turned on" if each.free_threaded_build else "GIL on"
    home = os.path.expanduser("~")
    path = "~" + each.path[len(home) :] if each.path.startswith(home + os.sep) else each.path
    return Text.assemble(
        (f"{each.version:<8}", BRIGHT),
        (f"{build:<14}", TEXT),
        (f"{gil:<14}", TEXT),
        (f"{'subinterpreters' if each.subinterpreters else 'no subinterpreters':<19}", DIM),
        (printable(path), DIM),
    )


def experiments(settings: LaunchSettings, searching: bool) -> Choices[str]:
    """All experiments."""
    values = [each.id for each in catalogue()]
    lines = []
    for each in catalogue():
        key, id = (f"{list_key(each.id):1} ", KEY), (f"{printable(each.id):<12} ", BRIGHT)
        text = Text.assemble(key, id, (printable(each.title), TEXT))
        lines.append(Option(text))
    return Choices(values, lines, values.index(settings.experiment_id))


class ThemedText(Static, Themed):
    """Text in the colours of the palette."""


class ExperimentPicker(Picker[str]):
    """Also shows what to watch in the highlighted experiment, and takes an experiment's key."""

    topic = "Experiments"
    CHOOSING = "Its key or Enter chooses"

    def __init__(self, settings: LaunchSettings, searching: bool) -> None:
        change = LaunchSettings.with_experiment
        super().__init__("Choose an experiment", LIST_KEY, experiments, change, settings, searching)
        self._watch = ThemedText(id="watch")

    def dialog(self) -> ComposeResult:
        yield from super().dialog()
        yield self._watch

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        each = load(self.choices.values[event.option_index])
        about = f"\n\n{' or '.join(each.models)} · variants: {', '.join(map(printable, each.variants))}"
        self._watch.update(Text.assemble((printable(each.watch), TEXT), (about, DIM)))

    def on_key(self, event: events.Key) -> None:
        super().on_key(event)
        if chosen := list_keys().get(event.key):
            self.dismiss(chosen.id)


PICKERS: dict[str, Callable[[LaunchSettings, bool], Picker[Any]]] = {
    "experiment": ExperimentPicker,
    "model": partial(Picker, "Pin a model for all experiments", "D", models, LaunchSettings.with_pinned_model),
    "start method": partial(
        Picker, "Choose the start method for processes", "F", start_methods, LaunchSettings.with_start_method
    ),
    "interpreter": partial(
        Picker, "Choose the interpreter for the next launches", "i", interpreters, LaunchSettings.with_interpreter
    ),
}
