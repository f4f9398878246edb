"""A step's run: which orders bring about what the step needs, and the samples of its values. Pure.

Each snapshot leads to the next state and orders. Launched workers are observed for some seconds, one sample a second,
once the figures of the last second are theirs alone; workers that already run as the step needs them go on. A
measurement is one sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pconc_tui import experiments
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline import Kind, kind_of
from pconc_tui.tours import values
from pconc_tui.tours.claim import Samples
from pconc_tui.tours.orders import Clear, Launch, Measure, Order, StopAll, SwitchInterval
from pconc_tui.tours.tour import Do, Settings, Step

SETTLED_NS = 1_600_000_000
"""Figures are of the last second, and CPU figures are read every half second."""
SAMPLE_NS = 1_000_000_000


@dataclass(frozen=True)
class StepRun:
    """How far the run of a step has come."""

    step: Step
    request: Request
    kind: Kind
    sent_ns: int | None = None
    """When the workers were launched, or found running, or the measurement was requested; None: not yet."""
    measured: int = 0
    """How many measurements the scoreboard had then."""
    samples: Samples = ()
    doubts: tuple[str, ...] = ()
    """What may have kept the figures from showing what they would on an idle machine."""
    problem: str = ""
    """Why there are no figures, or not all."""
    done: bool = False

    @classmethod
    def of(cls, step: Step, settings: Settings, interpreter: Interpreter, default: Interpreter) -> StepRun:
        """The run of a step under this interpreter; `default`: that of requests that name none."""
        variant = settings.variant or experiments.load(settings.experiment).variant
        path = None if interpreter.path == default.path else interpreter.path
        request = Request(settings.experiment, variant, settings.model, settings.workers, settings.scale, path)
        version = interpreter.version + ("t" if interpreter.free_threaded_build else "")
        return cls(step, request, Kind(settings.experiment, variant, settings.model, version))

    def advance(self, snapshot: Snapshot) -> tuple[StepRun, tuple[Order, ...]]:
        """The state after this snapshot, and what is to be requested now."""
        if self.done:
            return self, ()
        if self.sent_ns is None:
            return self._prepare(snapshot)
        return (self._measure if self.step.do is Do.MEASURE else self._observe)(snapshot)

    def failed(self, problem: str) -> StepRun:
        """The run ended by this problem."""
        return replace(self, problem=problem, done=True)

    def _prepare(self, snapshot: Snapshot) -> tuple[StepRun, tuple[Order, ...]]:
        alive = [each for each in snapshot.workers if each.alive]
        idle = snapshot.progress is None
        sent = replace(self, sent_ns=snapshot.now_ns, measured=len(snapshot.measurements))
        switch = SwitchInterval(self.step.settings.switch_s if self.step.settings else 0.005)
        if self.step.do is Do.MEASURE:
            return (sent, (switch, Clear(), Measure(self.request))) if idle else (self, (StopAll(),))
        launch = replace(self.request, workers=1, scale=1.0)
        if idle and len(alive) == self.request.workers and all(kind_of(each) == self.kind for each in alive):
            return sent, (switch,)
        if alive or not idle:
            return self, (StopAll(),)
        return sent, (switch, Clear(), *[Launch(launch)] * self.request.workers)

    def _measure(self, snapshot: Snapshot) -> tuple[StepRun, tuple[Order, ...]]:
        if len(snapshot.measurements) <= self.measured:
            if snapshot.progress is None:
                return self.failed("it was stopped before it ended"), ()
            # The scoreboard may have been cleared meanwhile.
            cleared = len(snapshot.measurements) < self.measured
            return replace(self, measured=len(snapshot.measurements)) if cleared else self, ()
        result = snapshot.measurements[-1]
        if result.problem:
            return self.failed(result.problem), ()
        more = replace(
            self,
            samples=(*self.samples, values.of_measurement(result)),
            doubts=_with(self.doubts, values.doubts(result)),
            measured=len(snapshot.measurements),
        )
        if len(more.samples) < self.step.times:
            return more, (Measure(self.request),)
        return replace(more, done=True), ()

    def _observe(self, snapshot: Snapshot) -> tuple[StepRun, tuple[Order, ...]]:
        assert self.sent_ns is not None
        own = values.of_kind(snapshot, self.kind)
        failed = next((each for each in own if each.ending not in (None, "done", "stopped")), None)
        if failed is not None:
            return self.failed(f"{failed.name}: {failed.ending}"), ()
        if not experiments.load(self.kind.experiment).endless:
            ended = len(own) == self.request.workers and not any(each.alive for each in own)
            return (replace(self._with_sample(snapshot), done=True) if ended else self), ()
        alive = [each for each in own if each.alive]
        if any(each.ending for each in own) or snapshot.progress is not None:
            return self.failed("its workers were stopped"), ()
        if len(alive) < self.request.workers or any(each.started_ns is None for each in alive):
            return self, ()
        started_ns = max(self.sent_ns, *(each.started_ns or 0 for each in alive))
        if snapshot.now_ns < started_ns + SETTLED_NS + len(self.samples) * SAMPLE_NS:
            return self, ()
        more = self._with_sample(snapshot)
        return replace(more, done=len(more.samples) >= self.step.times), ()

    def _with_sample(self, snapshot: Snapshot) -> StepRun:
        sample = values.of_now(snapshot, self.kind)
        return replace(self, samples=(*self.samples, sample), doubts=_with(self.doubts, values.doubts(snapshot)))


def _with(doubts: tuple[str, ...], more: str) -> tuple[str, ...]:
    return (*doubts, more) if more else doubts
