"""Watched processes and the programs in them: children, stopped and ended ones, execve."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import closing

import pytest

from pconc_tui.kernel.perf_event import KERNEL, access
from pconc_tui.monitor.watch import Watch
from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Snapshot
from tests.watched import (
    BUSY,
    CHILDREN,
    EXECS,
    EXECS_IN_A_THREAD,
    FORKS,
    program,
    send_line,
    until,
    watched,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def doing(snapshot: Snapshot, pid: int) -> str:
    assert snapshot.program is not None
    return next((each.doing for each in snapshot.program.processes if each.pid == pid), "")


def test_processes_below_it_come_and_go() -> None:
    with watched(CHILDREN) as (watch, process):
        until(watch, lambda now: now.workers)
        send_line(process)
        snapshot = until(watch, lambda now: len({each.pid for each in now.workers}) == 2)
        child = next(each.pid for each in snapshot.workers if each.pid != process.pid)
        assert child is not None
        assert any("has started" in line.text and line.worker == str(child) for line in snapshot.log)
        assert {each.role for each in snapshot.workers} == {str(process.pid), str(child)}
        send_line(process)
        until(watch, lambda now: doing(now, child) == "ended")


def test_processes_that_come_and_go_leave_nothing_behind() -> None:
    with program(FORKS) as process, closing(Watch(process.pid, keep_ended_ns=0)) as watch:

        def started(snapshot: Snapshot) -> list[str]:
            return [line.text for line in snapshot.log if "has started" in line.text]

        snapshot = until(watch, lambda now: len(started(now)) > 40)
        assert snapshot.program is not None
        assert all(each != "has started: " for each in started(snapshot))
        until(watch, lambda now: now.program and len(now.program.processes) < 10)


def test_stopped_going_on_and_ended_are_shown_as_what_they_are() -> None:
    with watched(BUSY) as (watch, process):
        until(watch, lambda now: now.workers and all(each.state is not State.UNKNOWN for each in now.workers))
        process.send_signal(signal.SIGSTOP)
        until(watch, lambda now: doing(now, process.pid) == "stopped")

        def halted(snapshot: Snapshot) -> bool:
            return all(each.thread and each.thread.halted == "stopped" for each in snapshot.workers)

        stopped = until(watch, lambda now: halted(now) and {each.state for each in now.workers} == {State.UNKNOWN})
        later = until(watch, lambda now: now.now_ns > stopped.now_ns + 200_000_000)
        for one, same in zip(stopped.workers, later.workers, strict=True):
            assert same.total.unknown > one.total.unknown + 0.1
            assert same.total.wall - same.total.unknown == pytest.approx(one.total.wall - one.total.unknown)
        process.send_signal(signal.SIGCONT)
        until(watch, lambda now: doing(now, process.pid) == "runs")
        until(watch, lambda now: not any(each.state is State.UNKNOWN for each in now.workers))
        process.kill()
        snapshot = until(watch, lambda now: now.program and now.program.ended)
        assert snapshot.program is not None
        assert snapshot.program.ended == "has ended"
        until(watch, lambda now: not any(each.alive for each in now.workers))


@pytest.mark.skipif(access().source != KERNEL, reason=f"needs kernel records: {access().reason}")
def test_what_a_process_does_while_it_is_stopped_for_a_moment_is_unknown() -> None:
    with watched(BUSY) as (watch, process):
        until(watch, lambda now: now.workers and all(each.state is not State.UNKNOWN for each in now.workers))

        def later(ns: int) -> Snapshot:
            later_ns = time.perf_counter_ns() + ns
            return until(watch, lambda now: now.now_ns > later_ns)

        stopped_s = 0.0
        for _ in range(4):
            began_s = time.perf_counter()
            process.send_signal(signal.SIGSTOP)
            later(30_000_000)
            process.send_signal(signal.SIGCONT)
            stopped_s += time.perf_counter() - began_s
            snapshot = later(100_000_000)
        for each in snapshot.workers:  # One without a core is stopped later.
            assert stopped_s / 2 < each.total.unknown < stopped_s + 0.1, each.name


def test_another_program_in_the_same_process_is_noticed() -> None:
    with watched(EXECS) as (watch, process):
        until(watch, lambda now: now.program and now.program.processes[0].python)
        send_line(process)
        snapshot = until(watch, lambda now: any("another program" in line.text for line in now.log))
        assert snapshot.program is not None
        assert "# another" in snapshot.program.processes[0].command


def test_a_program_that_a_thread_executes_has_the_first_threads_id() -> None:
    with watched(EXECS_IN_A_THREAD) as (watch, process):
        until(watch, lambda now: len(now.workers) == 3)
        send_line(process)
        snapshot = until(
            watch,
            lambda now: (
                any("another program" in line.text for line in now.log)
                and [each.native_id for each in now.workers if each.alive] == [process.pid]
            ),
        )
        ended = [each for each in snapshot.workers if not each.alive]
        assert len(ended) == 3
        assert all(each.total.running < each.total.wall / 2 for each in ended)
