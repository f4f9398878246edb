"""What the person has chosen: experiment, variant, model, how many workers. Immutable; each change gives a new one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pconc_tui.experiments import LOCKED, Experiment, catalogue, load
from pconc_tui.models import (
    FREE_THREADED,
    STARTING_PROCESSES,
    all_models,
    interpreter_problem,
    lab_model,
    start_method_problem,
)
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.pythons import Interpreter, current_interpreter, newest_free_threaded
from pconc_tui.requests import Request, RequestError

if TYPE_CHECKING:
    from pconc_tui.requests import Plan

WORKERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256)
SWITCH_MS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
ANOTHER = "choose another with i"


def stepped(values: tuple[float, ...], value: float, by: int) -> float:
    """The next value up or down."""
    index = bisect_right(values, value) if by > 0 else bisect_left(values, value) - 1
    return values[max(0, min(index, len(values) - 1))]


@dataclass(frozen=True)
class LaunchSettings:
    """What the next launch or measurement runs."""

    id: str = "cpu-bound"
    variant: str = "calls"
    model: str = "threads"
    workers: int = 4
    start_method: str | None = None
    """How the next processes are started; None: as their interpreter does by itself."""
    chosen: Interpreter | None = None
    """The interpreter of the next launches; None: the program's own."""
    found: tuple[Interpreter, ...] = ()
    """What there is to choose from; nothing before it has been looked for."""

    @property
    def experiment(self) -> Experiment:
        return load(self.id)

    def with_experiment(self, id: str) -> LaunchSettings:
        """Another experiment, in the model chosen before where it exists there, or in the one that it is about."""
        experiment = load(id)
        if id == self.id:
            return self
        about_threads = experiment.models[0] == "threads"
        model = self.model if about_threads and lab_model(self.model) in experiment.models else experiment.models[0]
        return replace(self, id=id, variant=experiment.variant, model=model)

    def with_key(self, key: str) -> LaunchSettings:
        """The experiment of a digit."""
        for experiment in catalogue():
            if experiment.key == key:
                return self.with_experiment(experiment.id)
        raise RequestError(f"There is no experiment {key}. Press e to see them all.")

    def with_model(self, model: str) -> LaunchSettings:
        """The model asked for, or why not."""
        if reason := self.reason(model):
            raise RequestError(reason)
        return replace(self, model=model)

    def next_model(self) -> LaunchSettings:
        """The next one that can be run."""
        models = [model for model in all_models(self.experiment.models) if self.reason(model) is None]
        others = models[models.index(self.model) + 1 :] + models if self.model in models else models
        if not others or others[0] == self.model:
            raise RequestError(self._only(self.model))
        return replace(self, model=others[0])

    def reason(self, model: str) -> str | None:
        """Why the model can't be launched; None: it can."""
        if lab_model(model) not in self.experiment.models:
            models = " or ".join(self.experiment.models)
            return f"{self.id} runs as {models} only: it shows what {'these' if len(models) > 2 else models} share."
        return interpreter_problem(model, self._runner(model), ANOTHER)

    def _only(self, models: str) -> str:
        if len(self.experiment.models) < 3:
            return f"{self.id} runs as {models} only: it shows what {models} share."
        return f"{self.id} runs as {models} only under {self.interpreter.short}."

    @property
    def interpreter(self) -> Interpreter:
        return self.chosen or current_interpreter()

    @property
    def runner(self) -> Interpreter:
        """The interpreter that runs the chosen model: another one where that needs a free-threaded build."""
        return self._runner(self.model)

    def _runner(self, model: str) -> Interpreter:
        if model == FREE_THREADED and interpreter_problem(model, self.interpreter):
            return newest_free_threaded(self.found) or self.interpreter
        return self.interpreter

    @property
    def python(self) -> str | None:
        """What the bench is to be told; None: its own."""
        return None if self.runner.path == current_interpreter().path else self.runner.path

    def with_interpreter(self, interpreter: Interpreter) -> LaunchSettings:
        """Another interpreter, and the first model that it can run where it can't run the chosen one."""
        other = replace(self, chosen=interpreter)
        if self.start_method and other.wrong_method(self.start_method):
            other = replace(other, start_method=None)
        if other.reason(other.model) is None:
            return other
        return replace(
            other, model=next((each for each in self.experiment.models if not other.reason(each)), self.model)
        )

    @property
    def methods(self) -> tuple[str, ...]:
        """How the interpreter can start processes, the one it uses by itself first."""
        return self.interpreter.start_methods

    @property
    def asked_method(self) -> str | None:
        """What the bench is to be told of it; None: nothing, as the interpreter does it by itself or has no need to."""
        own = self.start_method in (None, *self.methods[:1])
        return None if own or self.model not in STARTING_PROCESSES else self.start_method

    def wrong_method(self, method: str) -> str | None:
        """Why processes can't be started like this; None: they can."""
        reason = start_method_problem(method, STARTING_PROCESSES[0], self.interpreter)
        return reason and f"{reason}; {ANOTHER}"

    def with_method(self, method: str) -> LaunchSettings:
        """Processes started like this, or why not."""
        if reason := self.wrong_method(method):
            raise RequestError(reason)
        return replace(self, start_method=method)

    def next_method(self) -> LaunchSettings:
        """The next way to start processes."""
        at = self.methods.index(self.start_method) if self.start_method in self.methods else 0
        return self.with_method(self.methods[(at + 1) % len(self.methods)])

    def next_variant(self) -> LaunchSettings:
        names = list(self.experiment.variants)
        if len(names) == 1:
            raise RequestError(f"{self.id} has one variant only: {names[0]}.")
        return replace(self, variant=names[(names.index(self.variant) + 1) % len(names)])

    def toggle_lock(self) -> LaunchSettings:
        if LOCKED not in self.experiment.variants:
            raise RequestError(f"{self.id} has no variant with a lock: its workers share nothing.")
        return replace(self, variant=self.experiment.toggle_lock(self.variant))

    @property
    def request(self) -> Request:
        """What is launched or measured with these settings."""
        return Request(
            self.id,
            self.variant,
            self.model,
            self.workers,
            python=self.python,
            start_method=self.asked_method,
        )

    def plan(self, cores: float) -> Plan:
        """What is compared: all models under the newest interpreter of each kind; BenchError: nothing can be."""
        from pconc_tui.comparison.plan import REPEAT, default_worker_counts, make_plan, newest_of_each

        pythons = newest_of_each(self.found or (self.interpreter,))
        starts_processes = not set(STARTING_PROCESSES).isdisjoint(self.experiment.models)
        methods = [self.start_method] if self.start_method and starts_processes else []
        scale = 1.0 if names_function(self.id) else None
        try:
            return make_plan(
                self.experiment, self.variant, pythons, None, default_worker_counts(cores), REPEAT, scale, cores,
                methods,
            )  # fmt: skip
        except ValueError as error:
            raise RequestError(str(error)) from error

    def stepped_workers(self, by: int) -> LaunchSettings:
        return replace(self, workers=int(stepped(WORKERS, self.workers, by)))
