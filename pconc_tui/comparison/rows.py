"""The figures of a comparison: a row for each case, with medians and ranges. Pure: from measurements to numbers."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pconc_tui.measurement import Comparison, LockShares, Measurement
from pconc_tui.protocol.function_ref import UNUSABLE
from pconc_tui.requests import Case, Skipped

_LASTING = re.compile(
    r"can't start |(?:[\w-]+: )?(?:ModuleNotFoundError|ImportError|SyntaxError|IndentationError|TabError|"
    rf"AttributeError: (?:partially initialized )?module |{UNUSABLE})"
)
"""Matches a problem that a repetition can't solve: the interpreter lacks what the code needs."""


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
    """N x one run of the same interpreter / N runs; None also where there is no ratio."""
    vs_fastest: float | None = None
    """N x the fastest interpreter's one run / N runs."""
    cores_busy: float | None = None
    """CPU time of the N workers per wall time."""
    gil_wait: float | None = None
    """The share of the N workers' time, 0 to 1, in which they waited for the GIL."""
    core_wait: float | None = None
    """The share of the N workers' time, 0 to 1, in which they waited for a core."""
    locks: LockShares | None = None
    """What the N workers waited for that waited for locks; None: unknown."""
    handoffs_per_s: float | None = None
    """How often the GIL was handed over in the N runs, by the better source."""
    wasted_cores: float | None = None
    """The part of `cores_busy` that N single runs would not have used: what running at once costs."""
    launch_s: float | None = None
    """From before `start()` to the first instruction."""
    rss_bytes: float | None = None
    """Resident memory of the N workers' processes; shared pages count in each."""
    pss_bytes: float | None = None
    """The same with shared pages divided among their users."""
    others: float | None = None
    """Cores that other programs used meanwhile; None: unknown."""
    throttled: float | None = None
    """The share of the CPU quota's periods meanwhile, 0 to 1, in which it was used up; None: there is no quota."""
    deadlock: bool = False
    """Whether the N runs never ended, because their workers waited for each other."""
    no_ratio: str | None = None
    """Why there is no speed-up although the row is complete; as in `Measurement`."""
    problem: str | None = None
    """Why the row is incomplete; None: it is complete."""


def rows(comparison: Comparison) -> tuple[Row, ...]:
    """A row for each case that has been measured and that its interpreter can run, in the order of the plan.

    The one run of an interpreter is the one of its first model, which is threads where they are among the models:
    so the cost of launching counts against the other models.
    """
    results = {case: found for case, found in _results(comparison).items() if not _lasting_problem(found)}
    by_name: dict[tuple[str, str], list[Measurement]] = {}
    for case, measurements in results.items():
        by_name.setdefault((case.python.path, case.name), []).extend(measurements)
    single_runs_s = {key: spread(each.one_run_s for each in found) for key, found in by_name.items()}
    baselines: dict[str, tuple[float, str | None]] = {}
    for (path, name), found in by_name.items():
        if one_run := single_runs_s[path, name]:
            baselines.setdefault(path, (one_run.median, _no_ratio(found)))
    fastest_s = min((one_run_s for one_run_s, _ in baselines.values()), default=None)
    return tuple(
        _row(
            case,
            measurements,
            comparison.plan.cores,
            single_runs_s[case.python.path, case.name],
            baselines.get(case.python.path, (None, _no_ratio(measurements))),
            fastest_s,
        )
        for case, measurements in results.items()
        if measurements
    )


def skipped(comparison: Comparison) -> tuple[Skipped, ...]:
    """What the plan skips, and the models that turned out not to run under an interpreter, each with the reason."""
    found = {
        (case.name, case.python.path): Skipped(case.name, case.python, problem)
        for case, measurements in _results(comparison).items()
        if (problem := _lasting_problem(measurements))
    }
    return (*comparison.plan.skipped, *found.values())


def _results(comparison: Comparison) -> dict[Case, list[Measurement]]:
    """The measurements of each case, in the order of the plan."""
    results: dict[Case, list[Measurement]] = {case: [] for case in comparison.plan.cases}
    for case, measurement in comparison.results:
        results[case].append(measurement)
    return results


def _lasting_problem(measurements: list[Measurement]) -> str | None:
    """Why the case's interpreter can't run it, as each of its measurements says; None: it can."""
    problems = [each.problem for each in measurements if each.problem and _LASTING.match(each.problem)]
    return problems[0] if problems and len(problems) == len(measurements) else None


def _no_ratio(measurements: list[Measurement]) -> str | None:
    """Why most of these measurements have no ratio; None: most have one."""
    reasons = [each.no_ratio for each in measurements if each.no_ratio]
    return reasons[0] if 2 * len(reasons) > len(measurements) else None


def _row(
    case: Case,
    measurements: list[Measurement],
    cores: float,
    one_run: Spread | None,
    baseline: tuple[float | None, str | None],
    fastest_s: float | None,
) -> Row:
    one_run_s, no_ratio = baseline
    problem = next((each.problem for each in measurements if each.problem), None)
    n_runs = None if problem else spread(each.n_runs_s for each in measurements)
    if no_ratio:
        one_run_s = fastest_s = None

    def median(figure: Callable[[Measurement], float | None]) -> float | None:
        found = spread(map(figure, measurements))
        return None if found is None else found.median

    return Row(
        case=case,
        repeats=len(measurements),
        ideal=statistics.median(each.ideal_speedup for each in measurements),
        cores=cores,
        one_run=one_run,
        n_runs=n_runs,
        speedup=n_runs.dividing(case.workers * one_run_s) if n_runs and one_run_s else None,
        vs_fastest=case.workers * fastest_s / n_runs.median if n_runs and fastest_s else None,
        cores_busy=median(lambda each: each.cores_busy),
        gil_wait=median(lambda each: each.gil_wait),
        core_wait=median(lambda each: each.core_wait),
        locks=_locks(measurements),
        handoffs_per_s=median(_handoffs_per_s),
        wasted_cores=median(_wasted_cores),
        launch_s=median(lambda each: each.launch_s),
        rss_bytes=median(lambda each: each.rss),
        pss_bytes=median(lambda each: each.pss),
        others=median(lambda each: each.disturbance and each.disturbance.others),
        throttled=median(lambda each: each.disturbance and each.disturbance.throttled),
        deadlock=any(each.deadlock for each in measurements),
        no_ratio=no_ratio,
        problem=problem,
    )


def _locks(measurements: list[Measurement]) -> LockShares | None:
    found = [each.locks for each in measurements]
    lock, one_lock, stopped, stops_per_s = (
        spread(each and each[place] for each in found) for place in range(len(LockShares._fields))
    )
    if lock is None or stopped is None or stops_per_s is None:
        return None
    return LockShares(lock.median, None if one_lock is None else one_lock.median, stopped.median, stops_per_s.median)


def _handoffs_per_s(each: Measurement) -> float | None:
    count = each.handoffs if each.handoffs_source == "lanes" else each.switches
    return None if count is None or not each.n_runs_s else count / each.n_runs_s


def _wasted_cores(each: Measurement) -> float | None:
    if each.cores_busy is None or not each.n_runs_s or each.one_run_s is None:
        return None
    return max(0.0, each.cores_busy - each.workers * each.core_share * each.one_run_s / each.n_runs_s)


def spread(values: Iterable[float | None]) -> Spread | None:
    """The spread of the values that are known; None: none is."""
    known = [value for value in values if value is not None]
    return Spread(min(known), statistics.median(known), max(known)) if known else None
