"""For how much of the time in which records show a GIL as held it is."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pconc_tui.kernel.gil_use import GilUse


def sampled(*samples: bool) -> GilUse:
    found = GilUse()
    for is_held in samples:
        found.sampled(is_held)
    return found


@pytest.mark.parametrize(("held", "free", "part"), [(50, 50, 0.5), (10, 90, 0.1), (90, 10, 0.9)])
def test_the_part_is_that_of_the_samples(held: int, free: int, part: float) -> None:
    assert sampled(*[True] * held, *[False] * free).held == pytest.approx(part, abs=0.2)


def test_one_more_free_sample_never_changes_much() -> None:
    found = sampled(*[True] * 20)
    parts = [found.held]
    for _ in range(100):
        found.sampled(False)
        parts.append(found.held)
    assert parts[0] == 1
    assert parts[-1] < 0.2
    assert all(0 < before - after < 0.05 for before, after in pairwise(parts))


def test_without_samples_records_are_right() -> None:
    assert sampled().held == 1
    assert sampled(False).held == 0.75


@pytest.mark.parametrize(("on_record", "not_on_record", "part"), [(9, 0, 1), (9, 3, 0.83), (0, 9, 0.33)])
def test_without_samples_it_is_held_for_less_where_it_is_released_unseen(
    on_record: int, not_on_record: int, part: float
) -> None:
    found = sampled()
    for number in range(on_record + not_on_record):
        found.ended(on_record=number >= not_on_record)
    assert found.held == pytest.approx(part, abs=0.02)


def test_samples_outweigh_how_holds_end() -> None:
    found = sampled(*[True] * 50)
    for _ in range(1000):
        found.ended(on_record=False)
    assert found.held > 0.93


def test_there_are_few_samples_until_there_are_more() -> None:
    assert sampled().has_few_samples
    assert sampled(*[True] * 15).has_few_samples
    assert not sampled(*[False] * 30).has_few_samples


@pytest.mark.parametrize(("held", "free", "is_"), [(25, 0, True), (15, 0, False), (45, 5, True), (40, 10, False)])
def test_it_is_held_nearly_always(held: int, free: int, is_: bool) -> None:
    assert sampled(*[False] * free, *[True] * held).is_nearly_always_held is is_


def test_a_program_may_begin_to_hold_it() -> None:
    assert sampled(*[False] * 1000, *[True] * 300).is_nearly_always_held


def held_for_ready(held: int, free: int, *ready: bool) -> float:
    found = sampled(*[True, *[False] * (free // held)] * held)
    for is_held in ready:
        found.sampled_ready(is_held)
    return found.held_for_ready


def test_where_it_is_often_free_samples_of_ready_threads_count() -> None:
    assert held_for_ready(30, 60, *[False] * 60) == pytest.approx(0, abs=0.06)
    assert held_for_ready(30, 60, *[True] * 60) == pytest.approx(1, abs=0.06)


def test_where_it_is_never_free_they_count_for_nothing() -> None:
    assert held_for_ready(60, 0, *[False] * 60) == pytest.approx(1)


def test_without_any_it_is_held_for_less_of_the_time_then() -> None:
    assert held_for_ready(30, 60) < 0.2


def test_ready_threads_are_sampled_where_it_is_often_free() -> None:
    assert sampled(*[True, False] * 30).is_often_free
    assert not sampled(*[True] * 9, False).is_often_free
    assert not sampled().is_often_free
