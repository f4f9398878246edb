"""What happened in a recording that one may want to find again. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline_values import plural
from pconc_tui.text.sentences import deadlock, sentence
from pconc_tui.text.what_runs import briefly, noun


class Mark(NamedTuple):
    """A moment."""

    time_ns: int
    """That of the first Snapshot that shows it."""
    kind: str
    """`launch`, `measurement`, `comparison`, `deadlock` or `note`."""
    text: str


def marks_between(before: Snapshot, now: Snapshot) -> Iterator[Mark]:
    """What has happened from one Snapshot to the next."""
    for kind, text in (*_launches(before, now), *_measurements(before, now), *_deadlocks(before, now)):
        yield Mark(now.now_ns, kind, text)


def _launches(before: Snapshot, now: Snapshot) -> Iterator[tuple[str, str]]:
    """Workers that were launched, and measurements and comparisons that began, which launch their own."""
    if now.progress is None:
        known = {worker.id for worker in before.workers}
        new = Counter((each.model, each.experiment) for each in now.workers if each.id not in known)
        for (model, experiment), count in new.items():
            yield "launch", f"{plural(count, noun(model))} of {briefly(experiment)}"
    elif now.comparison is not None and now.comparison.current is not None:
        if before.comparison is None or before.comparison.plan is not now.comparison.plan:
            yield "comparison", f"comparing models of {briefly(now.comparison.plan.experiment)}"
    elif before.progress is None:
        yield "measurement", f"measuring {briefly(now.progress.experiment)}, {now.progress.model}"


def _measurements(before: Snapshot, now: Snapshot) -> Iterator[tuple[str, str]]:
    """Results."""
    known = {id(each) for each in before.measurements}
    for each in now.measurements:
        if id(each) not in known:
            yield "measurement", f"{briefly(each.experiment)}: {sentence(each)}"
    was, comparison = before.comparison, now.comparison
    if comparison is not None:
        known |= {id(each) for _, each in was.results} if was is not None else set()
        for case, each in comparison.results:
            if id(each) not in known:
                yield "measurement", f"{briefly(each.experiment)} under {case.python.short}: {sentence(each)}"
    if comparison is not None and comparison.current is None and was is not None and was.current is not None:
        yield "comparison", f"the comparison of {briefly(comparison.plan.experiment)} has ended"


def _deadlocks(before: Snapshot, now: Snapshot) -> Iterator[tuple[str, str]]:
    known = {each.deadlock for each in before.counters}
    for each in now.counters:
        if each.deadlock and each.deadlock not in known:
            yield "deadlock", deadlock(each.deadlock)
