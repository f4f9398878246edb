"""Whether an observer keeps up with the records, at a cost that is worth it. Pure.

It is judged before each batch is decoded into states, which is what costs: by what those of the last second cost.

    batch of 11,000 records, then 80 ms of CPU time    7 us each: the next of 30,000 would take 210 ms more
    batch of 30,000 records                            80 + 210 > 250 ms of CPU time in a second: too many
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

WINDOW_NS = 1_000_000_000
BUDGET_NS = 250_000_000
"""CPU time that records may cost in `WINDOW_NS`: the observed program needs the cores itself."""
MOST_LOSSES = 1
"""Stretches of lost records within `WINDOW_NS`."""
FEWEST = 2000
"""So many records say what one costs."""


class Batch(NamedTuple):
    """Records that were read at once."""

    time_ns: int
    cpu_ns: int
    """The observer's CPU clock before it judges them."""
    records: int
    losses: int
    """Stretches in which records were lost."""


class RecordLoad:
    """The batches of the last second."""

    def __init__(self) -> None:
        self._batches: deque[Batch] = deque()

    def add(self, batch: Batch) -> int | None:
        """Add a batch that is about to be judged. Returns the switches a second if they are too many, else None."""
        batches = self._batches
        while batches and batches[0].time_ns < batch.time_ns - WINDOW_NS:
            batches.popleft()
        used_ns = batch.cpu_ns - batches[0].cpu_ns if batches else 0
        each_ns = used_ns / max(FEWEST, sum(each.records for each in batches))
        batches.append(batch)
        losses = sum(each.losses for each in batches)
        if used_ns + each_ns * batch.records <= BUDGET_NS and losses <= MOST_LOSSES:
            return None
        later_records = sum(each.records for each in batches) - batches[0].records
        # Of two records one is a switch onto a core, the other off it.
        return round(later_records / 2 * 1e9 / max(1, batch.time_ns - batches[0].time_ns))
