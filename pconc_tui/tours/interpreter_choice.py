"""Which interpreter runs a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pconc_tui.models import interpreter_problem
from pconc_tui.pythons import Interpreter, newest_first
from pconc_tui.tours.tour import Settings


class NotFoundError(Exception):
    """No interpreter of this machine can run a step; the message says what it needs."""


@dataclass(frozen=True)
class Interpreters:
    """The interpreters of this machine."""

    default: Interpreter
    found: Sequence[Interpreter] = ()
    searching: bool = False
    """Whether others are still being searched for."""

    def choose(self, settings: Settings) -> Interpreter | None:
        """The default one if it can run the step, else the newest that can; None: it may still be found.

        Raises NotFoundError.
        """
        able = (
            each
            for each in (self.default, *newest_first(self.found))
            if settings.python in (None, each.short) and interpreter_problem(settings.model, each) is None
        )
        chosen = next(able, None)
        if chosen is None and not self.searching:
            if settings.python is not None and settings.python not in {each.short for each in self.found}:
                raise NotFoundError(f"Python {settings.python} was not found on this machine")
            remedy = "none was found on this machine"
            raise NotFoundError(interpreter_problem(settings.model, self.default, remedy) or remedy)
        return chosen
