"""Whether a GIL is often free, or held nearly all the time."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.gil_use import GilUse


def sampled(*samples: bool) -> GilUse:
    found = GilUse()
    for is_free in samples:
        found.sampled(is_free)
    return found


@pytest.mark.parametrize(
    ("free", "held", "is_"),
    [
        (5, 1, "free"),
        (4, 5, "free"),
        (2, 8, "neither"),
        (1, 9, "held"),
        (0, 3, "held"),
        (3, 0, "free"),
        (0, 2, "neither"),
    ],
)
def test_what_samples_say(free: int, held: int, is_: str) -> None:
    found = sampled(*[True] * free, *[False] * held)
    assert (found.is_often_free, found.is_always_held) == (is_ == "free", is_ == "held")


def test_a_program_may_begin_to_hold_it() -> None:
    assert sampled(*[True] * 1000, *[False] * 80).is_always_held
