"""What a comparison's figures say, in a sentence or two; or why they don't carry a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from pconc_tui.comparison.rows import Row, Spread
from pconc_tui.models import FREE_THREADED
from pconc_tui.text.sentences import seconds

SHORT_S = 0.05
"""A single run below this says more of noise than of the work."""
LAUNCHING = 0.5
"""A model whose workers spend more than this part of the time starting is not judged by its speed."""
EQUAL = 0.25
"""Ranges that overlap mean equality only where each is narrower than this."""
POSSIBLE = 1.1
"""More than the ideal times this has not been measured in peace."""
ALIKE = 0.9
"""From this part of another's speed-up on, a model is as good a choice."""
GOOD = 0.8
"""From this part of the ideal on, a model does what it can."""


@dataclass(frozen=True)
class Verdict:
    """Either a verdict or the reason why there is none."""

    text: str
    found: bool

    def __str__(self) -> str:
        return self.text if self.found else f"No verdict: {self.text}"


class _NoVerdictError(Exception):
    """The message says why."""


def verdict(rows: tuple[Row, ...], finished: bool) -> Verdict:
    """By the cases with the most workers, under the newest interpreter with a GIL."""
    try:
        return Verdict(_judged(rows, finished), True)
    except _NoVerdictError as error:
        return Verdict(str(error), False)


def _judged(rows: tuple[Row, ...], finished: bool) -> str:
    _check(rows, finished)
    most = max(row.case.workers for row in rows)
    last = [row for row in rows if row.case.workers == most]
    if most == 1 or len(last) == 1:
        raise _NoVerdictError(
            "there is nothing to compare: " + ("one worker runs alone" if most == 1 else "one model, one interpreter")
        )
    if len({row.case.name for row in last}) == 1:
        return _of_interpreters(last)
    pythons = {row.case.python.path: row.case.python for row in last}
    main = max(pythons.values(), key=lambda python: (python.gil_enabled, python.release))
    named = f" under {main.short}" if len(pythons) > 1 else ""
    own = [row for row in last if row.case.python == main]
    elsewhere = [row for row in last if row.case.python != main and row.case.model == FREE_THREADED]
    return _of_models(own, elsewhere, named)


def _check(rows: tuple[Row, ...], finished: bool) -> None:
    for row in rows:
        if row.problem:
            raise _NoVerdictError(f"incomplete: {row.case.name} under {row.case.python.short}: {row.problem}")
    stuck = next((row for row in rows if row.deadlock), None)
    if stuck:
        raise _NoVerdictError(f"a deadlock: the {stuck.case.workers} runs as {stuck.case.name} never ended")
    if finished and any(row.time and row.one_run and row.speedup is None for row in rows):
        raise _NoVerdictError("N workers don't do N times the work of one here; see what `run` tells of each model")
    if not finished or not rows or any(row.speedup is None or row.one_run is None for row in rows):
        raise _NoVerdictError("incomplete: not all has been measured")
    if any(row.repeats < 2 for row in rows):
        raise _NoVerdictError("measured once, which tells no difference from noise; repeat it (--repeat 3)")
    shortest = min(row.one_run.median for row in rows if row.one_run)
    if shortest < SHORT_S:
        raise _NoVerdictError(f"too short: one run took {seconds(shortest)}; do more work (--scale)")


def _of_models(own: list[Row], elsewhere: list[Row], named: str) -> str:
    first = own[0]
    judged = [first, *(row for row in own[1:] if not _launching(row))]
    left_out = [row for row in own[1:] if _launching(row)]
    if len(judged) == 1 and left_out and not elsewhere:
        row = left_out[0]
        launch, time = seconds(row.launch_s), seconds(row.time.median if row.time else None)
        raise _NoVerdictError(f"too short: starting {row.case.name} takes {launch}, all of it {time} (--scale)")
    for row in (*judged, *elsewhere):
        if _speed(row).median > POSSIBLE * row.ideal:
            raise _NoVerdictError(
                f"too noisy: {row.case.name} {_speed(row).median:.2f} x is more than the {row.ideal:g} x possible"
            )
    best = max(judged, key=lambda row: _speed(row).median)
    free = max(elsewhere, key=lambda row: _speed(row).median, default=None)
    free_wins = free is not None and _beats(free, first)
    if best is not first and _beats(best, first):
        return _others_win(first, judged, best, free if free_wins else None, named)
    if free is not None and free_wins:
        return f"{_lost(first, named)} Use a free-threaded build ({_worth(free)})."
    for other in (*judged[1:], *([free] if free else [])):
        _check_noise(first, other)
    return _first_does(first, judged, free, named)


