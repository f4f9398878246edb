"""A comparison under way: which measurement comes next, how far it all is, and what was found so far."""

from __future__ import annotations

from pconc_tui.comparison.scale import fitting_scale, single_runs, trials
from pconc_tui.requests import Case, Plan, Request
from pconc_tui.snapshot import Comparison, Measurement, Progress

TRIAL_SCALE = 0.05
_KNOWN_FROM = 0.02
"""The part that must be done before the rest can be foretold."""


class ComparisonRun:
    """Says what to measure, and takes what came of it."""

    def __init__(self, plan: Plan, now_ns: int) -> None:
        self._plan = plan
        self._scale = plan.scale
        self._trials = list(trials(plan))
        self._results: list[tuple[Case, Measurement]] = []
        self._weights = [single_runs(plan, case) + 1 for case in plan.steps]
        self._began_ns = now_ns
        self._ended_ns: int | None = None

    def request(self) -> Request | None:
        """The next measurement; None: that was all."""
        if len(self._results) == len(self._weights):
            return None
        plan = self._plan
        if self._scale is None:
            case, workers, scale = self._trials[0], 1, TRIAL_SCALE
        else:
            case = plan.steps[len(self._results)]
            workers, scale = case.workers, self._scale
        return Request(plan.experiment, plan.variant, case.model, workers, scale, case.python.path, case.start_method)

    def take(self, measured: Measurement, now_ns: int) -> None:
        """What came of the request, which may have been a trial to find the scale."""
        if self._scale is None:
            self._tried(measured)
            self._began_ns = now_ns
            return
        self._results.append((self._plan.steps[len(self._results)], measured))
        if self.request() is None:
            self._ended_ns = now_ns

    def _tried(self, measured: Measurement) -> None:
        seconds = [each for each in (measured.one_run_s, measured.n_runs_s) if each]
        if measured.problem is None:
            self._scale = fitting_scale(self._plan, min(seconds, default=1.0) / TRIAL_SCALE)
        elif len(self._trials) > 1:
            self._trials.pop(0)
        else:
            self._scale = TRIAL_SCALE

    def view(self, now_ns: int, progress: Progress | None) -> Comparison:
        """How far it is."""
        steps, done = self._plan.steps, len(self._results)
        weight = sum(self._weights[:done])
        current = steps[done] if done < len(steps) else None
        if current is not None and progress is not None and self._scale is not None:
            weight += self._weights[done] * min(1.0, progress.fraction)
        fraction = weight / sum(self._weights)
        elapsed = ((self._ended_ns or now_ns) - self._began_ns) / 1e9
        return Comparison(
            plan=self._plan,
            scale=self._scale,
            results=tuple(self._results),
            current=current,
            fraction=fraction,
            left_s=elapsed * (1 - fraction) / fraction if fraction >= _KNOWN_FROM else None,
            elapsed_s=elapsed,
        )
