"""What real threads wait for that share locks, under interpreters in which a lock is a futex and others."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.kernel.perf_event import KERNEL, access
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.text import watch_headline
from tests.support import LONG_S, measured, needed
from tests.watched import until, watched

pytestmark = pytest.mark.skipif(access().source != KERNEL, reason=f"needs kernel records: {access().reason}")

HOLD = """
import json, sys, threading
from time import perf_counter_ns as now, sleep
lock, held, ends = threading.Lock(), [], threading.Event()
def work():
    tid = threading.get_native_id()
    while not ends.is_set():
        with lock:
            began = now()
            sleep(0.03)
            held.append((tid, began, now()))
        sleep(0.001)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
print("up", flush=True)
sys.stdin.readline()
ends.set()
for thread in threads:
    thread.join()
json.dump(held, sys.stdout)
"""
"""Four threads that hold one lock in turn, and say at the end when each did."""
CONTEND = """
import sys, threading, time
lock = threading.Lock()
def work():
    while True:
        with lock:
            time.sleep(0.01)
for n in range(4):
    threading.Thread(target=work, daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""
COLLECT = """
import gc, sys, threading
def collect():
    while True:
        gc.collect()
def work():
    while True:
        sum(range(1000))
kept = [[] for _ in range(200_000)]
for target in (collect, work, work):
    threading.Thread(target=target, daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""
WAITED = 25


@pytest.mark.parametrize("version", ["3.9", "3.12", "3.13", "3.14", "3.13t"])
def test_the_thread_that_is_named_holds_the_lock(version: str) -> None:
    command = [needed(version), "-c", HOLD]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        closing(TreeObserver(process.pid)) as observer,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        named: list[tuple[int, int, int]] = []
        claimed: list[int] = []
        before_ns, known_ns, end = 0, 0, time.monotonic() + LONG_S
        while len(named) < WAITED:
            assert time.monotonic() < end, named
            time.sleep(0.01)
            observer.receive()
            if observer.until_ns > known_ns:  # What was claimed is of a time up to now at the latest.
                named += [(before_ns, observer.until_ns, tid) for tid in claimed if before_ns]
                before_ns, known_ns = known_ns, observer.until_ns
            found = observer.processes.get(process.pid)
            claimed = [] if found is None else list(found.holders.values())
        process.stdin.close()
        held = json.load(process.stdout)
        wrong = [
            each
            for each in named
            if not any(tid == each[2] and began < each[1] and each[0] < ended for tid, began, ended in held)
        ]
        process.wait()
    assert not wrong


def said(snapshot: Snapshot) -> str:
    return watch_headline.summary(snapshot).sentences[0]


@pytest.mark.parametrize("version", ["3.13t"])
def test_a_lock_that_threads_without_a_gil_share_is_the_cause(version: str) -> None:
    with watched(CONTEND, needed(version)) as (watch, _):
        snapshot = until(watch, lambda now: "% of the time, mostly for one lock" in said(now))
        assert snapshot.program is not None
        assert snapshot.program.all_locks is not None
        assert snapshot.program.all_locks.stopped < 0.1


@pytest.mark.parametrize("version", ["3.13t"])
def test_collecting_garbage_without_a_gil_stops_all_threads(version: str) -> None:
    with watched(COLLECT, needed(version)) as (watch, _):
        until(watch, lambda now: "all threads are stopped together" in said(now))


@pytest.mark.parametrize("version", ["3.12", "3.14"])
def test_threads_that_wait_name_the_lock_and_its_holder(version: str) -> None:
    with watched(HOLD, needed(version)) as (watch, _):

        def names_it(snapshot: Snapshot) -> bool:
            return any("a lock: A, held by " in each.thread.waits_for for each in snapshot.workers if each.thread)

        until(watch, names_it)
        snapshot = until(watch, lambda now: any(each.lock and each.lock.holder for each in now.workers))
        assert {each.lock.name for each in snapshot.workers if each.lock and each.lock.holder} == {"A"}


@pytest.mark.usefixtures("own_code")
@pytest.mark.parametrize(("version", "model"), [("3.13t", "free-threaded"), ("3.12", "threads")])
def test_a_measurement_says_that_its_workers_waited_for_one_lock(
    version: str, model: str, open_monitor: Callable[..., Monitor]
) -> None:
    python = needed(version)
    experiment = read("locking.py:contend", python)
    experiments.add(experiment)
    request = Request(experiment.id, experiment.variant, model, 4, python=python, single_run=False)
    (measurement,) = measured(open_monitor(python=python), request).measurements
    assert measurement.locks is not None
    assert measurement.locks.lock_wait > 0.5
    assert measurement.locks.one_lock_wait is not None
    assert measurement.locks.one_lock_wait > 0.9
    assert measurement.locks.stopped < 0.1
