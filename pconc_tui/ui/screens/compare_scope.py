"""Asks what a comparison shall cover, with the time that each choice takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pconc_tui.comparison.scale import estimate_s
from pconc_tui.comparison.scope import Breadth, Offer, Scope
from pconc_tui.text.numbers import UNKNOWN
from pconc_tui.text.printable import printable
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, KEY, TEXT
from pconc_tui.ui.hints import links
from pconc_tui.ui.screens.option_list import SafeOptionList
from pconc_tui.ui.screens.overlay import Overlay
from pconc_tui.ui.screens.pickers import MODELS


@dataclass(frozen=True)
class Choice:
    """A line of the screen."""

    line: Text
    scope: Scope | None = None
    """The scope once the line has been chosen; None: it can't be."""


class ScopeList(SafeOptionList):
    """The lines. Enter starts, wherever the highlight is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "choose"),
        Binding("enter", "screen.start", "start"),
    ]


class CompareScope(ModalScreen[Scope | None], Overlay[Scope | None]):
    """Interpreters, models and numbers of workers. The result is the chosen scope, or None: nothing is compared."""

    topic = "Compare"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,r", "dismiss(None)", "close")]

    def __init__(self, offer: Offer, scope: Scope, run_s: float | None) -> None:
        """`run_s`: about how many seconds a single run takes at scale 1; None: unknown."""
        super().__init__()
        self._offer, self._scope, self._run_s = offer, scope, run_s
        self._choices: list[Choice] = []
        self._list = ScopeList(id="options")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = f"Compare {printable(self._offer.experiment)} · {printable(self._offer.variant)}"
            dialog.border_subtitle = links("Space chooses · Enter starts · Esc closes")
            yield self._list

    def on_mount(self) -> None:
        self._show(self._scope)
        self._list.highlighted = next(at for at, each in enumerate(self._choices) if each.scope == self._scope)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        scope = self._choices[event.option_index].scope
        if event.option_index == len(self._choices) - 1:
            self.action_start()
        elif scope is not None:
            self._show(scope)
            self._list.highlighted = event.option_index

    def action_start(self) -> None:
        """Start the comparison, if there is anything to compare."""
        if self._choices[-1].scope is not None:
            self.dismiss(self._scope)

    def _show(self, scope: Scope) -> None:
        self._scope = scope
        self._choices = [*choices(self._offer, scope, self._run_s)]
        self._list.clear_options()
        self._list.add_options([Option(each.line, disabled=each.scope is None) for each in self._choices])


def choices(offer: Offer, scope: Scope, run_s: float | None) -> Iterator[Choice]:
    """All lines, the last of which starts the comparison."""
    yield _heading("Interpreters", "time of the whole comparison")
    for breadth in Breadth:
        other = replace(scope, breadth=breadth)
        yield _choice(breadth is scope.breadth, "(•)", offer.estimate_s(other, run_s), *_covered(offer, other), other)
    yield _heading("Models", "time of each")
    for model in offer.models:
        name, chosen = f"{model:<17}", model in scope.models
        if offer.coverage(replace(scope, models=frozenset({model}))):
            time_s, other = offer.model_s(scope, model, run_s), scope.with_model_toggled(model)
            yield _choice(chosen, "[x]", time_s, name, MODELS[model], other)
        else:
            where = offer.interpreter.short if scope.breadth is Breadth.THIS else "any interpreter that was found"
            yield Choice(Text(f"{'':12}{name}not under {where}", DIM))
    yield _heading("Workers", "time of the whole comparison")
    for counts, about in zip(offer.worker_counts, ("as chosen", "up to twice the cores", "with a curve"), strict=False):
        name, other = f"{', '.join(map(str, counts)):<17}", replace(scope, workers=counts)
        yield _choice(counts == scope.workers, "(•)", offer.estimate_s(other, run_s), name, about, other)
    yield _start(offer, scope, run_s)


def _heading(name: str, what: str) -> Choice:
    return Choice(Text.assemble((name, BRIGHT), (f" · {what}", DIM)))


def _choice(chosen: bool, mark: str, time_s: float | None, name: str, about: str, scope: Scope) -> Choice:
    mark = mark if chosen else f"{mark[0]} {mark[2]}"
    parts = (f"{mark} ", KEY), (f"{_time(time_s):>6}  ", TEXT), (name, BRIGHT), (about, TEXT)
    return Choice(Text.assemble(*parts), scope)


def _covered(offer: Offer, scope: Scope) -> tuple[str, str]:
    """The interpreters of a scope in words."""
    covered = offer.coverage(scope)
    if scope.breadth is Breadth.THIS:
        return offer.interpreter.short, " alone"
    if scope.breadth is Breadth.ALL:
        return f"all {len(covered)}", ": " + ", ".join(python.short for python in covered)
    others = {python: models for python, models in covered.items() if python != offer.interpreter}
    beside = ", ".join(f"{' and '.join(models)} under {python.short}" for python, models in others.items())
    return offer.interpreter.short, f", {beside}" if beside else ", which can run all of these models"


def _start(offer: Offer, scope: Scope, run_s: float | None) -> Choice:
    try:
        plan = offer.plan(scope)
    except ValueError as error:
        return Choice(Text(str(error), ALERT))
    cases = f"{len(plan.cases)} case{'' if len(plan.cases) == 1 else 's'}"
    words = f"Start: {cases}, {plan.repeat} times each, about {_time(estimate_s(plan, run_s))}"
    return Choice(Text.assemble(("▶ ", KEY), (words, BRIGHT)), scope)


def _time(time_s: float | None) -> str:
    """`28 s`, `4 min`."""
    if time_s is None:
        return UNKNOWN
    return f"{time_s:.0f} s" if time_s < 90 else f"{time_s / 60:.0f} min"
