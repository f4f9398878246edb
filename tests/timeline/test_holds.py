"""Stretches in which a thread held the GIL, found in transitions made by hand (times in ns)."""

from __future__ import annotations

from pconc_tui.protocol.block import MIXED, State, pack
from pconc_tui.timeline.holds import HoldFinder


def found(finder: HoldFinder, *transitions: tuple[int, State]) -> list[tuple[int, int]]:
    return list(finder.add(pack(time_ns, state) for time_ns, state in transitions))


def test_a_hold_lasts_until_the_thread_waits_for_something_else_than_a_core() -> None:
    finder = HoldFinder()
    held = [(10, State.RUNNING), (14, State.CORE_WAIT), (15, State.RUNNING), (22, State.GIL_WAIT), (27, State.RUNNING)]
    assert found(finder, *held) == [(10, 22)]
    assert finder.began_ns == 27
    assert found(finder, (28, State.RELEASED), (40, State.RUNNING), (41, State.IO)) == [(27, 28), (40, 41)]
    mixed = [pack(50, State.RUNNING), pack(52, State.RUNNING, mixed=True), pack(60, State.IO)]
    assert mixed[1] & MIXED
    assert list(finder.add(mixed)) == [(50, 52)]


def test_a_hold_that_may_have_lasted_longer_is_known_for_that() -> None:
    attached = HoldFinder()
    assert found(attached, (10, State.CORE_WAIT), (15, State.RUNNING), (22, State.IO), (30, State.RUNNING)) == [
        (15, 22)
    ]
    assert list(attached.cut_ns) == [15]
    found(attached, (40, State.UNKNOWN), (50, State.BLOCKED_WITH_GIL), (60, State.IO), (70, State.RUNNING))
    assert list(attached.cut_ns) == [15, 30, 50]
    new = HoldFinder(is_known=True)
    found(new, (10, State.RUNNING), (22, State.IO))
    assert not new.cut_ns
    sleeps = HoldFinder()
    found(sleeps, (10, State.IO), (22, State.RUNNING), (30, State.IO))
    assert not sleeps.cut_ns
    blocked = HoldFinder()
    found(blocked, (10, State.IO), (22, State.BLOCKED_WITH_GIL), (30, State.RUNNING), (40, State.IO))
    found(blocked, (50, State.BLOCKED_WITH_GIL), (60, State.IO))
    assert list(blocked.cut_ns) == [22]
    stopped = HoldFinder(is_known=True)
    assert found(stopped, (10, State.RUNNING), (22, State.UNKNOWN), (30, State.IO)) == [(10, 22)]
    assert list(stopped.cut_ns) == [10]
