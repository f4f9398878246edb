"""Recording real threads of other processes, which know nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise

import pytest

from pconc_tui.cpython import Runtime
from pconc_tui.kernel.perf_event import KERNEL, access
from pconc_tui.kernel.recorder import Recorder
from pconc_tui.kernel.records import BLOCKED, Comm, Exit, Fork, Record, Switch
from pconc_tui.protocol.block import RUNS, State
from tests.bench.kernel import function_observed
from tests.kernel.observation import COMPUTE, Observation, observe
from tests.kernel.reading import read_until
from tests.support import needed

pytestmark = pytest.mark.skipif(access().source != KERNEL, reason=f"needs kernel records: {access().reason}")

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15")

WAIT = """
import sys, threading
lock = threading.Lock()
lock.acquire()
print("ready", flush=True)
sys.stdin.readline()
waiting = threading.Thread(target=lock.acquire, daemon=True)
waiting.start()
print(waiting.native_id, flush=True)
sys.stdin.read()
"""

TREE = """
import os, subprocess, sys, threading
print("ready", flush=True)
sys.stdin.readline()
threading.Thread(target=subprocess.run, args=([sys.executable, "-c", "import time; time.sleep(0.01)"],)).start()
"""


@contextmanager
def program(python: str, code: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that has printed its first line."""
    with subprocess.Popen([python, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def say(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


@pytest.mark.parametrize("version", VERSIONS)
def test_threads_take_turns_with_the_gil(version: str) -> None:
    def took_turns(found: Observation) -> bool:
        return len({hold.tid for hold in found.holds}) >= 3 and len(found.requests) > 20 and len(found.holds) > 30

    with program(needed(version), COMPUTE) as process:
        found = observe(process.pid, took_turns)
    assert found.source == KERNEL
    assert {State.RUNNING, State.RELEASED, State.GIL_WAIT} <= {each.state for each in found.transitions}
    for before, after in pairwise(found.holds):
        assert before.began_ns <= before.ended_ns <= after.began_ns
    assert found.counted is not None
    assert abs(found.handoffs - found.counted) <= 5 + found.counted // 10


def test_without_a_gil_no_thread_waits_for_one() -> None:
    with program(needed("3.13t"), COMPUTE) as process:
        found = observe(process.pid, lambda found: len(found.transitions) > 100)
    assert found.locks == ()
    assert not found.holds
    assert {State.GIL_WAIT, State.RELEASED}.isdisjoint(each.state for each in found.transitions)


def test_a_lanes_transitions_are_in_order_and_end_with_its_thread() -> None:
    found, results = function_observed(sys.executable, "short_sleeps", 2, 0.3)
    lanes = found.lanes()
    for tid, *_ in results:
        transitions = [each for each in found.transitions if each.tid == tid]
        assert transitions[0].state is State.STARTING
        assert transitions[-1].state is State.ENDED
        assert all(before.time_ns <= after.time_ns for before, after in pairwise(transitions))
        assert {State.IO, State.RUNNING} <= {state for _, _, state in lanes[tid]}


@pytest.mark.parametrize("name", ["pure_python", "long_sleeps", "hashes"])
def test_running_agrees_with_the_cpu_clock(name: str) -> None:
    found, results = function_observed(sys.executable, name, 2, 0.5)
    lanes = found.lanes()
    for tid, began_ns, ended_ns, cpu_ns in results:
        spans = [(max(start, began_ns), min(end, ended_ns)) for start, end, state in lanes[tid] if state in RUNS]
        running_ns = sum(max(0, end - start) for start, end in spans)
        # A host that takes the core away leaves no record here: the CPU clock may count less.
        assert cpu_ns - 0.02 * (ended_ns - began_ns) <= running_ns <= 1.5 * cpu_ns + 0.02 * (ended_ns - began_ns)


@pytest.mark.parametrize("version", ["3.9", "3.12"])
def test_a_lock_is_known_by_its_address(version: str) -> None:
    with program(needed(version), WAIT) as process, closing(Recorder(process.pid)) as recorder:
        say(process)
        assert process.stdout is not None
        tid = int(process.stdout.readline())
        with closing(Runtime(process.pid)) as runtime:
            (gil,) = runtime.locks()

        def waits_for_the_lock(records: list[Record]) -> bool:
            last = next((each for each in reversed(records) if isinstance(each, Switch) and each.tid == tid), None)
            return last is not None and last.way == BLOCKED and last.futex > 0 and not gil.cond <= last.futex < gil.end

        read_until(recorder, waits_for_the_lock)


def test_what_a_program_starts_is_recorded_from_its_first_moment() -> None:
    with program(sys.executable, TREE) as process, closing(Recorder(process.pid)) as recorder:
        say(process)
        records = read_until(
            recorder,
            lambda records: any(isinstance(each, Exit) and each.pid != process.pid for each in records),
        )
        forks = [each for each in records if isinstance(each, Fork)]
        thread = next(each for each in forks if each.pid == process.pid)
        child = next(each for each in forks if each.pid != process.pid)
        assert (thread.parent_tid, child.parent_tid) == (process.pid, thread.tid)
        assert any(isinstance(each, Comm) and each.exec and each.pid == child.pid for each in records)
        first = next(each for each in records if isinstance(each, Switch) and each.pid == child.pid)
        assert first.time_ns >= child.time_ns
        assert [each.time_ns for each in records] == sorted(each.time_ns for each in records)


def test_a_process_that_has_ended_is_not_recorded() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with pytest.raises(ProcessLookupError):
        Recorder(process.pid)


def test_closing_leaves_nothing_open() -> None:
    with program(sys.executable, COMPUTE) as process:
        before = set(os.listdir("/proc/self/fd"))
        recorder = Recorder(process.pid)
        recorder.read()
        recorder.close()
        assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("version", [*VERSIONS, "3.13t"])
def test_the_places_where_threads_wait_for_the_gil_are_found(version: str) -> None:
    with program(needed(version), COMPUTE) as process, closing(Runtime(process.pid)) as runtime:
        locks = runtime.locks()
        if version.endswith("t"):
            assert locks == ()
            return
        (gil,) = locks
        assert gil.interval_ns == 5_000_000
        with closing(Recorder(process.pid)) as recorder:
            seen: set[int] = set()

            def waited(records: list[Record]) -> bool:
                seen.update(each.futex for each in records if isinstance(each, Switch) and each.futex > 0)
                conds = any(gil.cond <= futex < gil.mutex for futex in seen)
                return conds and any(gil.switch_cond <= futex < gil.switch_mutex for futex in seen)

            read_until(recorder, waited)
