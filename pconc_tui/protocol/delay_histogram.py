"""A histogram of delays. Its buckets are a quarter of an octave wide and reach from 1 µs to 15 s.

Bucket 0 holds all delays below 1024 ns, bucket 1 those from 1024 to 1279 ns, bucket 2 those from 1280 to 1535 ns: after
every four buckets the width doubles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Optional, Sequence, Tuple

BUCKETS = 96
_FIRST_BITS = 10
"""The first bucket holds all delays below 2 to this power, in ns."""


def bucket(ns: int) -> int:
    """The number of the bucket of a delay of `ns` nanoseconds."""
    bits = ns.bit_length()
    if bits <= _FIRST_BITS:
        return 0
    return min(BUCKETS - 1, 1 + (bits - _FIRST_BITS - 1) * 4 + (ns >> (bits - 3) & 3))


def upper_ns(number: int) -> int:
    """The upper end of a bucket in ns; all its delays are below it."""
    octave, quarter = divmod(number - 1, 4)
    return 5 + quarter << octave + _FIRST_BITS - 2 if number else 1 << _FIRST_BITS


@dataclass(frozen=True)
class DelayHistogram:
    """Delays, counted by bucket."""

    counts: Tuple[int, ...]
    """How many delays each bucket holds."""
    max_ns: int
    """The longest delay; for a window of time, the upper end of its bucket at most."""

    def within(self, counts: Sequence[float]) -> DelayHistogram:
        """The delays of a window of time, of which only the counts by bucket are known."""
        highest = max((number for number, count in enumerate(counts) if count), default=0)
        return DelayHistogram(tuple(map(int, counts)), min(upper_ns(highest), self.max_ns))

    @property
    def count(self) -> int:
        """How many delays there are."""
        return sum(self.counts)

    def quantile_ns(self, share: float) -> Optional[float]:
        """The delay in ns that `share` (0 to 1) of all delays do not exceed, to within 13 %; None without delays."""
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
        """`(upper end in ns, count)` of each bucket that is not empty."""
        return ((upper_ns(number), count) for number, count in enumerate(self.counts) if count)
