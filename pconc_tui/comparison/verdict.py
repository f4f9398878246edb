"""The verdict of a comparison in a sentence or two, or the reason why its figures don't carry one. Pure.

The cases with the most workers decide, under the interpreter with a GIL that has the most models, or the newest of
these. The baseline is the first model, threads where they are among the models. Example: threads reach a speed-up of
1.0 and processes 1.97, with ranges that don't overlap, so processes are recommended; so is any other model that reaches
0.9 x 1.97. A model that only other interpreters have, such as a free-threaded build, is named where its range lies
above the baseline's as well; where its N runs take longer all the same, it is called slower. Where no range lies above
the baseline's and no range is wide, no model is faster.
"""

from __future__ import annotations

from dataclasses import dataclass

from pconc_tui.comparison import lock_causes
from pconc_tui.comparison.rows import Row, Spread
from pconc_tui.models import FREE_THREADED
from pconc_tui.pythons import Interpreter
from pconc_tui.text.numbers import compact, cores, decimal, percent, seconds, whole

SHORTEST_RUN_S = 0.05
"""A shorter single run measures noise more than the work."""
MAX_LAUNCH_SHARE = 0.5
"""A model that takes more than this share of the N runs to launch is not judged by its speed-up."""
MAX_RELATIVE_RANGE = 0.25
"""Ranges that overlap mean equality only where each is narrower than this."""
MAX_OVER_IDEAL = 1.1
"""A speed-up above this multiple of the ideal shows that the machine was busy with something else."""
SIMILAR = 0.9
"""A model that reaches this share of another's speed-up is as good a choice."""
GOOD = 0.8
"""A model that reaches this share of the ideal speed-up needs no replacement."""
MORE_WORK = "--scale"
"""The option that makes the runs of an experiment longer."""
MANY_HANDOFFS, WASTED_CORES = 3000, 0.25
"""Hand-offs of the GIL per second, and cores that they use in vain, from which on they are the cause."""
MENTIONED_WAIT = 0.1
"""The share of the workers' time from which on a wait is mentioned."""


@dataclass(frozen=True)
class Verdict:
    """A verdict, or the reason why there is none."""

    text: str
    found: bool

    def __str__(self) -> str:
        return self.text if self.found else f"No verdict: {self.text}"


class _NoVerdictError(Exception):
    """The figures don't carry a verdict; the message says why."""


def verdict(rows: tuple[Row, ...], finished: bool, more: str = MORE_WORK) -> Verdict:
    """The verdict on the rows of a comparison that has finished or not; `more`: the option that makes runs longer."""
    try:
        return Verdict(_verdict(rows, finished, more), True)
    except _NoVerdictError as error:
        return Verdict(str(error), False)


def _verdict(rows: tuple[Row, ...], finished: bool, more: str) -> str:
    _check(rows, finished, more)
    workers = max(row.case.workers for row in rows)
    deciding = [row for row in rows if row.case.workers == workers]
    if workers == 1 or len(deciding) == 1:
        what = "one worker runs alone" if workers == 1 else "one model, one interpreter"
        raise _NoVerdictError(f"nothing to compare: {what}")
    if len({row.case.name for row in deciding}) == 1:
        return _compare_interpreters(deciding)
    pythons = {row.case.python.path: row.case.python for row in deciding}
    main = max(pythons.values(), key=lambda python: _weight(python, deciding))
    own = [row for row in deciding if row.case.python == main]
    said = _compare_models(
        own,
        [row for row in deciding if row.case.model not in {each.case.model for each in own}],
        f" under {main.short}" if len(pythons) > 1 else "",
        more,
    )
    slow = (row for row in deciding if row is not own[0] and row.case.model == FREE_THREADED)
    return said + "".join(map(lock_causes.sentence, slow))


def _weight(python: Interpreter, rows: list[Row]) -> tuple[object, ...]:
    """The interpreter for which this is greatest has the baseline."""
    models = {row.case.model for row in rows if row.case.python == python}
    return python.gil_enabled, len(models), "threads" in models, python.release


