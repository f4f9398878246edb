"""Functions that fork, exit and signal: they, and what they fork, behave as in plain Python."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import ended, model_under, until

Shared = Callable[[str], Monitor]
FORKING = (
    "child_returns",
    "child_raises",
    "child_exits",
    "child_exits_with_message",
    "child_is_killed",
    "grandchild_returns",
    "child_has_nothing_of_the_lab",
    "terminated",
    "pool",
    "subprocess_is_interrupted",
)
TRACEBACKS = {"child_raises"}
model = model_under(
    [("threads", "3.9"), ("threads", "3.13t"), ("processes", "3.14"), ("process-pool", "3.11"), ("asyncio", "3.15")]
)
pytestmark = pytest.mark.usefixtures("own_code")


def run(monitor: Monitor, function: str, model: str) -> Snapshot:
    """The snapshot in which one worker that ran this function once has ended, with all that its process printed."""
    monitor.clear()
    before = len(monitor.poll().measurements)
    experiments.add(read(f"forks.py:{function}", sys.executable))
    monitor.measure(Request(f"forks.py:{function}", function, model, workers=2))
    return until(monitor, lambda snapshot: len(snapshot.measurements) > before and ended(snapshot))


def test_what_a_function_forks_ends_as_in_plain_python(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    monitor = shared_monitor(python)
    for function in FORKING:
        snapshot = run(monitor, function, name)
        assert [worker.ending for worker in snapshot.workers] == ["done", "done"], function
        printed = [line.text for line in snapshot.log]
        assert any("KeyError" in line for line in printed) == (function in TRACEBACKS), printed
        assert function in TRACEBACKS | {"child_exits_with_message"} or not printed, (function, printed)


def test_a_traceback_of_a_child_begins_at_the_users_frame(monitor: Monitor) -> None:
    printed = [line.text for line in run(monitor, "child_raises", "processes").log]
    assert "forks.py" in printed[printed.index("Traceback (most recent call last):") + 1]


def test_a_child_of_a_task_ends_where_it_returns_to_the_event_loop(monitor: Monitor) -> None:
    for function in ("child_returns_from_task", "child_raises_in_task"):
        snapshot = run(monitor, function, "asyncio")
        assert [worker.ending for worker in snapshot.workers] == ["done", "done"]


def test_a_child_writes_nothing_into_the_workers_slot(monitor: Monitor) -> None:
    for name in ("threads", "processes"):
        snapshot = run(monitor, "child_probes", name)
        assert [worker.iterations for worker in snapshot.workers] == [3, 3]


@pytest.mark.parametrize(
    ("model", "function", "ending"),
    [
        ("processes", "interrupts_itself", "KeyboardInterrupt"),
        ("process-pool", "interrupts_itself", "KeyboardInterrupt"),
        ("asyncio", "interrupts_itself_in_task", "KeyboardInterrupt"),
        ("threads", "interrupts_itself", "done"),
        ("processes", "terminates_itself", "killed by signal 15"),
        ("processes", "exits", "done"),
        ("threads", "exits_with_0", "done"),
        ("processes", "exits_with_3", "SystemExit: 3"),
    ],
)
def test_signals_to_itself_and_exits(monitor: Monitor, model: str, function: str, ending: str) -> None:
    snapshot = run(monitor, function, model)
    assert snapshot.workers[0].ending == ending
    if model == "threads" and function == "interrupts_itself":
        assert "KeyboardInterrupt in the main thread" in {line.text for line in snapshot.log}
