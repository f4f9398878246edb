"""A process of the program receives a signal at a random moment, or the terminal is closed: nothing is left."""

from __future__ import annotations

import pytest

from tests.kills import Limits, planned, run
from tests.support import LONG_S

SEEDS = (7, 10, 34, 35)
LIMITS = Limits(LONG_S, LONG_S, LONG_S)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_left_and_the_terminal_is_restored(seed: int) -> None:
    trial = planned(seed)
    assert run(trial, LIMITS).problems == [], trial.shown
