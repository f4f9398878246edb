"""Whether an observer keeps up with the records, at a cost that is worth it. Pure.

It is judged before each batch is decoded into states, which is what costs: by what those of the last second cost.

    batch of 11,000 records, then 80 ms of CPU time    7 us each: the next of 30,000 would take 210 ms more
    batch of 30,000 records                            80 + 210 > 250 ms of CPU time in a second: too many

Where cores are idle, the observed program does not need what the observer uses, so there the budget is another.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

WINDOW_NS = 1_000_000_000
BUDGET_NS = 250_000_000
"""CPU time that records may cost in `WINDOW_NS`: the observed program needs the cores itself."""
IDLE = 0.025
"""Where all cores together are idle for less of their time, the observed program may need them all."""
MOST_LOSSES, MOST_LOST_NS = 1, 200_000_000
"""Stretches of lost records within `WINDOW_NS`, and how long they are together."""
FEWEST = 2000
"""So many records say what one costs."""


class Batch(NamedTuple):
    """Records that were read at once."""

    time_ns: int
    cpu_ns: int
    """The observer's CPU clock before it judges them."""
    idle_ns: int
    """For how long cores have been idle until now, all of them together."""
    records: int
    losses: int
    """Stretches in which records were lost."""
    lost_ns: int
    """How long these are together."""


class RecordLoad:
    """The batches of the last second."""

    def __init__(self, cores: int, idle_budget_ns: int) -> None:
        """`cores`: of the machine; `idle_budget_ns`: as `BUDGET_NS`, where cores are idle."""
        self._cores = cores
        self._idle_budget_ns = max(idle_budget_ns, BUDGET_NS)
        self._batches: deque[Batch] = deque()

    def add(self, batch: Batch) -> int | None:
        """Add a batch that is about to be judged. Returns the switches a second if they are too many, else None."""
        batches = self._batches
        while batches and batches[0].time_ns < batch.time_ns - WINDOW_NS:
            batches.popleft()
        used_ns = batch.cpu_ns - batches[0].cpu_ns if batches else 0
        each_ns = used_ns / max(FEWEST, sum(each.records for each in batches))
        batches.append(batch)
        losses, lost_ns = sum(each.losses for each in batches), sum(each.lost_ns for each in batches)
        elapsed_ns = batch.time_ns - batches[0].time_ns
        is_idle = batch.idle_ns - batches[0].idle_ns >= IDLE * self._cores * max(1, elapsed_ns)
        budget_ns = self._idle_budget_ns if is_idle else BUDGET_NS
        if used_ns + each_ns * batch.records <= budget_ns and losses <= MOST_LOSSES and lost_ns <= MOST_LOST_NS:
            return None
        later_records = sum(each.records for each in batches) - batches[0].records
        # Of two records one is a switch onto a core, the other off it.
        return round(later_records / 2 * 1e9 / max(1, elapsed_ns))
