"""How many of the waits can be for the GIL."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.gil_wait_count import GilWaitCount


def counted(*stretches: tuple[int, int]) -> GilWaitCount:
    """`stretches`: how many waits there are until each reading, and how many for the GIL begin."""
    found, total = GilWaitCount(), 1000
    found.read(total)
    for waits, begun in stretches:
        for _ in range(waits):
            found.blocks()
        total += begun
        found.read(total)
    return found


def test_where_few_begin_nearly_all_waits_are_for_something_else() -> None:
    found = counted((500, 5))
    assert found.most == pytest.approx(0.02)
    assert not found.are_most


def test_where_many_begin_waits_are_for_the_gil() -> None:
    found = counted((100, 300))
    assert found.are_most
    assert found.most == 1


def test_in_between_nothing_is_said() -> None:
    found = counted((100, 60))
    assert not found.are_most
    assert found.most == 1


def test_without_readings_or_waits_nothing_is_said() -> None:
    for found in (GilWaitCount(), counted(), counted((3, 0)), counted((0, 100))):
        assert not found.are_most
        assert found.most == 1


def test_what_began_before_the_first_reading_does_not_count() -> None:
    found = GilWaitCount()
    for _ in range(100):
        found.blocks()
    found.read(70)
    assert found.most == 1


def test_earlier_numbers_count_less_and_less() -> None:
    assert counted(*[(100, 300)] * 5, *[(100, 0)] * 60).most < 0.02


def test_what_can_be_no_count_is_left_out() -> None:
    assert counted((100, -7)).most == 1
    assert not counted((100, 5 << 32)).are_most
