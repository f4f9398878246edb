"""For how long of a hold others waited, with transitions made by hand; times in ms."""

from __future__ import annotations

import pytest

from pconc_tui.protocol.block import State, pack
from pconc_tui.timeline.gil_queue import KEPT, GilQueue

MS = 1_000_000
WAIT, RUN, CORE, ASK, IO = State.GIL_WAIT, State.RUNNING, State.CORE_WAIT, State.ASKING, State.IO
HOLDER = 1


def waited(began: float, ended: float, **threads: list[tuple[float, State]]) -> float:
    """`threads`: `_2=[(5, WAIT), ...]`: transitions of thread 2."""
    queue = GilQueue()
    for name, transitions in threads.items():
        queue.add(int(name.strip("_")), [pack(round(time * MS), state) for time, state in transitions])
    return queue.waited_ns(round(began * MS), round(ended * MS), HOLDER) / MS


@pytest.mark.parametrize(
    ("expected", "threads"),
    [
        (0, {}),
        (0, {"_2": [(60, WAIT)]}),
        (0, {"_2": [(10, WAIT), (30, RUN), (45, IO)]}),
        (20, {"_2": [(30, WAIT)]}),
        (50, {"_2": [(-5, WAIT)]}),
        (20, {"_2": [(30, WAIT), (50.1, RUN)]}),
        (20, {"_2": [(30, WAIT), (48, CORE), (50, RUN)]}),
        (20, {"_2": [(30, WAIT), (35, ASK), (35.01, WAIT), (40, CORE), (45, ASK), (45.01, WAIT), (50, RUN)]}),
        (30, {"_2": [(20, WAIT), (45, IO)], "_3": [(44, WAIT), (50, RUN)]}),
        (6, {"_2": [(20, WAIT), (40, IO)], "_3": [(44, WAIT), (50, RUN)]}),
        (30, {"_2": [(20, WAIT), (90, RUN)], "_3": [(44, WAIT), (70, RUN)]}),
        (0, {"_1": [(-10, WAIT), (0, RUN)]}),
    ],
)
def test_the_end_of_a_hold_for_which_others_waited(
    expected: float, threads: dict[str, list[tuple[float, State]]]
) -> None:
    assert waited(0, 50, **threads) == pytest.approx(expected, abs=0.2)


def test_of_many_waits_the_newest_are_kept() -> None:
    queue = GilQueue()
    count = 3 * KEPT
    for number in range(count):
        queue.add(2, [pack(number * 10 * MS, WAIT), pack((number * 10 + 8) * MS, RUN)])
        start = number * 10 * MS
        assert queue.waited_ns(start, start + 8 * MS, HOLDER) == 8 * MS
    assert queue.waited_ns(0, 8 * MS, HOLDER) == 0
