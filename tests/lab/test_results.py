"""How functions end: what they return reaches the parent, and whatever they raise is reported."""

from __future__ import annotations

import pickle
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from pconc_tui import experiments
from pconc_tui.commands import headless, run_json, run_report
from pconc_tui.experiments.user_function import read
from pconc_tui.lab.models.pool_process import PoolProcess
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.lab.test_user_function import Shared, measured
from tests.support import model_under, needed, until

pool = model_under([("process-pool", "3.14"), ("process-pool", "3.9"), ("interpreter-pool", "3.14")])
pytestmark = pytest.mark.usefixtures("own_code")

REASONS = {
    "chained": "ValueError: 2999",
    "nameless": "results.NamelessError: the reason",
    "silent": "results.SilentError",
    "takes_all_files": "Too many open files",
    "closes_all_files": "exited with status 1",
    "leaves": "exited with status 0",
    "limits_recursion": "RecursionError: maximum recursion depth exceeded",
}


def outcome(monitor: Monitor, python: str, function: str, model: str) -> Snapshot:
    return measured(monitor, python, f"results.py:{function}", model)[1]


def test_a_pools_task_sends_its_result_back(pool: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = pool
    snapshot = outcome(shared_monitor(python), python, "strings", name)
    assert [worker.ending for worker in snapshot.workers] == ["done", "done"]
    for index, worker in enumerate(snapshot.workers):
        expected = len(pickle.dumps([str(number) for number in range(1000 * (index + 1))], 4))
        assert worker.sent_bytes == pytest.approx(expected, rel=0.01)


def test_a_thread_pools_result_is_passed_by_reference(monitor: Monitor) -> None:
    snapshot = outcome(monitor, sys.executable, "lock", "thread-pool")
    assert {(worker.ending, worker.sent_bytes) for worker in snapshot.workers} == {("done", None)}


def test_a_result_that_can_not_be_pickled_ends_its_task(pool: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = pool
    (worker,) = outcome(shared_monitor(python), python, "lock", name).workers
    assert worker.ending is not None
    assert worker.ending.startswith("TypeError: cannot pickle '_thread.lock' object")
    assert worker.traceback.splitlines()[-1] == worker.ending


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("unnamed", "PicklingError: Can't pickle <function <lambda>"),
        ("not_unpicklable", "BrokenProcessPool: TypeError"),
    ],
)
def test_what_a_process_pool_can_not_send_ends_its_task(function: str, reason: str, monitor: Monitor) -> None:
    ending = outcome(monitor, sys.executable, function, "process-pool").workers[0].ending
    assert ending is not None
    assert reason in ending


def test_a_broken_pool_names_the_process_and_its_signal(monitor: Monitor) -> None:
    snapshot = outcome(monitor, sys.executable, "is_killed", "process-pool")
    killed = snapshot.workers[1]
    assert killed.ending == f"BrokenProcessPool: process {killed.pid} was killed by signal 11"


@pytest.mark.parametrize(
    ("model", "version"),
    [("threads", "3.13t"), ("processes", "3.9"), ("interpreters", "3.14")],
)
@pytest.mark.parametrize("function", REASONS)
def test_every_end_is_reported_with_its_reason(function: str, model: str, version: str, shared_monitor: Shared) -> None:
    python = needed(version)
    ending = outcome(shared_monitor(python), python, function, model).workers[0].ending
    assert ending is not None
    assert REASONS[function] in ending


def test_a_long_chain_of_causes_is_shortened(monitor: Monitor) -> None:
    (worker,) = outcome(monitor, sys.executable, "chained", "threads").workers
    assert worker.traceback.startswith("[2,980 earlier exceptions of the chain are not shown]")
    assert worker.traceback.count("direct cause") == 19


@pytest.mark.parametrize(
    ("function", "note"), [("opens", " (index 0 was passed as its first parameter, path)"), ("expects", "'str'")]
)
def test_an_index_that_the_function_does_not_expect_is_named(function: str, note: str, monitor: Monitor) -> None:
    ending = outcome(monitor, sys.executable, function, "threads").workers[0].ending
    assert ending is not None
    assert ending.endswith(note)


def test_the_report_says_how_much_was_sent_back(monitor: Monitor) -> None:
    experiments.add(read("work.py:defaults", sys.executable))
    request = Request("work.py:defaults", "defaults", "process-pool", 2)
    found = headless.measure(monitor, request, headless.ProgressReport(), headless.EarlyEnd(None))
    size = found.snapshot.workers[0].sent_bytes
    assert size
    assert f"each task sent back {size} bytes, pickled" in run_report.as_text(found)
    detail: Any = run_json.as_json([found], request)["workers_detail"]
    assert [each["sent_bytes"] for each in detail] == [size, size]
    until(monitor, lambda snapshot: all(worker.ending for worker in snapshot.workers))


@pytest.mark.parametrize("asked", [True, False])
def test_a_pools_process_wakes_only_a_task_that_is_asked_to_stop(asked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[bool] = []
    worker = SimpleNamespace(asked_to_stop=asked, wake=lambda: woken.append(True))
    monkeypatch.setattr(PoolProcess, "worker", worker)
    PoolProcess.wake()
    assert woken == [True] * asked
