"""The histogram of delays: every delay has its bucket, and figures come out as they went in."""

from __future__ import annotations

import itertools

import pytest

from pconc_tui.protocol.delay_histogram import BUCKETS, DelayHistogram, bucket, upper_ns


def made(*delays_ns: int) -> DelayHistogram:
    counts = [0] * BUCKETS
    for ns in delays_ns:
        counts[bucket(ns)] += 1
    return DelayHistogram(tuple(counts), max(delays_ns, default=0))


@pytest.mark.parametrize("ns", [0, 1, 1023, 1024, 1279, 1280, 5_000_000, 999_999_999, 4_000_000_000])
def test_a_delay_is_in_the_bucket_that_ends_above_it(ns: int) -> None:
    number = bucket(ns)
    assert ns < upper_ns(number)
    assert number == 0 or ns >= upper_ns(number - 1)


def test_buckets_grow_by_a_quarter_at_most() -> None:
    ends = [upper_ns(number) for number in range(BUCKETS)]
    assert all(1.1 < high / low <= 1.25 for low, high in itertools.pairwise(ends))
    assert bucket(10**18) == BUCKETS - 1


def test_quantiles() -> None:
    assert made().median_ns is None
    many = made(*[100_000] * 98, 5_000_000, 20_000_000)
    assert many.median_ns == pytest.approx(100_000, rel=0.13)
    assert many.p99_ns == pytest.approx(5_000_000, rel=0.13)
    assert many.quantile_ns(1) == many.max_ns == 20_000_000
    assert sum(count for _, count in many.histogram()) == many.count == 100


def test_of_a_window_only_the_counts_are_known() -> None:
    window = made(50_000, 70_000, 9_000_000).within(made(50_000, 70_000).counts)
    assert window.count == 2
    assert 70_000 <= window.max_ns <= 70_000 * 1.25
    longest = made(70_000)
    assert longest.within(longest.counts).max_ns == 70_000
