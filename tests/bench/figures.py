"""What a benchmark finds: figures, and the table they are printed in."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A row of the table."""

    what: str
    value: str
    target: str = ""
    remark: str = ""


HEADER = Figure("what", "measured", "target", "remark")


def row(figure: Figure) -> str:
    """A figure as a line; all lines have the same columns, so that each can be printed as soon as it is known."""
    return f"{figure.what:<44} {figure.value:>12} {figure.target:>10}  {figure.remark}".rstrip()


def spread(values: Sequence[float]) -> str:
    """The middle half of the values."""
    low, _, high = statistics.quantiles(values, n=4)
    return f"{low:.3f} to {high:.3f}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of the values do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
