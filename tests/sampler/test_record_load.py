"""An observer finds out early that it can't keep up, and not because of a moment's burst."""

from __future__ import annotations

import pytest

from pconc_tui.sampler.record_load import Batch, RecordLoad

MS = 1_000_000
TOO_MANY = (0, 0, 11_000, 0), (100, 55, 20_000, 0), (300, 155, 25_000, 0)


def load(*batches: tuple[int, int, int, int], idle: float = 0, idle_budget_ms: int = 600) -> list[int | None]:
    """The result of each batch of time, CPU clock (both in ms), records and losses, on 4 cores.

    `idle`: how many of them are.
    """
    judge = RecordLoad(4, idle_budget_ms * MS)
    return [
        judge.add(Batch(time * MS, cpu * MS, round(idle * time * MS), records, losses, 100 * losses * MS))
        for time, cpu, records, losses in batches
    ]


def test_few_records_are_kept_up_with() -> None:
    """200 ms of CPU time a second."""
    assert load(*((40 * n, 8 * n, 1000, 0) for n in range(200))) == [None] * 200


def test_the_batch_that_would_cost_too_much_is_not_judged() -> None:
    """5 us a record: 55 ms for the first, 100 for the second, 125 for the third."""
    assert load(*TOO_MANY) == [None, None, 75_000]


@pytest.mark.parametrize(("idle", "too_many"), [(0, True), (0.05, True), (0.15, False), (2, False)])
def test_where_cores_are_idle_records_may_cost_more(idle: float, too_many: bool) -> None:
    assert (load(*TOO_MANY, idle=idle)[-1] is not None) is too_many


def test_where_cores_are_idle_records_have_a_budget_too() -> None:
    later = ((300 + 100 * n, 280 + 70 * n, 15_000, 0) for n in range(10))
    assert load(*TOO_MANY, *later, idle=2)[-1] is not None


def test_where_idle_cores_mean_nothing_the_budget_is_the_usual_one() -> None:
    assert load(*TOO_MANY, idle=2, idle_budget_ms=0)[-1] is not None


def test_a_burst_that_costs_less_is_kept_up_with() -> None:
    assert load((0, 0, 20_000, 0), (100, 100, 20_000, 0), (1200, 200, 20_000, 0)) == [None] * 3


def test_a_slow_start_says_nothing_of_what_a_record_costs() -> None:
    assert load((0, 0, 20, 0), (40, 10, 5000, 0)) == [None, None]


@pytest.mark.parametrize(("apart_ms", "too_many"), [(400, True), (1400, False)])
def test_records_may_be_lost_once_in_a_second(apart_ms: int, too_many: bool) -> None:
    found = load((0, 0, 100, 1), (apart_ms, 5, 100, 1))
    assert (found[-1] is not None) is too_many


@pytest.mark.parametrize(("lost_ms", "too_many"), [(100, False), (300, True)])
def test_records_of_a_part_of_a_second_may_be_lost(lost_ms: int, too_many: bool) -> None:
    judge = RecordLoad(4, 0)
    assert (judge.add(Batch(0, 0, 0, 100, 1, lost_ms * MS)) is not None) is too_many
