"""What workers of a user's function wait for when none of them runs: in every model, with no false alarm."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.experiments import ALL_MODELS
from pconc_tui.experiments.user_function import read
from pconc_tui.measurement import BlockedWorker, Measurement
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.standstill import LOADING
from pconc_tui.monitor.wait_description import BLOCKED
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Standstill
from tests.support import model_under, until

Open = Callable[..., Monitor]
# The oldest, the newest and the free-threaded one.
TRIED = [
    *((model, "3.14") for model in ALL_MODELS),
    *((model, "3.9") for model in ("threads", "processes", "process-pool", "asyncio")),
    *((model, "3.13t") for model in ("free-threaded", "asyncio")),
    *((model, "3.15") for model in ("processes", "interpreters", "interpreter-pool")),
]
ASYNCHRONOUS = [
    ("threads", "3.9"),
    ("asyncio", "3.9"),
    ("asyncio", "3.13t"),
    ("asyncio", "3.15"),
    ("interpreters", "3.15"),
]

model = model_under(TRIED)
asynchronous = model_under(ASYNCHRONOUS)
pytestmark = pytest.mark.usefixtures("own_code")


def start(monitor: Monitor, python: str, function: str, model: str, file: str = "waits.py") -> None:
    """Start a measurement of two workers, without the single run."""
    experiment = read(f"{file}:{function}", python)
    experiments.add(experiment)
    monitor.measure(Request(experiment.id, experiment.variant, model, 2, python=python, single_run=False))


def has_started(found: Standstill) -> bool:
    """Whether any of the workers has started, which may take long on a loaded machine."""
    return any(worker.does != LOADING for worker in found.workers)


def all_started(found: Standstill) -> bool:
    """Whether each of the workers waits where its function does, or for what another one does."""
    return all(worker.does != LOADING for worker in found.workers)


def said_by_the_monitor(monitor: Monitor) -> list[str]:
    return [line.text for line in monitor.poll().log if line.worker == "monitor" and LOADING not in line.text]


def standing_still(monitor: Monitor, python: str, function: str, model: str) -> tuple[BlockedWorker, ...]:
    start(monitor, python, function, model)
    # A stack that a busy lab reports late is shown as soon as it is there.
    snapshot = until(monitor, lambda snapshot: any(map(is_described, snapshot.standstills)))
    return snapshot.standstills[0].workers


def is_described(standstill: Standstill) -> bool:
    return all_started(standstill) and all(worker.does != BLOCKED for worker in standstill.workers)


def measured(monitor: Monitor, function: str, model: str) -> tuple[Measurement, set[Standstill]]:
    """Measure, and collect the standstills that were reported meanwhile."""
    start(monitor, sys.executable, function, model)
    found: set[Standstill] = set()

    def ended(snapshot: Snapshot) -> object:
        found.update(each for each in snapshot.standstills if has_started(each))
        return snapshot.measurements

    return until(monitor, ended).measurements[-1], found


def place(worker: BlockedWorker) -> tuple[str, str, str]:
    with open(worker.path, encoding="utf-8") as file:
        line = file.read().splitlines()[worker.line - 1].strip()
    return worker.does, worker.function, line


def test_each_worker_waits_for_a_lock(model: tuple[str, str], open_monitor: Open) -> None:
    name, python = model
    first, second = standing_still(open_monitor(python=python), python, "lock", name)
    assert place(first) == ("waits for a lock", "lock", "with held:")
    assert (first.blocked_s or 0) >= 2
    if name == "asyncio":
        # The first task blocks the event loop, so that the second has not started.
        assert second[1:4] == ("waits for the event loop", True, None)
    else:
        assert place(second) == place(first)


def test_each_coroutine_awaits_an_item(asynchronous: tuple[str, str], open_monitor: Open) -> None:
    name, python = asynchronous
    found = standing_still(open_monitor(python=python), python, "awaited", name)
    assert {place(each) for each in found} == {("waits for an item of a queue", "inner", "await asyncio.Queue().get()")}
    assert len(found) == 2


@pytest.mark.parametrize("name", ["threads", "processes"])
def test_a_task_that_waits_for_its_own_pool(name: str, open_monitor: Open) -> None:
    first, _ = standing_still(open_monitor(), sys.executable, "own_pool", name)
    assert place(first)[:2] == ("waits for a future", "own_pool")


def test_a_task_whose_event_loop_another_one_blocks(open_monitor: Open) -> None:
    found = standing_still(open_monitor(), sys.executable, "blocks_its_loop", "asyncio")
    assert {each.does for each in found} == {"waits for an event", "waits for its event loop, which waits for an event"}
    assert {place(each)[1:] for each in found} == {("blocks_its_loop", "threading.Event().wait()")}


@pytest.mark.parametrize("name", ["threads", "processes", "asyncio", "process-pool"])
def test_workers_whose_module_blocks_at_import_have_not_started(name: str, open_monitor: Open) -> None:
    monitor = open_monitor()
    start(monitor, sys.executable, "never_called", name, "blocks_at_import.py")
    (found,) = until(monitor, lambda snapshot: snapshot.standstills).standstills
    assert {worker.does for worker in found.workers} == {LOADING}
    assert not found.ends_itself
    monitor.stop_all()
    until(monitor, lambda snapshot: not snapshot.standstills)


def test_a_standstill_is_logged_as_a_deadlock_is(open_monitor: Open) -> None:
    monitor = open_monitor()
    standing_still(monitor, sys.executable, "lock", "threads")
    first, *_ = said_by_the_monitor(monitor)
    assert first.startswith("Thread-1 waits for a lock in `lock`, waits.py:")


@pytest.mark.parametrize("name", ["threads", "asyncio"])
def test_workers_that_only_sleep_are_no_fault(name: str, open_monitor: Open) -> None:
    monitor = open_monitor()
    result, found = measured(monitor, "nap", name)
    assert result.problem is None
    assert all(each.ends_itself for each in found)
    assert not said_by_the_monitor(monitor)


@pytest.mark.parametrize("function", ["partner", "waits_for_its_helper"])
def test_waiting_for_what_runs_is_no_standstill(function: str, open_monitor: Open) -> None:
    result, found = measured(open_monitor(), function, "threads")
    assert result.problem is None
    assert not found


def test_a_report_ends_when_its_workers_do(open_monitor: Open) -> None:
    monitor = open_monitor()
    standing_still(monitor, sys.executable, "lock", "processes")
    monitor.stop_all()
    until(monitor, lambda snapshot: not snapshot.standstills)
