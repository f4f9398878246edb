"""Whether a GIL is free most of the time."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.gil_use import GilUse


def sampled(*samples: bool) -> GilUse:
    found = GilUse()
    for is_free in samples:
        found.sampled(is_free)
    return found


@pytest.mark.parametrize(
    ("free", "held", "mostly"), [(5, 1, "free"), (1, 5, "held"), (0, 3, "held"), (3, 0, "free"), (0, 2, "neither")]
)
def test_what_most_samples_say(free: int, held: int, mostly: str) -> None:
    found = sampled(*[True] * free, *[False] * held)
    assert (found.is_mostly_free, found.is_mostly_held) == (mostly == "free", mostly == "held")


def test_a_program_may_begin_to_hold_it() -> None:
    assert sampled(*[True] * 1000, *[False] * 30).is_mostly_held
