"""The code of experiments, recorded with what it did: a user's functions may be gone when the recording is replayed."""

from __future__ import annotations

from dataclasses import dataclass

from pconc_tui import experiments
from pconc_tui.recording.codec import codec
from pconc_tui.snapshot import Snapshot


@dataclass(frozen=True)
class Source:
    """An experiment as it was when it was recorded."""

    id: str
    title: str
    models: tuple[str, ...]
    variants: tuple[str, ...]
    watch: str
    text: str
    """The source code."""
    first: int
    """The number of the first line of the code of the default variant."""
    last: int


SOURCE = codec(Source)


def source_of(id: str) -> Source | None:
    """The source of this experiment; None: it is not known here."""
    try:
        found = experiments.load(id)
        first, last = found.extent(found.variant, found.models[0])
        return Source(id, found.title, found.models, tuple(found.variants), found.watch, found.source, first, last)
    except (KeyError, OSError, SyntaxError, ValueError):
        return None


def experiments_in(snapshot: Snapshot) -> set[str]:
    """The ids of all experiments that a Snapshot shows."""
    found = {each.experiment for each in snapshot.workers}
    found |= {each.experiment for each in snapshot.measurements}
    found |= {each.experiment for each in snapshot.counters}
    if snapshot.progress is not None:
        found.add(snapshot.progress.experiment)
    if snapshot.comparison is not None:
        found.add(snapshot.comparison.plan.experiment)
    return found
