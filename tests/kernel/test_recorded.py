"""Episodes on a recorded stream of a real program: whole, and as it would be with records lost or without registers.

`make_fixture.py` recorded it: four threads that compute, under CPython 3.15, and its own flag of the GIL's holder.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from pconc_tui.kernel.episodes import Episodes, Found
from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.records import UNKNOWN, Lost, Record, Switch
from pconc_tui.protocol.block import State
from tests.bench.kernel import judged
from tests.bench.truth import Sample
from tests.kernel.make_fixture import FIXTURE
from tests.kernel.observation import Observation

LATER_NS = 1_000_000_000


@cache
def recorded() -> dict[str, Any]:
    content = json.loads(gzip.decompress(FIXTURE.read_bytes()))
    assert isinstance(content, dict)
    return content


def switches() -> list[Switch]:
    return [Switch(*each) for each in recorded()["switches"]]


def judge(records: list[Record]) -> tuple[Observation, Episodes]:
    episodes = Episodes(recorded()["pid"], [Gil(*recorded()["gil"])])
    found: Found = episodes.add(records, records[-1][0] + LATER_NS)
    began_ns, ended_ns = records[0][0], records[-1][0]
    holds = [*found.holds, *episodes.holding()]
    return (
        Observation(
            recorded()["pid"], transitions=found.transitions, holds=holds, began_ns=began_ns, ended_ns=ended_ns
        ),
        episodes,
    )


def verdicts(found: Observation) -> Counter[str]:
    samples = [Sample(before_ns, after_ns, tuple(held)) for before_ns, after_ns, held in recorded()["samples"]]
    return judged(found, samples)


def test_the_holder_is_the_one_that_cpython_names() -> None:
    found, episodes = judge([*switches()])
    of = verdicts(found)
    assert of["agree"] > 100
    assert of["disagree"] == 0
    assert abs(episodes.handoffs - recorded()["handoffs"]) <= 3


def test_no_two_threads_run_with_the_gil_at_once() -> None:
    found, _ = judge([*switches()])
    spans = sorted(span for lane in found.lanes().values() for span in lane if span[2] is State.RUNNING)
    assert len(spans) > 100
    assert all(before[1] <= after[0] + 10_000 for before, after in pairwise(spans))


def test_it_makes_no_difference_in_which_portions_records_come() -> None:
    records = switches()
    whole, _ = judge([*records])
    episodes = Episodes(recorded()["pid"], [Gil(*recorded()["gil"])])
    transitions = []
    for first in range(0, len(records), 17):
        portion = records[first : first + 17]
        transitions += episodes.add(portion, portion[-1].time_ns).transitions
    transitions += episodes.add([], records[-1].time_ns + LATER_NS).transitions
    assert transitions == whole.transitions


@pytest.mark.parametrize("seed", range(5))
def test_after_lost_records_the_holder_is_right_again(seed: int) -> None:
    """A tenth of a second is missing, from a different moment on."""
    records = switches()
    start_ns = records[0].time_ns + 150_000_000 + 90_000_000 * seed
    lost = Lost(start_ns, start_ns + 100_000_000, 0, 0)
    kept: list[Record] = [each for each in records if not start_ns <= each.time_ns < lost.until_ns]
    found, _ = judge(sorted([*kept, lost], key=lambda record: record[0]))
    unknown = [span for lane in found.lanes().values() for span in lane if span[2] is State.UNKNOWN]
    assert unknown
    assert all(start_ns <= start for start, _, _ in unknown)
    settled_ns = lost.until_ns + 30_000_000
    outside = [each for each in recorded()["samples"] if each[1] < start_ns - 50_000 or each[0] > settled_ns]
    of = judged(found, [Sample(before_ns, after_ns, tuple(held)) for before_ns, after_ns, held in outside])
    assert of["agree"] > 100
    assert of["disagree"] <= of["agree"] // 100


def test_without_registers_states_are_nearly_the_same() -> None:
    full, _ = judge([*switches()])
    bare, _ = judge([each._replace(futex=UNKNOWN) for each in switches()])
    for tid in full.lanes():
        wall_ns = full.ended_ns - full.began_ns
        exact, inferred = full.shares(tid), bare.shares(tid)
        assert exact[State.CORE_WAIT] / wall_ns == pytest.approx(inferred[State.CORE_WAIT] / wall_ns, abs=0.03)
        assert full.running_ns(tid) / wall_ns == pytest.approx(bare.running_ns(tid) / wall_ns, abs=0.01)
        # What no sample and no rhythm explains counts as I/O here.
        assert inferred[State.IO] / wall_ns < 0.05
        waits = [shares[State.GIL_WAIT] + shares[State.IO] for shares in (exact, inferred)]
        assert waits[0] / wall_ns == pytest.approx(waits[1] / wall_ns, abs=0.03)
