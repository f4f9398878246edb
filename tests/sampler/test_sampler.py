"""The sampler reads real threads of real processes, at a rate that its budget allows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.sampler.pace import AFTER, BUDGET, BUDGET_SHARING, MOST_HZ, Pace
from pconc_tui.sampler.process_sampler import ProcessSampler, sharing
from pconc_tui.sampler.thread_files import ThreadFiles
from tests.support import eventually

RUN, GIL, IO, LOCK = State.RUNNING, State.GIL_WAIT, State.IO, State.LOCK


def test_the_more_a_sample_costs_the_lower_is_the_rate() -> None:
    pace, cpu_ns = Pace(), 0
    for budget in (BUDGET, BUDGET_SHARING):
        for _ in range(40 * AFTER):
            pace.sampled(cpu_ns, budget)
            cpu_ns += 500_000
        assert pace.period_s == pytest.approx(0.0005 / budget, rel=0.01)
    for _ in range(40 * AFTER):
        pace.sampled(cpu_ns, BUDGET)
        cpu_ns += 1000
    assert pace.period_s == pytest.approx(1 / MOST_HZ)


def test_only_workers_that_need_the_same_gil_share_one() -> None:
    assert sharing([7, 7])
    assert not sharing([7, 8])
    assert not sharing([0, 0])
    assert not sharing([])


PROGRAM = """
import sys, threading, time
held = threading.Lock()
held.acquire()
def compute():
    while True: pass
things = {"sleep": lambda: time.sleep(1000), "lock": held.acquire, "compute": compute, "read": sys.stdin.read}
for name in sys.argv[1:]:
    thread = threading.Thread(target=things[name], daemon=True)
    thread.start()
    print(thread.native_id, flush=True)
threading.Event().wait()
"""


@contextmanager
def program(python: str, *doing: str) -> Iterator[tuple[int, dict[str, int]]]:
    """A process with a thread for each of these: its id, and theirs."""
    with subprocess.Popen(
        [python, "-c", PROGRAM, *doing], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.pid, {name: int(process.stdout.readline()) for name in doing}
        finally:
            process.kill()


def test_what_blocks_a_thread_is_read(python: str) -> None:
    with program(python, "sleep", "read", "lock", "compute") as (pid, ids):
        threads = {name: ThreadFiles(pid, id) for name, id in ids.items()}
        wanted = {"sleep": IO, "read": IO, "lock": LOCK}
        eventually(lambda: {name: threads[name].doing()[0] for name in wanted} == wanted)
        eventually(lambda: threads["compute"].doing() == (RUN, 0) and threads["compute"].clocks().cpu_ns > 0)
        for thread in threads.values():
            thread.close()


def test_a_lock_is_distinguished_from_the_gil(python: str) -> None:
    with program(python, "lock", "compute") as (pid, ids):
        threads = {id: ThreadFiles(pid, id) for id in ids.values()}
        process = ProcessSampler(pid)
        eventually(lambda: process.samples(threads, sharing=True)[ids["lock"]].doing is LOCK)
        free_threaded = process.samples(threads, sharing=True)[ids["compute"]].holds_gil is None
        if not free_threaded:
            eventually(lambda: process.samples(threads, sharing=True)[ids["compute"]].holds_gil)
        assert process.problem is None
        process.close()
        for thread in threads.values():
            thread.close()


def test_of_two_threads_that_compute_one_waits_for_the_gil() -> None:
    with program(sys.executable, "compute", "compute") as (pid, _):
        ids = {int(name) for name in os.listdir(f"/proc/{pid}/task")} - {pid}
        threads = {id: ThreadFiles(pid, id) for id in ids}
        process = ProcessSampler(pid)
        eventually(lambda: sorted(each.doing for each in process.samples(threads, True).values()) == [RUN, GIL])
        alone = dict([threads.popitem()])
        eventually(lambda: process.samples(alone, sharing=True)[next(iter(alone))].doing is GIL)
        eventually(lambda: process.samples(alone, sharing=False)[next(iter(alone))].doing is GIL)
        process.close()


def test_a_thread_that_has_ended_is_left_out() -> None:
    with program(sys.executable, "sleep") as (pid, ids):
        threads = {id: ThreadFiles(pid, id) for id in ids.values()}
        process = ProcessSampler(pid)
    assert process.samples(threads, sharing=False) == {}
    with pytest.raises(FileNotFoundError):
        ThreadFiles(pid, ids["sleep"])


def test_a_process_that_runs_no_python_has_no_gil() -> None:
    with subprocess.Popen(["sleep", "1000"]) as process:
        thread = ThreadFiles(process.pid, process.pid)
        sampler = ProcessSampler(process.pid)
        eventually(lambda: sampler.samples({process.pid: thread}, sharing=False)[process.pid].doing is IO)
        assert sampler.samples({process.pid: thread}, sharing=True)[process.pid].holds_gil is None
        eventually(lambda: sampler.problem is not None)
        process.kill()
    assert sampler.problem is not None


def test_short_time_slices_leave_policy_and_niceness_as_they_are() -> None:
    command = "import os; from pconc_tui.sampler.scheduling import request_short_slices as f; f(); print(os.nice(0))"
    said = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert (said.stdout.strip(), said.stderr) == (str(os.nice(0)), "")
