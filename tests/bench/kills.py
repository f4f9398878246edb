"""What is left when one process of the program receives a signal at a random moment, or the terminal is closed then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from tests.bench.figures import Figure
from tests.kills import CLOSED, ENDS, Result, planned, run
from tests.process_roles import ROLES

AT_ONCE = 3
"""Trials: more would be slow for want of cores."""


class Extent(NamedTuple):
    """How much is tried: one trial for each seed from the first one on."""

    seed: int
    trials: int


FULL, SMOKE = Extent(0, 200), Extent(0, 2)


def figures(extent: Extent) -> Iterator[Figure]:
    """Each failure with its seed, then the failures of each process by what it received."""
    results = []
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as pool:
        for result in pool.map(run, map(planned, range(extent.seed, extent.seed + extent.trials))):
            results.append(result)
            if result.problems:
                what = f"--seed {result.trial.seed}: {result.role}, {result.trial.end}"
                yield Figure(what, "left", "", f"{result.trial.shown}: {'; '.join(result.problems)}")
    by_role: dict[str, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        by_role[result.role][result.trial.end].append(result)
    for role in sorted(by_role, key=ROLES.index):
        cells = by_role[role]
        remark = ", ".join(f"{end} {_failed(cells[end])}" for end in ENDS if end in cells)
        yield Figure(role, _failed([each for cell in cells.values() for each in cell]), "0", remark)
    ends = ", ".join(f"{end} {_failed([each for each in results if each.trial.end == end])}" for end in ENDS)
    yield Figure("trials that left anything", _failed(results), "0", ends)
    closed = [each.ended_s for each in results if each.trial.end == CLOSED]
    if closed:
        yield Figure("closed terminal to the end of the app, longest", f"{max(closed):.2f} s", "<= 2 s")
    yield Figure("end of the app to the end of all, longest", f"{max(each.left_s for each in results):.2f} s", "<= 3 s")


def _failed(results: list[Result]) -> str:
    return f"{sum(bool(each.problems) for each in results)} of {len(results)}"
