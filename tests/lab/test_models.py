"""Every model with real workers, under every interpreter that can run it."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from pconc_tui import experiments
from pconc_tui.experiments import ALL_MODELS
from pconc_tui.measurement import Measurement
from pconc_tui.models import OWN_THREADS, lab_model
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker
from tests.support import ended, model_under, needed, running, until

Open = Callable[..., Monitor]
Shared = Callable[[str], Monitor]
ONE_PROCESS = {"free-threaded", "interpreters", "asyncio", "thread-pool", "interpreter-pool"}
# The oldest, the newest and the free-threaded one: these models' code does not differ between the others.
# Threads and processes are tried under all of them, in test_lab and test_faults.
TRIED = [
    *((name, "3.9") for name in ("asyncio", "thread-pool", "process-pool")),
    *((name, "3.13t") for name in ("free-threaded", "thread-pool")),
    *((name, "3.14") for name in ALL_MODELS if name not in ("threads", "processes")),
    ("interpreters", "3.15"),
]


model = model_under(TRIED)


def measured(monitor: Monitor, experiment: str, model: str, scale: float) -> tuple[Measurement, Snapshot]:
    variant = experiments.load(experiment).variant
    monitor.measure(Request(experiment, variant, model, 4, scale))
    snapshot = until(monitor, lambda snapshot: snapshot.measurements)
    assert snapshot.measurements[-1].problem is None
    return snapshot.measurements[-1], snapshot


def test_workers_compute_and_account_for_all_time(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    result, snapshot = measured(shared_monitor(python), "cpu-bound", name, 0.02)
    assert {worker.iterations for worker in snapshot.workers} == {200_000}
    pids = {worker.pid for worker in snapshot.workers}
    # A process of a pool that starts late leaves its task to another.
    assert len(pids) == 1 if name in ONE_PROCESS else len(pids) <= len(snapshot.workers)
    assert len(pids) == len(snapshot.workers) or name in (*ONE_PROCESS, "process-pool")
    for worker in snapshot.workers:
        assert worker.ended_ns is not None
        assert worker.total.wall == pytest.approx((worker.ended_ns - (worker.started_ns or 0)) / 1e9)
        assert 0 < (worker.cpu_s or 0) <= worker.total.wall * 1.1
        assert (worker.starting_cpu_s is not None) is (lab_model(name) in OWN_THREADS)
    used = sum((worker.cpu_s or 0) + (worker.starting_cpu_s or 0) for worker in snapshot.workers)
    of_processes = sum((process.cpu_s or 0) + (process.children_s or 0) for process in snapshot.processes)
    assert result.cores_busy == pytest.approx(of_processes / (result.n_runs_s or 0))
    assert of_processes > used * 0.99
    assert {process.pid for process in snapshot.processes} == pids
    own_gil = name in ("processes", "interpreters")
    if own_gil or not snapshot.labs[0].gil_enabled:
        assert all(worker.total.gil_wait == 0 for worker in snapshot.workers)


def test_workers_sleep(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    _, snapshot = measured(shared_monitor(python), "io-bound", name, 0.02)
    assert all(worker.total.wall >= 0.04 for worker in snapshot.workers)
    assert all(worker.total.io + worker.total.core_wait >= 0.9 * 0.04 for worker in snapshot.workers)


def test_endless_workers_stop_when_asked(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    monitor = shared_monitor(python)
    monitor.launch(Request("io-bound", "sleep", name))
    until(monitor, lambda snapshot: running(snapshot) and snapshot.workers[0].state is State.IO)
    monitor.launch(Request("cpu-bound", "calls", name))
    until(monitor, lambda snapshot: snapshot.workers[1].iterations)
    monitor.stop_all()
    snapshot = until(monitor, ended)
    assert {worker.ending for worker in snapshot.workers} == {"stopped"}


def test_when_their_process_is_killed_they_say_so(model: tuple[str, str], open_monitor: Open) -> None:
    name, python = model
    monitor = open_monitor(python=python)
    monitor.launch(Request("io-bound", "sleep", name))
    snapshot = until(monitor, running)
    os.kill(snapshot.workers[0].pid or 0, signal.SIGKILL)
    ending = until(monitor, ended).workers[0].ending
    assert ending is not None
    assert ending.startswith("BrokenProcessPool" if name == "process-pool" else "killed by signal 9")
    monitor.launch(Request("io-bound", "sleep", name))
    until(monitor, running)


def test_tasks_that_never_await_take_turns_at_nothing(open_monitor: Open) -> None:
    _, snapshot = measured(open_monitor(), "cpu-bound", "asyncio", 0.02)
    spans = sorted((worker.started_ns or 0, worker.ended_ns or 0) for worker in snapshot.workers)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


@pytest.fixture
def two_cores() -> Iterator[None]:
    """At most two cores for this program and its labs."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:2])
    yield
    os.sched_setaffinity(0, before)


@pytest.mark.usefixtures("two_cores")
def test_tasks_queue_for_a_pools_threads_and_reuse_them(open_monitor: Open) -> None:
    monitor = open_monitor()
    for _ in range(3):
        monitor.launch(Request("io-bound", "sleep", "thread-pool"))
    one, other, waiting = until(monitor, lambda snapshot: sum(map(has_started, snapshot.workers)) == 2).workers
    assert has_started(one)
    assert has_started(other)
    assert one.native_id != other.native_id
    monitor.stop(one.id)
    snapshot = until(monitor, lambda snapshot: all(map(has_started, snapshot.workers)))
    assert snapshot.workers[2].id == waiting.id
    assert snapshot.workers[2].native_id == one.native_id


def has_started(worker: Worker) -> bool:
    return worker.started_ns is not None


def test_lanes_of_different_interpreters_stand_together(open_monitor: Open) -> None:
    old, new = needed("3.9"), needed("3.14")
    monitor = open_monitor()
    monitor.launch(Request("cpu-bound", "calls", "threads", python=old))
    monitor.launch(Request("cpu-bound", "calls", "threads", python=new))
    snapshot = until(monitor, running)
    assert [worker.python.rpartition(".")[0] for worker in snapshot.workers] == ["3.9", "3.14"]
    assert [worker.name for worker in snapshot.workers] == ["Thread-1", "Thread-2"]
    assert len({worker.pid for worker in snapshot.workers}) == 2
    assert len(snapshot.labs) == 2
    monitor.stop_all()
    until(monitor, ended)


def test_a_model_that_the_interpreter_lacks_says_so(open_monitor: Open) -> None:
    monitor = open_monitor(python=needed("3.9"))
    monitor.launch(Request("cpu-bound", "calls", "interpreters"))
    ending = until(monitor, ended).workers[0].ending
    assert ending == "could not start: needs concurrent.interpreters, which CPython has from 3.14 on"
