"""Which lanes are on the screen, and how tall they are. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LaneLayout:
    """Which workers have a lane on screen, and how tall the lanes are."""

    first: int
    """Index of the first worker."""
    count: int
    height: int
    """Rows of a lane."""
    gap: int
    """Blank rows after a lane."""

    def worker_at(self, row: int) -> int:
        """The index of the worker in this row."""
        return self.first + row // (self.height + self.gap)


def lane_layout(workers: int, selected: int, rows: int, projector: bool = False) -> LaneLayout:
    """Lanes as tall as the rows allow, or, with too few rows, one row for each of the workers around the selected."""
    rows = max(1, rows)
    if workers == 0:
        return LaneLayout(0, 0, 1, 0)
    rows_each = rows // workers
    if rows_each >= 2:
        return LaneLayout(0, workers, min(rows_each, 8 if projector else 5) - 1, 1)
    count = min(workers, rows)
    first = max(0, min(selected - count // 2, workers - count))
    return LaneLayout(first, count, 1, 0)
