"""What the next launch or measurement runs. Immutable; each change gives new settings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from pconc_tui.experiments import LOCKED, Experiment, load
from pconc_tui.models import (
    FREE_THREADED,
    STARTING_PROCESSES,
    all_models,
    interpreter_problem,
    lab_model,
    start_method_problem,
)
from pconc_tui.pythons import Interpreter, current_interpreter, newest_free_threaded
from pconc_tui.requests import Request, RequestError
from pconc_tui.text.headline import Kind
from pconc_tui.ui.experiment_keys import LIST_KEY, list_keys

WORKERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256)
SWITCH_MS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
OWN_MODEL = "own"
"""Chosen as the model, it means the one that is an experiment's own: the first of its models."""
CHOOSE_ANOTHER = "press i to choose another"


def next_step(values: tuple[float, ...], value: float, by: int) -> float:
    """The next of these values, up (1) or down (-1)."""
    index = bisect_right(values, value) if by > 0 else bisect_left(values, value) - 1
    return values[max(0, min(index, len(values) - 1))]


@dataclass(frozen=True)
class LaunchSettings:
    """Experiment, variant, model, number of workers, start method and interpreter."""

    experiment_id: str = "cpu-bound"
    variant: str = "calls"
    model: str = "threads"
    pinned_model: str | None = None
    """The model that stays when another experiment is chosen; None: each experiment has its own."""
    workers: int = 4
    start_method: str | None = None
    """How processes are started; None: the interpreter's default start method."""
    chosen_interpreter: Interpreter | None = None
    """None: the interpreter that runs the app."""
    interpreters: tuple[Interpreter, ...] = ()
    """The interpreters to choose from; empty until the search for them has ended."""

    @property
    def experiment(self) -> Experiment:
        """The chosen experiment."""
        return load(self.experiment_id)

    @property
    def kind(self) -> Kind:
        """What a launch or measurement with these settings runs."""
        python = self.model_interpreter
        version = python.version + ("t" if python.free_threaded_build else "")
        return Kind(self.experiment_id, self.variant, self.model, version)

    def with_experiment(self, id: str) -> LaunchSettings:
        """Another experiment, in the pinned model if it can run that, else in its own."""
        variant = self.variant if id == self.experiment_id else load(id).variant
        other = replace(self, experiment_id=id, variant=variant, model=load(id).models[0])
        pinned = self.pinned_model
        return other if pinned is None or other.model_problem(pinned) else replace(other, model=pinned)

    def with_key(self, key: str) -> LaunchSettings:
        """The experiment with this key."""
        experiment = list_keys().get(key)
        if experiment is None:
            raise RequestError(f"No experiment has the key {key}. Press {LIST_KEY} for a list.")
        return self.with_experiment(experiment.id)

    def with_model(self, model: str) -> LaunchSettings:
        """Another model; RequestError says why it can't be run."""
        if reason := self.model_problem(model):
            raise RequestError(reason)
        return replace(self, model=model)

    def with_pinned_model(self, model: str) -> LaunchSettings:
        """This model, whichever experiment is chosen; `OWN_MODEL`: the experiment's own again."""
        if model == OWN_MODEL:
            return replace(self, pinned_model=None).with_experiment(self.experiment_id)
        return replace(self.with_model(model), pinned_model=model)

    def next_model(self) -> LaunchSettings:
        """The next model that can be run, pinned; coming to the experiment's own one unpins."""
        models = [model for model in all_models(self.experiment.models) if self.model_problem(model) is None]
        others = models[models.index(self.model) + 1 :] + models if self.model in models else models
        if not others or others[0] == self.model:
            few = len(self.experiment.models) < 3
            why = f": it shows what {self.model} share" if few else f" under {self.interpreter.short}"
            raise RequestError(f"{self.experiment_id} runs as {self.model} only{why}.")
        return self.with_pinned_model(OWN_MODEL if others[0] == self.experiment.models[0] else others[0])

    def model_problem(self, model: str) -> str | None:
        """Why the model can't be launched; None: it can."""
        if lab_model(model) not in self.experiment.models:
            models = " or ".join(self.experiment.models)
            return f"{self.experiment_id} runs as {models} only: it shows what these share."
        return interpreter_problem(model, self._interpreter_for(model), CHOOSE_ANOTHER)

    @property
    def interpreter(self) -> Interpreter:
        """The chosen interpreter."""
        return self.chosen_interpreter or current_interpreter()

    @property
    def model_interpreter(self) -> Interpreter:
        """The interpreter that runs the model: another than the chosen one if the model needs a free-threaded build."""
        return self._interpreter_for(self.model)

    def _interpreter_for(self, model: str) -> Interpreter:
        if model == FREE_THREADED and interpreter_problem(model, self.interpreter):
            return newest_free_threaded(self.interpreters) or self.interpreter
        return self.interpreter

    @property
    def python(self) -> str | None:
        """The path of that interpreter; None: it is the default one."""
        return None if self.model_interpreter.path == current_interpreter().path else self.model_interpreter.path

    def with_interpreter(self, interpreter: Interpreter) -> LaunchSettings:
        """Another interpreter, with the first model that it can run if it can't run the present one."""
        other = replace(self, chosen_interpreter=interpreter)
        if self.start_method and other.start_method_problem(self.start_method):
            other = replace(other, start_method=None)
        if other.model_problem(other.model) is None:
            return other
        runnable = (each for each in self.experiment.models if not other.model_problem(each))
        return replace(other, model=next(runnable, self.model))

    @property
    def requested_start_method(self) -> str | None:
        """The start method, if the model needs one other than the default."""
        is_default = self.start_method in (None, *self.interpreter.start_methods[:1])
        return None if is_default or self.model not in STARTING_PROCESSES else self.start_method

    def start_method_problem(self, method: str) -> str | None:
        """Why processes can't be started by this method; None: they can."""
        reason = start_method_problem(method, STARTING_PROCESSES[0], self.interpreter)
        return reason and f"{reason}; {CHOOSE_ANOTHER}"

    def with_start_method(self, method: str) -> LaunchSettings:
        """Another start method; RequestError says why it can't be used."""
        if reason := self.start_method_problem(method):
            raise RequestError(reason)
        return replace(self, start_method=method)

    def next_start_method(self) -> LaunchSettings:
        """The next start method of the interpreter."""
        methods = self.interpreter.start_methods
        at = methods.index(self.start_method) if self.start_method in methods else 0
        return self.with_start_method(methods[(at + 1) % len(methods)])

    def next_variant(self) -> LaunchSettings:
        """The next variant of the experiment."""
        names = list(self.experiment.variants)
        if len(names) == 1:
            raise RequestError(f"{self.experiment_id} has only one variant: {names[0]}.")
        return replace(self, variant=names[(names.index(self.variant) + 1) % len(names)])

    def with_lock_toggled(self) -> LaunchSettings:
        """The variant with the lock, or back to the one without."""
        if LOCKED not in self.experiment.variants:
            raise RequestError(f"{self.experiment_id} has no variant with a lock: its workers share nothing.")
        return replace(self, variant=self.experiment.toggle_lock(self.variant))

    @property
    def request(self) -> Request:
        """The request for a launch or measurement with these settings."""
        return Request(
            self.experiment_id,
            self.variant,
            self.model,
            self.workers,
            python=self.python,
            start_method=self.requested_start_method,
        )

    def with_more_workers(self, by: int) -> LaunchSettings:
        """The next number of workers, up (1) or down (-1)."""
        return replace(self, workers=int(next_step(WORKERS, self.workers, by)))
