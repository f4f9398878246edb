"""What the person has chosen: experiment, variant, model, how many workers. Immutable; each change gives a new one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from pconc_tui.experiments import LOCKED, Experiment, catalogue, load
from pconc_tui.snapshot import BenchError

WORKERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256)
SWITCH_MS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MODELS = {"threads": "a thread", "processes": "a process"}


def stepped(values: tuple[float, ...], value: float, by: int) -> float:
    """The next value up or down."""
    index = bisect_right(values, value) if by > 0 else bisect_left(values, value) - 1
    return values[max(0, min(index, len(values) - 1))]


@dataclass(frozen=True)
class Choices:
    """What the next launch or measurement runs."""

    id: str = "cpu-bound"
    variant: str = "calls"
    model: str = "threads"
    workers: int = 4

    @property
    def experiment(self) -> Experiment:
        return load(self.id)

    def with_experiment(self, id: str) -> Choices:
        """Another experiment, in the model chosen before where it exists in that one."""
        experiment = load(id)
        if id == self.id:
            return self
        model = self.model if self.model in experiment.models else experiment.models[0]
        return replace(self, id=id, variant=experiment.variant, model=model)

    def with_key(self, key: str) -> Choices:
        """The experiment of a digit."""
        for experiment in catalogue():
            if experiment.key == key:
                return self.with_experiment(experiment.id)
        raise BenchError(f"There is no experiment {key}. Press e to see them all.")

    def with_model(self, model: str) -> Choices:
        """The model asked for, or why not."""
        if model not in self.experiment.models:
            only = " or ".join(self.experiment.models)
            raise BenchError(f"{self.id} runs as {only} only: it shows what {only} share.")
        return replace(self, model=model)

    def next_model(self) -> Choices:
        models = self.experiment.models
        if len(models) == 1:
            return self.with_model(next(model for model in MODELS if model not in models))
        return replace(self, model=models[(models.index(self.model) + 1) % len(models)])

    def next_variant(self) -> Choices:
        names = list(self.experiment.variants)
        if len(names) == 1:
            raise BenchError(f"{self.id} has one variant only: {names[0]}.")
        return replace(self, variant=names[(names.index(self.variant) + 1) % len(names)])

    def toggled_lock(self) -> Choices:
        if LOCKED not in self.experiment.variants:
            raise BenchError(f"{self.id} has no variant with a lock: its workers share nothing.")
        return replace(self, variant=self.experiment.toggled(self.variant))

    def stepped_workers(self, by: int) -> Choices:
        return replace(self, workers=int(stepped(WORKERS, self.workers, by)))
