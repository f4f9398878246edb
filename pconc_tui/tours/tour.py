"""A tour as data: its steps, with what each says, asks, runs and reveals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from pconc_tui.tours.claim import Claim

FUNCTION = "function"
"""The experiment of steps that run the function of the person who takes the tour."""


class Do(Enum):
    """What a step does."""

    NOTHING = "nothing"
    """What runs goes on."""
    LAUNCH = "launch"
    MEASURE = "measure"
    STOP = "stop"


@dataclass(frozen=True)
class Settings:
    """What a step runs, and how."""

    experiment: str
    """Its id, or `FUNCTION`."""
    variant: str
    """Empty: the only one, of a function."""
    model: str
    """Empty: the first one, of a function."""
    workers: int = 4
    python: str | None = None
    """A version, such as `3.14` or `3.13t`; None: the default interpreter, or one that can run the model."""
    scale: float = 1.0
    """The part of the experiment's work that each worker does."""
    switch_s: float = 0.005
    """The switch interval in seconds."""
    zoom_ms: int | None = None
    """The width of the timeline; None: the experiment's."""


@dataclass(frozen=True)
class Step:
    """A step of a tour."""

    title: str
    say: str = ""
    notes: str = ""
    """For the presenter alone."""
    settings: Settings | None = None
    """None: what is chosen stays."""
    do: Do = Do.NOTHING
    times: int = 1
    """How often it is measured, or for how many seconds launched workers are observed."""
    question: str = ""
    answers: tuple[str, ...] = ()
    right: int = 0
    """The number of the answer, from 1, that is right where all claims hold; 0: the figures decide."""
    reveal: str = ""
    """A template with values, such as `{busy}`."""
    claims: tuple[Claim, ...] = ()
    """What must hold for the reveal to be true."""
    slowness: int = 0
    """How many times slower the timeline is played, once the step runs nothing any more; 0: it is not."""
    name: str = ""
    """By which later steps refer to its values: `threads.busy`."""
    recording: str = ""
    """The path of a recording that shows this step, for when its own run does not bear it out; empty: there is none."""


@dataclass(frozen=True)
class Tour:
    """A tour."""

    name: str
    title: str
    about: str
    steps: tuple[Step, ...]

    @property
    def needs_function(self) -> bool:
        """Whether it runs a person's own function, which must be named first."""
        return any(step.settings and step.settings.experiment == FUNCTION for step in self.steps)

    def with_function(self, id: str, variant: str, model: str) -> Tour:
        """The tour with this function, its variant, and this model in steps that name none."""

        def filled(step: Step) -> Step:
            settings = step.settings
            if settings is None or settings.experiment != FUNCTION:
                return step
            settings = replace(settings, experiment=id, variant=variant, model=settings.model or model)
            return replace(step, settings=settings)

        return replace(self, steps=tuple(map(filled, self.steps)))


def note(tour: Tour, step: Step) -> str:
    """What a recording of the tour says where this step begins."""
    return f"{tour.title}: {step.title}"
