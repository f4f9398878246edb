"""How late something was, as a histogram: buckets of a quarter of an octave each, from 1 µs to some seconds.

Runs under any CPython from 3.9 on, in the lab and in the app alike; standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Optional, Sequence, Tuple

BUCKETS = 96
_FIRST_BITS = 10
"""The first bucket holds all below 2 to this power, in ns."""


def bucket(ns: int) -> int:
    """The number of the bucket that this delay belongs to."""
    bits = ns.bit_length()
    if bits <= _FIRST_BITS:
        return 0
    return min(BUCKETS - 1, 1 + (bits - _FIRST_BITS - 1) * 4 + (ns >> (bits - 3) & 3))


def upper_ns(number: int) -> int:
    """What all delays in this bucket are below."""
    octave, quarter = divmod(number - 1, 4)
    return 5 + quarter << octave + _FIRST_BITS - 2 if number else 1 << _FIRST_BITS


@dataclass(frozen=True)
class DelayHistogram:
    """A number of delays."""

    counts: Tuple[int, ...]
    """By bucket."""
    max_ns: int
    """The longest; of a window's delays, at most the upper end of its bucket."""

    def within(self, counts: Sequence[float]) -> DelayHistogram:
        """Those of these in a window, of which only the counts are known."""
        highest = max((number for number, count in enumerate(counts) if count), default=0)
        return DelayHistogram(tuple(map(int, counts)), min(upper_ns(highest), self.max_ns))

    @property
    def count(self) -> int:
        return sum(self.counts)

    def quantile_ns(self, share: float) -> Optional[float]:
        """What this share of the delays does not exceed, to about a tenth; None if there are none."""
        rank = share * self.count
        for number, count in enumerate(self.counts):
            if count and rank <= count:
                lower, upper = upper_ns(number - 1) if number else 0, min(upper_ns(number), self.max_ns)
                return lower + max(0, upper - lower) * rank / count
            rank -= count
        return None

    @property
    def median_ns(self) -> Optional[float]:
        return self.quantile_ns(0.5)

    @property
    def p99_ns(self) -> Optional[float]:
        return self.quantile_ns(0.99)

    def histogram(self) -> Iterator[Tuple[int, int]]:
        """`(upper end in ns, count)` of the buckets that are not empty."""
        return ((upper_ns(number), count) for number, count in enumerate(self.counts) if count)