def _others_win(first: Row, judged: list[Row], best: Row, free: Row | None, named: str) -> str:
    winners = [row for row in judged if row is best or (_beats(row, first) and _as_good(row, best))]
    leader = winners[0]
    names = _either([row.case.name for row in winners])
    build = f", or a free-threaded build ({_worth(free)})" if free else ""
    cores = f"{leader.ideal:g} core{'s' if leader.ideal != 1 else ''}"
    return (
        f"{_lost(first, named)} {_capital(leader.case.name)}: {_speed(leader).median:.2f} x on {cores}, "
        f"ideal {leader.ideal:g}. Use {names}{build}."
    )


def _first_does(first: Row, judged: list[Row], free: Row | None, named: str) -> str:
    name, speed, workers = first.case.name, _speed(first).median, first.case.workers
    if speed >= GOOD * first.ideal:
        others = [row.case.name for row in judged if row is not first and _as_good(row, first)]
        do = "do" if len(others) > 1 or "".join(others).endswith("s") else "does"
        alike = f"; {_both(others)} {do} as well" if others else ""
        return (
            f"{_capital(name)}{named}: {speed:.2f} x on {workers} workers, ideal {first.ideal:g}{alike}. "
            f"Use {name}: nothing is faster."
        )
    slower = [row for row in judged if row is not first]
    other = max(slower, key=lambda row: _speed(row).median, default=free)
    told = f" {_capital(other.case.name)}: {_speed(other).median:.2f} x, ideal {first.ideal:g}." if other else ""
    return f"{_lost(first, named)}{told} No model gains anything here."


def _of_interpreters(last: list[Row]) -> str:
    ordered = sorted(last, key=lambda row: _time(row).median)
    best, next_one, slowest = ordered[0], ordered[1], ordered[-1]
    model, workers = best.case.name, best.case.workers
    if _time(best).overlaps(_time(next_one)):
        if not _time(best).overlaps(_time(slowest)):
            alike = [row.case.python.short for row in ordered if _time(row).overlaps(_time(best))]
            return (
                f"{_capital(model)}, {workers} workers: {_both(alike)} are the fastest, {seconds(_time(best).median)}; "
                f"{slowest.case.python.short} takes {seconds(_time(slowest).median)}."
            )
        for row in ordered:
            if _time(row).relative > EQUAL:
                raise _NoVerdictError(_noisy(f"{row.case.python.short}", f"{best.case.python.short}"))
        return f"{_capital(model)}, {workers} workers: no interpreter is faster than another."
    return (
        f"{_capital(model)}, {workers} workers: {best.case.python.short} is the fastest, "
        f"{seconds(_time(best).median)}; {slowest.case.python.short} takes {seconds(_time(slowest).median)}."
    )


def _check_noise(first: Row, other: Row) -> None:
    a, b = _speed(first), _speed(other)
    if a.overlaps(b) and (a.relative > EQUAL or b.relative > EQUAL):
        raise _NoVerdictError(
            _noisy(
                f"{first.case.name} {a.least:.2f} to {a.most:.2f} x",
                f"{other.case.name} {b.least:.2f} to {b.most:.2f} x",
            )
        )


def _noisy(one: str, other: str) -> str:
    return f"too noisy: the ranges overlap, {one}, {other}; repeat it more often or on a quieter machine"


def _lost(row: Row, named: str) -> str:
    """What a model reached, and what its workers' time went to."""
    waits = ((row.gil_wait or 0.0, "the GIL"), (row.core_wait or 0.0, "a core"))
    share, what = max(waits)
    went = f"; {share:.0%} of their time went to waiting for {what}".replace("%", " %") if share >= 0.1 else ""
    return f"{_capital(row.case.name)}{named}: {_speed(row).median:.2f} x on {row.case.workers} workers{went}."


def _worth(row: Row) -> str:
    speed, real = _speed(row).median, row.vs_fastest or 0.0
    of_fastest = f", {real:.2f} x of the fastest single run" if real < 0.85 * speed else ""
    return f"{speed:.2f} x under {row.case.python.short}{of_fastest}"


def _launching(row: Row) -> bool:
    return row.launch_s is not None and row.launch_s > LAUNCHING * _time(row).median


def _beats(row: Row, other: Row) -> bool:
    return _speed(row).least > _speed(other).most


def _as_good(row: Row, other: Row) -> bool:
    return _speed(row).median >= ALIKE * _speed(other).median


def _speed(row: Row) -> Spread:
    assert row.speedup is not None
    return row.speedup


def _time(row: Row) -> Spread:
    assert row.time is not None
    return row.time


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _both(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
