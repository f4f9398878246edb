"""Whether random keys, clicks, pastes and sizes end the app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.figures import Figure
from tests.ui.random_input import Input, play


class Extent(NamedTuple):
    """How much is sent."""

    seeds: int
    events: int
    """For each seed."""


FULL, SMOKE = Extent(8, 2500), Extent(1, 20)


def figures(extent: Extent) -> Iterator[Figure]:
    """The events and exits of each seed, then of all."""
    exits = 0
    for seed in range(extent.seeds):
        given: list[Input] = []
        try:
            play(seed, extent.events, given.append)
        except Exception as error:
            exits += 1
            yield Figure(f"seed {seed}", "exit", "", f"{error!r} after {given[-6:]!r}")
    events = extent.seeds * extent.events
    yield Figure("exits", str(exits), "0", f"of {events} events over {extent.seeds} seeds")
