"""Hand-offs per second of each GIL of each lab, by the workers' spans and by CPython's own count."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from pconc_tui.cpython import NotReadableError
from pconc_tui.monitor import cpython_switches
from pconc_tui.monitor.handoff_rates import HandoffRates
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import INTERPRETER
from pconc_tui.requests import Request
from pconc_tui.timeline.gil_waits import Gil
from tests.support import needed, running, until

Open = Callable[..., Monitor]
MS = 1_000_000


def test_each_lab_has_its_own_figures(open_monitor: Open) -> None:
    old, new = needed("3.9"), needed("3.14")
    monitor = open_monitor()
    for python in (old, new):
        for _ in range(2):
            monitor.launch(Request("cpu-bound", "calls", "threads", python=python))
    snapshot = until(
        monitor,
        lambda snapshot: (
            len(snapshot.gils) == 2 and all(gil.handoffs_per_s and gil.switches_per_s for gil in snapshot.gils)
        ),
    )
    assert [gil.lab for gil in snapshot.gils] == [0, 1]
    assert {gil.pid for gil in snapshot.gils} == {worker.pid for worker in snapshot.workers}
    assert [(gil.interpreter, gil.workers, gil.problem) for gil in snapshot.gils] == [(0, 2, None)] * 2


def test_each_interpreter_of_a_process_has_a_gil_of_its_own(open_monitor: Open) -> None:
    monitor = open_monitor(python=needed("3.14"))
    for _ in range(3):
        monitor.launch(Request("cpu-bound", "calls", "interpreters"))
    snapshot = until(
        monitor,
        lambda snapshot: (
            running(snapshot)
            and len(snapshot.gils) == 3
            and all(gil.switches_per_s is not None for gil in snapshot.gils)
        ),
    )
    assert len({gil.pid for gil in snapshot.gils}) == 1
    assert 0 not in {gil.interpreter for gil in snapshot.gils}
    assert {gil.handoffs_per_s for gil in snapshot.gils} == {0}
    monitor.measure(Request("cpu-bound", "calls", "interpreters", 2, 0.05))
    result = until(monitor, lambda snapshot: snapshot.measurements).measurements[0]
    assert result.handoffs == 0
    assert result.switches is not None
    assert result.switches <= 4, "the main interpreter's are not the workers'"


def test_a_free_threaded_lab_has_no_gil_rates(open_monitor: Open) -> None:
    monitor = open_monitor(python=needed("3.13t"))
    monitor.launch(Request("cpu-bound", "calls", "free-threaded"))
    assert until(monitor, lambda snapshot: running(snapshot) and snapshot.workers[0].iterations).gils == ()


def test_an_unreadable_count_is_logged_once(fresh_monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int) -> None:
        raise NotReadableError("may not be read")

    monkeypatch.setattr(cpython_switches, "Runtime", refuse)
    fresh_monitor.launch(Request("cpu-bound", "calls", "threads"))
    fresh_monitor.launch(Request("cpu-bound", "calls", "processes"))
    snapshot = until(fresh_monitor, lambda snapshot: [gil.problem for gil in snapshot.gils] == ["may not be read"] * 2)
    assert snapshot.switches_per_s is None
    assert snapshot.switches_problem == "may not be read"
    logged = [line.text for line in fresh_monitor.poll().log if line.worker == "monitor"]
    assert logged == ["CPython's own count of hand-offs is not readable: may not be read"]


def test_hand_offs_are_of_the_second_up_to_when_they_are_known() -> None:
    gil, rates, shown = Gil(), HandoffRates(), list[float | None]()
    lane = SimpleNamespace(gil=gil)
    worker = cast(WorkerTracker, SimpleNamespace(lane=lane, thread=(2**30, 1), header={INTERPRETER: 0}, alive=True))
    known_ms = 0
    for now_ms in range(100, 4000, 100):
        if now_ms % 300 == 0:  # What happened since the last reading becomes known all at once.
            for ms in range(known_ms, now_ms, 10):
                gil.start_run(ms // 10 % 2, ms * MS)
                gil.end_run(ms // 10 % 2, (ms + 10) * MS)
            known_ms = now_ms
        gil.update(now_ms * MS)
        rates.update([[worker]], now_ms * MS, known_ms * MS)
        shown.append(rates.rates[0].handoffs_per_s)
    assert shown[15:] == [pytest.approx(100, abs=2)] * len(shown[15:])
