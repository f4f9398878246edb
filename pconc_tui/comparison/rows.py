"""The figures of a comparison: a row for each case, with medians and ranges. Pure: from measurements to numbers."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pconc_tui.requests import Case
from pconc_tui.snapshot import Comparison, Measurement


@dataclass(frozen=True)
class Spread:
    """The median and the range of a figure that was measured several times."""

    least: float
    median: float
    most: float

    @property
    def relative_range(self) -> float:
        """The range divided by the median; 0 where the median is 0."""
        return (self.most - self.least) / self.median if self.median else 0.0

    def overlaps(self, other: Spread) -> bool:
        return self.least <= other.most and other.least <= self.most

    def dividing(self, number: float) -> Spread:
        """The spread of `number` divided by the figure."""
        return Spread(number / self.most, number / self.median, number / self.least)


@dataclass(frozen=True)
class Row:
    """The figures of one case; None: not known. Single figures are medians of the repeats."""

    case: Case
    repeats: int
    """How often the case has been measured so far."""
    ideal: float
    """The speed-up that the case's number of workers can reach on these cores."""
    cores: float
    """The number of cores that the workers may use."""
    one_run: Spread | None = None
    """Seconds of a single run in this model."""
    n_runs: Spread | None = None
    """Seconds of N runs at once."""
    speedup: Spread | None = None
    """N x one run of the same interpreter / N runs; None also where N workers don't do N times the work of one."""
    vs_fastest: float | None = None
    """N x the fastest interpreter's one run / N runs."""
    cores_busy: float | None = None
    """CPU time of the N workers per wall time."""
    gil_wait: float | None = None
    """The share of the N workers' time, 0 to 1, in which they waited for the GIL."""
    core_wait: float | None = None
    """The share of the N workers' time, 0 to 1, in which they waited for a core."""
    launch_s: float | None = None
    """From before `start()` to the first instruction."""
    rss_bytes: float | None = None
    """Resident memory of the N workers' processes; shared pages count in each."""
    pss_bytes: float | None = None
    """The same with shared pages divided among their users."""
    deadlock: bool = False
    """Whether the N runs never ended, because their workers waited for each other."""
    problem: str | None = None
    """Why the row is incomplete; None: it is complete."""


def rows(comparison: Comparison) -> tuple[Row, ...]:
    """A row for each case that has been measured, in the order of the plan.

    The one run of an interpreter is the one of its first model, which is threads where they are among the models:
    so the cost of launching counts against the other models.
    """
    plan = comparison.plan
    results: dict[Case, list[Measurement]] = {case: [] for case in plan.cases}
    single_runs_s: dict[tuple[str, str], list[float]] = {}
    for case, measurement in comparison.results:
        results[case].append(measurement)
        if measurement.one_run_s:
            single_runs_s.setdefault((case.python.path, case.name), []).append(measurement.one_run_s)
    one_run_s: dict[str, float] = {}
    for case in plan.cases:
        if (case.python.path, case.name) in single_runs_s:
            one_run_s.setdefault(case.python.path, statistics.median(single_runs_s[case.python.path, case.name]))
    fastest_s = min(one_run_s.values(), default=None)
    return tuple(
        _row(
            case,
            measurements,
            statistics.median(each.ideal_speedup for each in measurements),
            plan.cores,
            spread(single_runs_s.get((case.python.path, case.name), ())),
            one_run_s.get(case.python.path),
            fastest_s,
        )
        for case, measurements in results.items()
        if measurements
    )


def _row(
    case: Case,
    measurements: list[Measurement],
    ideal: float,
    cores: float,
    one_run: Spread | None,
    one_run_s: float | None,
    fastest_s: float | None,
) -> Row:
    problem = next((each.problem for each in measurements if each.problem), None)
    n_runs = None if problem else spread(each.n_runs_s for each in measurements)
    if not all(each.multiplies for each in measurements):
        one_run_s = fastest_s = None

    def median(figure: Callable[[Measurement], float | None]) -> float | None:
        found = spread(map(figure, measurements))
        return None if found is None else found.median

    return Row(
        case=case,
        repeats=len(measurements),
        ideal=ideal,
        cores=cores,
        one_run=one_run,
        n_runs=n_runs,
        speedup=n_runs.dividing(case.workers * one_run_s) if n_runs and one_run_s else None,
        vs_fastest=case.workers * fastest_s / n_runs.median if n_runs and fastest_s else None,
        cores_busy=median(lambda each: each.cores_busy),
        gil_wait=median(lambda each: each.gil_wait),
        core_wait=median(lambda each: each.core_wait),
        launch_s=median(lambda each: each.launch_s),
        rss_bytes=median(lambda each: each.rss),
        pss_bytes=median(lambda each: each.pss),
        deadlock=any(each.deadlock for each in measurements),
        problem=problem,
    )


def spread(values: Iterable[float | None]) -> Spread | None:
    """The spread of the values that are known; None: none is."""
    known = [value for value in values if value is not None]
    return Spread(min(known), statistics.median(known), max(known)) if known else None
