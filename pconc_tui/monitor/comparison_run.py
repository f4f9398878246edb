"""A comparison in progress: which measurement is next, the results so far, and an estimate of the time left."""

from __future__ import annotations

from pconc_tui.comparison.scale import fitting_scale, single_runs, trials
from pconc_tui.measurement import Comparison, Measurement, Progress
from pconc_tui.requests import Case, Plan, Request

TRIAL_SCALE = 0.05
_MIN_FRACTION = 0.02
"""Part that must be done before the time left can be estimated."""


class ComparisonRun:
    """Yields one request after another, and collects their results."""

    def __init__(self, plan: Plan, now_ns: int) -> None:
        self._plan = plan
        self._scale = plan.scale
        self._trials = list(trials(plan))
        self._results: list[tuple[Case, Measurement]] = []
        self._weights = [single_runs(plan, case) + 1 for case in plan.steps]
        self._started_ns = now_ns
        self._ended_ns: int | None = None
        self._problem: str | None = None

    def next_request(self) -> Request | None:
        """The next measurement, which may be a trial to choose the scale; None: all are made, or it was ended."""
        if self._problem is not None or len(self._results) == len(self._weights):
            return None
        plan = self._plan
        if self._scale is None:
            case, workers, scale = self._trials[0], 1, TRIAL_SCALE
        else:
            case = plan.steps[len(self._results)]
            workers, scale = case.workers, self._scale
        return Request(
            plan.experiment,
            plan.variant,
            case.model,
            workers,
            scale,
            case.python.path,
            case.start_method,
            plan.calls,
            plan.single_run,
        )

    def end(self, problem: str, now_ns: int) -> None:
        """End the comparison before all measurements are made; the results so far stay."""
        self._problem, self._ended_ns = problem, now_ns

    def add_result(self, result: Measurement, now_ns: int) -> None:
        """Add the result of the last request."""
        if self._scale is None:
            self._choose_scale(result)
            self._started_ns = now_ns
            return
        self._results.append((self._plan.steps[len(self._results)], result))
        if self.next_request() is None:
            self._ended_ns = now_ns

    def _choose_scale(self, trial: Measurement) -> None:
        """Choose the scale by a trial; where it failed, prepare the next trial, or stay at the trial's scale."""
        seconds = [each for each in (trial.one_run_s, trial.n_runs_s) if each]
        if trial.problem is None:
            self._scale = fitting_scale(self._plan, min(seconds, default=1.0) / TRIAL_SCALE)
        elif len(self._trials) > 1:
            self._trials.pop(0)
        else:
            self._scale = TRIAL_SCALE

    def snapshot(self, now_ns: int, progress: Progress | None) -> Comparison:
        """The comparison's part of a Snapshot; `progress`: of the current measurement."""
        steps, done = self._plan.steps, len(self._results)
        weight = sum(self._weights[:done])
        current = steps[done] if done < len(steps) and self._problem is None else None
        if current is not None and progress is not None and self._scale is not None:
            weight += self._weights[done] * min(1.0, progress.fraction)
        fraction = weight / sum(self._weights)
        elapsed_s = ((self._ended_ns or now_ns) - self._started_ns) / 1e9
        return Comparison(
            plan=self._plan,
            scale=self._scale,
            results=tuple(self._results),
            current=current,
            fraction=fraction,
            left_s=elapsed_s * (1 - fraction) / fraction if fraction >= _MIN_FRACTION else None,
            elapsed_s=elapsed_s,
            problem=self._problem,
        )
