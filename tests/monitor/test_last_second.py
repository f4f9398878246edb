"""Growth and rates over the last second."""

from __future__ import annotations

from pconc_tui.monitor.last_second import LastSecond

S = 1_000_000_000


def test_one_sample_has_no_growth() -> None:
    totals = LastSecond()
    totals.add(0, 5)
    assert totals.growth() is None
    assert totals.rates() is None


def test_growth_counts_from_the_oldest_sample_of_the_window() -> None:
    totals = LastSecond()
    for second in range(5):
        totals.add(second * S, second * 10, second)
    assert totals.growth() == (10, 1)


def test_rates_are_per_second() -> None:
    totals = LastSecond()
    totals.add(0, 0)
    totals.add(S // 2, 3)
    assert totals.rates() == (6,)
