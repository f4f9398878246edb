"""What can be requested of the monitor: a launch or a measurement, a comparison, and the error that refuses one."""

from __future__ import annotations

from dataclasses import dataclass

from pconc_tui.models import model_label
from pconc_tui.pythons import Interpreter


class RequestError(Exception):
    """A request can't be carried out; the message says what to do about it."""


@dataclass(frozen=True)
class Request:
    """Which code to run and how: one more worker, or a measurement of one run and N runs."""

    experiment: str
    """The experiment's id, or the user's own function, `module:function` or `file.py:function`."""
    variant: str
    model: str
    workers: int = 1
    """N, the number of workers of the N runs, 1 to 256."""
    scale: float = 1.0
    """The part of the experiment's work that each worker does; 1 is all of it."""
    python: str | None = None
    """Path of the interpreter that runs the workers; None: the monitor's default interpreter."""
    start_method: str | None = None
    """The start method of the workers' processes; None: the interpreter's default start method."""
    calls: int = 1
    """How often each worker calls the user's own function; 1 for an experiment."""
    single_run: bool = True
    """Whether a measurement makes the one run; without it there is no ratio."""


@dataclass(frozen=True)
class Case:
    """A row of a comparison: a model under an interpreter, with a number of workers."""

    model: str
    python: Interpreter
    workers: int
    start_method: str | None = None
    """As in `Request`."""

    @property
    def name(self) -> str:
        """The model, with its start method where one was requested: `processes by spawn`."""
        return model_label(self.model, self.start_method)


@dataclass(frozen=True)
class Skipped:
    """A requested combination that can't run, with the reason."""

    model: str
    python: Interpreter
    reason: str


@dataclass(frozen=True)
class Plan:
    """A comparison: cases that are measured `repeat` times, in rounds, so that drift affects all of them alike."""

    experiment: str
    variant: str
    cases: tuple[Case, ...]
    repeat: int
    scale: float | None
    """As in `Request`; None: a trial run determines it, so that the comparison takes about a minute."""
    cores: float
    """The number of cores that the workers may use; a quota may allow a fraction."""
    needs_core: bool
    """Whether the work needs a core all the time, so that more workers than cores take longer."""
    skipped: tuple[Skipped, ...] = ()
    calls: int = 1
    """As in `Request`."""
    single_run: bool = True
    """As in `Request`."""

    @property
    def steps(self) -> tuple[Case, ...]:
        """The measurements, in order."""
        return self.cases * self.repeat
