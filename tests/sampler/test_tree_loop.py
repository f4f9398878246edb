"""How often an observer reads the rings."""

from __future__ import annotations

import os

import pytest

from pconc_tui.sampler.tree_loop import FULL, is_asked, most_samples


@pytest.mark.parametrize(
    ("samples", "fullness", "most"),
    [(10, 0.0, 10), (10, FULL, 10), (10, 4 * FULL, 2), (10, 1.0, 1), (1, FULL, 1), (1, 2 * FULL, 1), (1, FULL / 4, 4)],
)
def test_rings_that_fill_are_read_sooner(samples: int, fullness: float, most: int) -> None:
    assert most_samples(samples, fullness, 10) == most


def test_they_are_not_read_less_often_than_needed() -> None:
    assert most_samples(10, 0.0, 3) == 3


def test_samples_are_taken_until_a_command_comes() -> None:
    commands, monitor = os.pipe()
    taken: list[int] = []

    def sample() -> None:
        taken.append(len(taken))
        if len(taken) == 6:
            os.write(monitor, b".")

    assert not is_asked(commands, 0.004, sample, samples=1)
    assert taken == []  # The last one is the caller's.
    assert not is_asked(commands, 0.004, sample, samples=4)
    assert len(taken) == 3
    assert is_asked(commands, 1, sample, samples=1000)
    assert len(taken) == 6
    os.close(commands)
    os.close(monitor)