def _check(rows: tuple[Row, ...], finished: bool, more: str) -> None:
    for row in rows:
        if row.problem:
            raise _NoVerdictError(f"incomplete: {row.case.name} under {row.case.python.short}: {row.problem}")
    stuck = next((row for row in rows if row.deadlock), None)
    if stuck:
        raise _NoVerdictError(f"a deadlock: the {stuck.case.workers} runs as {stuck.case.name} never ended")
    if finished and not rows:
        raise _NoVerdictError("incomplete: no case could be measured")
    if not finished or not rows or any(row.n_runs is None for row in rows):
        raise _NoVerdictError("incomplete: not every case has been measured")
    if any(row.repeats < 2 for row in rows):
        raise _NoVerdictError("measured once, so a difference may be noise; repeat it (--repeat 3)")
    shortest_s = min((row.one_run.median for row in rows if row.one_run), default=SHORTEST_RUN_S)
    if shortest_s < SHORTEST_RUN_S:
        raise _NoVerdictError(f"too short: one run took {seconds(shortest_s)}; do more work ({more})")
    if reason := next((row.no_ratio for row in rows if row.no_ratio), None):
        raise _NoVerdictError(f"no ratio: {reason}")
    if any(row.speedup is None for row in rows):
        raise _NoVerdictError("incomplete: a model has no single run")


def _compare_models(rows: list[Row], elsewhere: list[Row], under: str, more: str) -> str:
    """The verdict on several models under one interpreter, and on those that only others have."""
    baseline = rows[0]
    candidates = [baseline, *(row for row in rows[1:] if not _mostly_launching(row))]
    launching = [row for row in rows[1:] if _mostly_launching(row)]
    if len(candidates) == 1 and launching and not elsewhere:
        row = launching[0]
        launch, time = seconds(row.launch_s), seconds(_n_runs(row).median)
        raise _NoVerdictError(f"too short: starting {row.case.name} takes {launch} of {time}; do more work ({more})")
    for row in (*candidates, *elsewhere):
        if _speedup(row).median > MAX_OVER_IDEAL * row.ideal:
            reached = f"speed-up {decimal(_speedup(row).median)} of {row.case.name}"
            raise _NoVerdictError(f"too noisy: the {reached} is more than the possible {compact(row.ideal)}")
    fastest = max(candidates, key=lambda row: _speedup(row).median)
    by_speedup = sorted(elsewhere, key=lambda row: _speedup(row).median)
    best = sorted({row.case.name: row for row in by_speedup}.values(), key=by_speedup.index, reverse=True)
    slower = [row for row in best if _is_faster(row, baseline) and _takes_longer(row, baseline)]
    best = [row for row in best if row not in slower]
    longer = "".join(_slower(row, baseline) for row in slower)
    faster = [row for row in best if _is_faster(row, baseline)]
    if _is_faster(fastest, baseline):
        return _recommend_other(baseline, candidates, fastest, faster, under) + longer
    if faster:
        return f"{_baseline_figures(baseline, under)} Use {_joined([*map(_elsewhere, faster)], 'or')}.{longer}"
    for other in (*candidates[1:], *best):
        _check_noise(baseline, other)
    return _recommend_baseline(baseline, candidates[1:], best[0] if best else None, under) + longer


def _recommend_other(baseline: Row, candidates: list[Row], fastest: Row, elsewhere: list[Row], under: str) -> str:
    faster = [row for row in candidates if row is fastest or (_is_faster(row, baseline) and _is_similar(row, fastest))]
    first = faster[0]
    names = _joined([row.case.name for row in faster], "or")
    build = "".join(f", or {_elsewhere(row)}" for row in elsewhere)
    return (
        f"{_baseline_figures(baseline, under)} {_capitalized(first.case.name)}: speed-up "
        f"{decimal(_speedup(first).median)} on {cores(first.cores)}, ideal {compact(first.ideal)}. Use {names}{build}."
    )


def _recommend_baseline(baseline: Row, others: list[Row], free: Row | None, under: str) -> str:
    name = baseline.case.name
    if _speedup(baseline).median >= GOOD * baseline.ideal:
        similar = [row.case.name for row in others if _is_similar(row, baseline)]
        reach = "reach" if len(similar) > 1 or "".join(similar).endswith("s") else "reaches"
        as_good = f"; {_joined(similar, 'and')} {reach} about the same" if similar else ""
        return f"{_figures(baseline, under)}, ideal {compact(baseline.ideal)}{as_good}. Use {name}: no model is faster."
    other = max(others, key=lambda row: _speedup(row).median, default=free)
    ideal = compact(baseline.ideal)
    best = (
        f" {_capitalized(other.case.name)}: speed-up {decimal(_speedup(other).median)}, ideal {ideal}." if other else ""
    )
    return f"{_baseline_figures(baseline, under)}{best} No model is faster."


