"""Taking a tour: which step, whether it says, asks, runs or reveals, and the answer that was locked. Pure.

    SAYING --on--> ASKED --on, or an answer--> RUNNING --figures--> REVEALED --on--> the next step

A step without a question runs at once; one that runs nothing only says or reveals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import NamedTuple

from pconc_tui.snapshot import Snapshot
from pconc_tui.tours.claim import Claim, Samples, filled, spread, texts
from pconc_tui.tours.interpreter_choice import Interpreters, NotFoundError
from pconc_tui.tours.orders import Order, StopAll
from pconc_tui.tours.step_run import StepRun
from pconc_tui.tours.tour import Do, Step, Tour


class Phase(Enum):
    """What a step does now."""

    SAYING = auto()
    ASKED = auto()
    RUNNING = auto()
    REVEALED = auto()
    SKIPPED = auto()


class Verdict(NamedTuple):
    """A claim, judged by the figures of a run."""

    claim: Claim
    figures: str
    """`busy 0.99 (0.98 to 1.01)`."""
    held: bool | None
    """None: a figure is not known."""


@dataclass(frozen=True)
class Walk:
    """Where in a tour somebody is."""

    tour: Tour
    index: int = 0
    phase: Phase = Phase.SAYING
    answer: int = 0
    """The number of the answer, from 1; it is locked before the run starts. 0: none was chosen."""
    attempt: int = 1
    """How often the step has been run."""
    run: StepRun | None = None
    """None: it has not started."""
    earlier: Mapping[str, Samples] = field(default_factory=dict)
    """The samples of named steps."""
    reason: str = ""
    """Why the step is skipped."""

    @classmethod
    def start(cls, tour: Tour) -> Walk:
        """At the first step."""
        return cls(tour).at(0)

    @property
    def step(self) -> Step:
        """The present step."""
        return self.tour.steps[self.index]

    def at(self, index: int) -> Walk:
        """At the beginning of this step."""
        step = self.tour.steps[index]
        if step.question:
            phase = Phase.SAYING if step.say else Phase.ASKED
        elif step.do is not Do.NOTHING:
            phase = Phase.RUNNING
        else:
            phase = Phase.REVEALED if step.reveal or step.claims else Phase.SAYING
        return Walk(self.tour, index, phase, earlier=self.earlier)

    def on(self) -> Walk | None:
        """One further, the same while a step runs; None: the tour has ended."""
        if self.phase is Phase.RUNNING:
            return self
        if self.phase is Phase.SAYING and self.step.question:
            return replace(self, phase=Phase.ASKED)
        if self.phase is Phase.ASKED:
            return replace(self, phase=Phase.RUNNING)
        return self.at(self.index + 1) if self.index + 1 < len(self.tour.steps) else None

    def back(self) -> Walk:
        """To the beginning of the step, or of the one before."""
        first = self.at(self.index)
        restarts = self.step.question and self.phase not in (first.phase, Phase.SKIPPED)
        return first if restarts else self.at(max(0, self.index - 1))

    def choose(self, answer: int) -> Walk:
        """The answer locked, and the step started; the same if there is no such answer."""
        if self.phase is not Phase.ASKED or not 1 <= answer <= len(self.step.answers):
            return self
        return replace(self, phase=Phase.RUNNING, answer=answer)

    def again(self) -> Walk:
        """The step run once more, the answer kept."""
        if self.phase is not Phase.REVEALED or self.run is None:
            return self
        return replace(self, phase=Phase.RUNNING, run=None, attempt=self.attempt + 1)

    def advance(self, snapshot: Snapshot, interpreters: Interpreters) -> tuple[Walk, tuple[Order, ...]]:
        """The state after this snapshot, and what is to be requested now."""
        if self.phase in (Phase.REVEALED, Phase.SKIPPED):
            return self, ()
        if self.run is None:
            return self._begin(snapshot, interpreters)
        run, orders = self.run.advance(snapshot)
        if not run.done:
            return (replace(self, run=run) if run is not self.run else self), orders
        earlier = {**self.earlier, self.step.name: run.samples} if self.step.name else self.earlier
        return replace(self, run=run, earlier=earlier, phase=Phase.REVEALED), orders

    def refused(self, problem: str) -> Walk:
        """The state after an order was refused."""
        return self if self.run is None else replace(self, run=self.run.failed(problem), phase=Phase.REVEALED)

    def _begin(self, snapshot: Snapshot, interpreters: Interpreters) -> tuple[Walk, tuple[Order, ...]]:
        if self.step.do is Do.STOP and self.phase is Phase.RUNNING:
            return replace(self, phase=Phase.REVEALED), (StopAll(),)
        settings = self.step.settings
        if settings is None or self.step.do not in (Do.LAUNCH, Do.MEASURE):
            return self, ()
        try:
            interpreter = interpreters.choose(settings)
        except NotFoundError as error:
            return replace(self, phase=Phase.SKIPPED, reason=str(error)), ()
        if interpreter is None or self.phase is not Phase.RUNNING:
            return self, ()
        run = StepRun.of(self.step, settings, interpreter, interpreters.default)
        return replace(self, run=run).advance(snapshot, interpreters)

    @property
    def slowness(self) -> int:
        """How many times slower the timeline is to be played now; 0: it is not."""
        plays = self.phase is Phase.REVEALED or (self.phase is Phase.SAYING and not self.step.question)
        return self.step.slowness if plays else 0

    # What is shown after the run

    @property
    def samples(self) -> Samples:
        """Of the present step."""
        return self.run.samples if self.run else ()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The step's claims, judged."""
        return tuple(
            Verdict(claim, self._figures(claim), claim.judged(self.samples, self.earlier)) for claim in self.step.claims
        )

    @property
    def claims_hold(self) -> bool:
        """Whether all claims hold, so that the reveal is borne out."""
        return not (self.run and self.run.problem) and all(each.held for each in self.verdicts)

    @property
    def revealed(self) -> str:
        """The reveal with the figures of this run, each with its range."""
        return filled(self.step.reveal, self.samples, self.earlier)

    @property
    def doubt(self) -> str:
        """Why the claims may not have held; empty: nothing is known that kept them from it."""
        if self.run and self.run.problem:
            return self.run.problem
        if any(each.held is None for each in self.verdicts):
            return "not all figures are known"
        return self.run.doubts[-1] if self.run and self.run.doubts else ""

    @property
    def objection(self) -> str:
        """Which claims this run does not bear out, and why; empty: it bears out all."""
        if self.claims_hold:
            return ""
        failed = "; ".join(f"{each.claim.text} ({each.figures})" for each in self.verdicts if not each.held)
        says = f"This run does not bear it out: {failed or self.doubt}."
        return f"{says} {self.doubt[:1].upper()}{self.doubt[1:]}." if failed and self.doubt else says

    def _figures(self, claim: Claim) -> str:
        found = (f"{name} {spread(texts(name, self.samples, self.earlier))}" for name in claim.names)
        return ", ".join(found)
