"""For how long a GIL was held between two times."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.gil import Hold
from pconc_tui.sampler.held_time import KEPT, HeldTime


@pytest.mark.parametrize(
    ("since_ns", "until_ns", "held_ns"),
    [(0, 100, 0), (0, 150, 50), (120, 180, 60), (150, 350, 100), (0, 1000, 200), (210, 290, 0), (300, 400, 100)],
)
def test_parts_of_holds_count(since_ns: int, until_ns: int, held_ns: int) -> None:
    found = HeldTime()
    found.add(Hold(100, 200, 1))
    found.add(Hold(300, 400, 2))
    assert found.between(since_ns, until_ns) == held_ns


def test_a_hold_that_goes_on_counts() -> None:
    found = HeldTime()
    found.add(Hold(100, 200, 1))
    found.since_ns = 500
    assert found.between(150, 700) == 250
    found.since_ns = None
    assert found.between(150, 700) == 50


def test_what_was_long_ago_is_forgotten_and_the_rest_is_not() -> None:
    found = HeldTime()
    for number in range(4 * KEPT):
        found.add(Hold(10 * number, 10 * number + 5, 1))
    last_ns = 40 * KEPT
    assert found.between(last_ns - 100, last_ns) == 50
    assert found.between(0, 100) == 0
    assert found.between(0, last_ns) <= 5 * 2 * KEPT
