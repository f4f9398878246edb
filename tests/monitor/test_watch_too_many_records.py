"""A watched program with more switches than records can be read of: its lanes are sampled from then on, and say so."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.perf_event import access
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Snapshot, Worker
from tests.watched import SWITCHES, by_name, tell, until, watched

pytestmark = pytest.mark.skipif(access().source is None, reason="the kernel gives no scheduling records here")


def echoing(snapshot: Snapshot) -> dict[str, Worker]:
    return {name: each for name, each in by_name(snapshot).items() if name.startswith("echo")}


def is_sampled(snapshot: Snapshot) -> bool:
    assert snapshot.program is not None
    return snapshot.program.source == Source.SAMPLED and all(each.total.unknown for each in echoing(snapshot).values())


def is_known_for_a_second(snapshot: Snapshot) -> bool:
    return all(each.recent and each.cpu and each.recent.unknown == 0 for each in echoing(snapshot).values())


def test_lanes_are_sampled_from_then_on_and_say_so() -> None:
    with watched(SWITCHES) as (watch, _):
        recorded = until(watch, lambda snapshot: len(echoing(snapshot)) == 4)
        before = until(watch, is_sampled)
        assert before.program is not None
        assert "switches a second can't be kept up with" in before.program.source_problem
        assert len([line for line in before.log if "switches a second" in line.text]) == 1
        assert {each.source for each in before.workers} == {Source.SAMPLED}
        assert {each.id for each in before.workers} == {each.id for each in recorded.workers}
        later = echoing(until(watch, is_known_for_a_second)).values()
        # Both were read at the same moments, a second or less apart.
        running = sum(each.recent.running / each.recent.wall for each in later if each.recent)
        assert running == pytest.approx(sum(each.cpu or 0.0 for each in later), rel=0.2)


def test_what_starts_and_ends_later_is_seen() -> None:
    code = SWITCHES.replace(
        "sys.stdin.read()",
        'sys.stdin.readline()\nthreading.Thread(target=sys.stdin.readline, name="late").start()\nsys.stdin.read()',
    )
    with watched(code) as (watch, process):
        until(watch, is_sampled)
        tell(process)
        until(watch, lambda snapshot: "late" in by_name(snapshot))
        tell(process)
        until(watch, lambda snapshot: "late" not in by_name(snapshot) or not by_name(snapshot)["late"].alive)
        process.kill()
        ended = until(watch, lambda snapshot: snapshot.program and snapshot.program.ended)
        assert not any(each.alive for each in ended.workers)
