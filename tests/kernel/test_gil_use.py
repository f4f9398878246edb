"""Whether a GIL is free most of the time."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.gil_use import GilUse


def sampled(*samples: bool) -> GilUse:
    found = GilUse()
    for is_free in samples:
        found.sampled(is_free)
    return found


@pytest.mark.parametrize(("free", "held", "is_mostly_free"), [(5, 1, True), (1, 5, False), (0, 1, False), (0, 0, True)])
def test_what_most_samples_say(free: int, held: int, is_mostly_free: bool) -> None:
    assert sampled(*[True] * free, *[False] * held).is_mostly_free is is_mostly_free


def test_a_program_may_begin_to_hold_it() -> None:
    assert not sampled(*[True] * 1000, *[False] * 30).is_mostly_free
