"""A comparison's figures: a row a case, with medians and ranges. Pure: from what was measured to numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pconc_tui.requests import Case
from pconc_tui.snapshot import Comparison, Measurement


@dataclass(frozen=True)
class Spread:
    """A figure that was measured several times."""

    least: float
    median: float
    most: float

    @property
    def relative(self) -> float:
        """How far it is from least to most, by the median."""
        return (self.most - self.least) / self.median if self.median else 0.0

    def overlaps(self, other: Spread) -> bool:
        return self.least <= other.most and other.least <= self.most

    def under(self, whole: float) -> Spread:
        """`whole` divided by it."""
        return Spread(whole / self.most, whole / self.median, whole / self.least)


@dataclass(frozen=True)
class Row:
    """One case; what is not known is None."""

    case: Case
    repeats: int
    """How often it has been measured so far."""
    ideal: float
    """The speed-up that so many workers can reach on these cores."""
    one_run: Spread | None = None
    """Seconds of a single run in this model."""
    time: Spread | None = None
    """Seconds of N runs at once."""
    speedup: Spread | None = None
    """N times one run of the same interpreter / N runs; None also where N workers don't do N times the work of one."""
    vs_fastest: float | None = None
    """N times the fastest single run of all interpreters / N runs, by the medians."""
    cores_busy: float | None = None
    gil_wait: float | None = None
    core_wait: float | None = None
    launch_s: float | None = None
    rss: float | None = None
    pss: float | None = None
    deadlock: bool = False
    """Whether the N runs never ended, since their workers waited for each other."""
    problem: str | None = None


def rows(comparison: Comparison) -> tuple[Row, ...]:
    """A row for every case that has been measured, in the order of the plan.

    One run of an interpreter is that of its first model, threads where they are among the models: what launching
    costs in the other models counts against them.
    """
    import statistics

    plan = comparison.plan
    found: dict[Case, list[Measurement]] = {case: [] for case in plan.cases}
    alone: dict[tuple[str, str], list[float]] = {}
    for case, measured in comparison.results:
        found[case].append(measured)
        if measured.one_run_s:
            alone.setdefault((case.python.path, case.name), []).append(measured.one_run_s)
    base: dict[str, float] = {}
    for case in plan.cases:
        if (case.python.path, case.name) in alone:
            base.setdefault(case.python.path, statistics.median(alone[case.python.path, case.name]))
    fastest = min(base.values(), default=None)
    return tuple(
        _row(
            case,
            measured,
            float(
                min(case.workers, plan.cores)
                if plan.needs_core and all(each.needs_core for each in measured)
                else case.workers
            ),
            spread(alone.get((case.python.path, case.name), ())),
            base.get(case.python.path),
            fastest,
        )
        for case, measured in found.items()
        if measured
    )


def _row(
    case: Case,
    measured: list[Measurement],
    ideal: float,
    one_run: Spread | None,
    base: float | None,
    fastest: float | None,
) -> Row:
    problem = next((each.problem for each in measured if each.problem), None)
    time = spread(each.n_runs_s for each in measured)
    complete = time is not None and problem is None
    if not all(each.multiplies for each in measured):
        base = fastest = None

    def middle(figure: Callable[[Measurement], float | None]) -> float | None:
        among = spread(map(figure, measured))
        return None if among is None else among.median

    return Row(
        case=case,
        repeats=len(measured),
        ideal=ideal,
        one_run=one_run,
        time=time if complete else None,
        speedup=time.under(case.workers * base) if time and complete and base else None,
        vs_fastest=case.workers * fastest / time.median if time and complete and fastest else None,
        cores_busy=middle(lambda each: each.cores_busy),
        gil_wait=middle(lambda each: each.gil_wait),
        core_wait=middle(lambda each: each.core_wait),
        launch_s=middle(lambda each: each.launch_s),
        rss=middle(lambda each: each.rss),
        pss=middle(lambda each: each.pss),
        deadlock=any(each.deadlock for each in measured),
        problem=problem,
    )


def spread(values: Iterable[float | None]) -> Spread | None:
    """Of those that are known; None: none is."""
    import statistics

    known = sorted(value for value in values if value is not None)
    return Spread(known[0], statistics.median(known), known[-1]) if known else None
