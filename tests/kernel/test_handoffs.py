"""Hand-offs on recorded streams of real programs, beside CPython's own count of the same time (`make_handoffs.py`)."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from typing import Any

import pytest

from pconc_tui.kernel.episodes import Episodes, Found
from pconc_tui.kernel.gil import Gil, Hold
from pconc_tui.kernel.outside import ClockSample, HolderSample, Outside
from pconc_tui.kernel.records import Record, Switch
from pconc_tui.protocol.block import State
from tests.kernel.make_handoffs import FIXTURE

RECORDED: list[dict[str, Any]] = json.loads(gzip.decompress(FIXTURE.read_bytes()))
LATER_NS = 1_000_000_000


def judge(recorded: dict[str, Any]) -> tuple[Found, list[Hold]]:
    episodes = Episodes(recorded["pid"], [Gil(*recorded["gil"])])
    records: list[Record] = [Switch(*each) for each in recorded["switches"]]
    outside: list[Outside] = [HolderSample(*each) for each in recorded["holders"]]
    outside += [ClockSample(*each) for each in recorded["clocks"]]
    found = episodes.add(records, records[-1].time_ns + LATER_NS, outside)
    return found, sorted([*found.holds, *episodes.holding()])


def changes(starts: list[tuple[int, int]], between: tuple[int, int]) -> int:
    """How often another thread starts than the last time."""
    return sum(
        before[1] != after[1] and between[0] < after[0] <= between[1] for before, after in pairwise(sorted(starts))
    )


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded["what"])
def test_holds_and_lanes_have_the_hand_offs_that_cpython_counts(recorded: dict[str, Any]) -> None:
    found, holds = judge(recorded)
    held = changes([(hold.began_ns, hold.tid) for hold in holds], recorded["between"])
    # Lanes have them as changes of the thread that runs.
    shown = changes(
        [(each.time_ns, each.tid) for each in found.transitions if each.state is State.RUNNING], recorded["between"]
    )
    assert recorded["handoffs"] > 50
    for count in (held, shown):
        assert count == pytest.approx(recorded["handoffs"], rel=0.01, abs=1)