def _compare_interpreters(rows: list[Row]) -> str:
    """The verdict on one model under several interpreters, by the time of the N runs."""
    by_time = sorted(rows, key=lambda row: _n_runs(row).median)
    fastest, slowest = by_time[0], by_time[-1]
    case = f"{_capitalized(fastest.case.name)}, {fastest.case.workers} workers"
    as_fast = [row for row in by_time if _n_runs(row).overlaps(_n_runs(fastest))]
    names = _joined([row.case.python.short for row in as_fast], "and")
    if len(as_fast) > 1 and slowest in as_fast:
        if any(_n_runs(row).relative_range > MAX_RELATIVE_RANGE for row in by_time):
            raise _NoVerdictError(_noise(names))
        return f"{case}: no interpreter is faster than another."
    return (
        f"{case}: {names} {'is' if len(as_fast) == 1 else 'are'} the fastest, {seconds(_n_runs(fastest).median)}; "
        f"{slowest.case.python.short} takes {seconds(_n_runs(slowest).median)}."
    )


def _check_noise(baseline: Row, other: Row) -> None:
    a, b = _speedup(baseline), _speedup(other)
    if a.overlaps(b) and max(a.relative_range, b.relative_range) > MAX_RELATIVE_RANGE:
        raise _NoVerdictError(_noise(f"{baseline.case.name} ({_range(a)}) and {other.case.name} ({_range(b)})"))


def _range(spread: Spread) -> str:
    return f"{decimal(spread.least)} to {decimal(spread.most)}"


def _noise(names: str) -> str:
    return f"too noisy: the ranges of {names} overlap; repeat it more often or on a quieter machine"


def _figures(row: Row, under: str) -> str:
    speedup = decimal(_speedup(row).median)
    return f"{_capitalized(row.case.name)}{under}: speed-up {speedup} with {row.case.workers} workers"


def _baseline_figures(row: Row, under: str) -> str:
    """What the baseline reached, and what kept it from more: hand-offs of the GIL, or what its workers waited for."""
    per_s, wasted = row.handoffs_per_s or 0.0, row.wasted_cores or 0.0
    if per_s >= MANY_HANDOFFS and wasted >= WASTED_CORES:
        busy, each_us = decimal(row.cores_busy), f"{1e6 * wasted / per_s:.0f} µs"
        cause = f"the GIL was released and taken again {whole(per_s)} times a second, for {each_us} of CPU time each"
        return f"{_figures(row, under)}; they kept {busy} cores busy, but {cause}."
    share, what = max((row.gil_wait or 0.0, "the GIL"), (row.core_wait or 0.0, "a core"))
    is_lock = lock_causes.share(row) >= share or row.case.model == FREE_THREADED
    if is_lock and (cause := lock_causes.cause(row)):
        return f"{_figures(row, under)}; they {cause}."
    waited = f"; they waited for {what} {percent(share, ' %')} of their time" if share >= MENTIONED_WAIT else ""
    return f"{_figures(row, under)}{waited}."


def _elsewhere(row: Row) -> str:
    """The recommendation of another interpreter; it says so where a single run is slower there than elsewhere."""
    speedup, vs_fastest = _speedup(row).median, row.vs_fastest or 0.0
    slower = f", {decimal(vs_fastest)} against the fastest single run" if vs_fastest < 0.85 * speedup else ""
    what = "a free-threaded build" if row.case.model == FREE_THREADED else row.case.name
    return f"{what} (speed-up {decimal(speedup)} under {row.case.python.short}{slower})"


def _slower(row: Row, baseline: Row) -> str:
    """Of one whose workers run at the same time, but so slowly that the baseline's end earlier; a sentence."""
    times = f"{row.case.workers} runs take {seconds(_n_runs(row).median)}, {baseline.case.name} "
    verb = "are" if row.case.name.endswith("s") else "is"
    return f" {_capitalized(_elsewhere(row))} {verb} slower: {times}{seconds(_n_runs(baseline).median)}."


def _takes_longer(row: Row, other: Row) -> bool:
    """Whether all of the row's N runs took longer than all of the other's."""
    return _n_runs(row).least > _n_runs(other).most


def _mostly_launching(row: Row) -> bool:
    return row.launch_s is not None and row.launch_s > MAX_LAUNCH_SHARE * _n_runs(row).median


def _is_faster(row: Row, other: Row) -> bool:
    """Whether all of the row's speed-ups are above all of the other's."""
    return _speedup(row).least > _speedup(other).most


def _is_similar(row: Row, other: Row) -> bool:
    return _speedup(row).median >= SIMILAR * _speedup(other).median


def _speedup(row: Row) -> Spread:
    assert row.speedup is not None
    return row.speedup


def _n_runs(row: Row) -> Spread:
    assert row.n_runs is not None
    return row.n_runs


def _capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]


def _joined(names: list[str], word: str) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last
