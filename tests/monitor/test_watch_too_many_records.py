"""A watched program with more switches than records can be read of: its lanes are sampled from then on, and say so."""

from __future__ import annotations

import signal
import subprocess

import pytest

from pconc_tui.kernel.perf_event import access
from pconc_tui.monitor.watch import Watch
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Snapshot, Worker
from tests.watched import SWITCHES, by_name, send_line, until, watched

pytestmark = pytest.mark.skipif(access().source is None, reason="the kernel gives no scheduling records here")

MEASURED_S = 0.3
"""CPU time of each thread, from one stop to the next."""
SETTLED_NS = 1_500_000_000


@pytest.fixture(autouse=True)
def cautious(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records may cost no more where cores are idle: few are on some machines, and many on others."""
    monkeypatch.setattr("pconc_tui.monitor.tree_client.IDLE_BUDGET_NS", 0)


def echoing(snapshot: Snapshot) -> dict[str, Worker]:
    return {name: each for name, each in by_name(snapshot).items() if name.startswith("echo")}


def is_sampled(snapshot: Snapshot) -> bool:
    assert snapshot.program is not None
    return snapshot.program.source == Source.SAMPLED and all(each.total.unknown for each in echoing(snapshot).values())


def stopped(watch: Watch, process: subprocess.Popen[bytes]) -> dict[str, Worker]:
    """Its threads while it is stopped, when all they did before has been read."""
    process.send_signal(signal.SIGSTOP)
    since = until(watch, lambda now: now.program and now.program.processes[0].doing == "stopped")
    found = until(watch, lambda now: now.now_ns > since.now_ns + SETTLED_NS)
    process.send_signal(signal.SIGCONT)
    return echoing(found)


def test_lanes_are_sampled_from_then_on_and_say_so() -> None:
    with watched(SWITCHES) as (watch, process):
        recorded = until(watch, lambda snapshot: len(echoing(snapshot)) == 4)
        before = until(watch, is_sampled)
        assert before.program is not None
        assert "switches a second can't be kept up with" in before.program.source_problem
        assert len([line for line in before.log if "switches a second" in line.text]) == 1
        assert {each.source for each in before.workers} == {Source.SAMPLED}
        assert {each.id for each in before.workers} == {each.id for each in recorded.workers}
        first = stopped(watch, process)

        def has_run(now: Snapshot) -> bool:
            return all((each.cpu_s or 0) > (first[name].cpu_s or 0) + MEASURED_S for name, each in echoing(now).items())

        goes_on = echoing(until(watch, lambda now: State.UNKNOWN not in {each.state for each in now.workers}))
        ran = echoing(until(watch, has_run))
        assert [each.total.unknown for each in ran.values()] == [each.total.unknown for each in goes_on.values()]
        for name, each in stopped(watch, process).items():
            assert each.cpu_s is not None
            assert first[name].cpu_s is not None
            running_s = each.total.running - first[name].total.running
            assert running_s == pytest.approx(each.cpu_s - (first[name].cpu_s or 0), rel=0.1)


def test_what_starts_and_ends_later_is_seen() -> None:
    code = SWITCHES.replace(
        "sys.stdin.read()",
        'sys.stdin.readline()\nthreading.Thread(target=sys.stdin.readline, name="late").start()\nsys.stdin.read()',
    )
    with watched(code) as (watch, process):
        until(watch, is_sampled)
        send_line(process)
        until(watch, lambda snapshot: "late" in by_name(snapshot))
        send_line(process)
        until(watch, lambda snapshot: "late" not in by_name(snapshot) or not by_name(snapshot)["late"].alive)
        process.kill()
        until(watch, lambda now: now.program and now.program.ended and not any(each.alive for each in now.workers))
