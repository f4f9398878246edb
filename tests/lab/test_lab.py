"""The lab with real threads and processes, under every interpreter found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.measurement import Measurement
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State
from pconc_tui.requests import Request, RequestError
from pconc_tui.snapshot import Snapshot
from tests import support
from tests.support import by_name, ended, losing, running, until

Shared = Callable[[str], Monitor]


def measured(
    monitor: Monitor, experiment: str, variant: str, model: str, scale: float = 0.02
) -> tuple[Measurement, Snapshot]:
    snapshot = support.measured(monitor, Request(experiment, variant, model, 4, scale))
    return snapshot.measurements[-1], snapshot


def printed(snapshot: Snapshot, worker: str) -> list[str]:
    return [line.text for line in snapshot.log if line.worker == worker]


def test_the_lab_reports_its_interpreter(python: str, shared_monitor: Shared, request: pytest.FixtureRequest) -> None:
    monitor = shared_monitor(python)
    monitor.open_lab()
    lab = until(monitor, lambda snapshot: snapshot.labs[0].state == "ready").labs[0]
    version = request.node.callspec.id
    assert lab.version is not None
    assert lab.version.startswith(version.rstrip("t") + ".")
    assert lab.free_threaded_build is version.endswith("t")
    assert lab.gil_enabled is not version.endswith("t")
    assert lab.switch_interval_s == 0.005


def test_threads_share_a_process_and_account_for_all_time_with_the_gil(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    result, snapshot = measured(monitor, "cpu-bound", "calls", "threads", scale=0.05)
    workers = snapshot.workers
    assert [worker.name for worker in workers] == ["Thread-1", "Thread-2", "Thread-3", "Thread-4"]
    assert len({worker.pid for worker in workers}) == 1
    assert len({worker.native_id for worker in workers}) == 4
    assert {worker.iterations for worker in workers} == {500_000}
    for worker in workers:
        assert worker.started_ns is not None
        assert worker.ended_ns is not None
        assert worker.total.wall == pytest.approx((worker.ended_ns - worker.started_ns) / 1e9)
        assert worker.total.running > 0
        assert worker.cpu_s is not None
        assert worker.starting_cpu_s is not None
    waited = sum(worker.total.gil_wait for worker in workers)
    has_gil = snapshot.labs[0].gil_enabled
    assert (waited > 0, result.handoffs > 0) == (has_gil, has_gil)


def test_processes_have_pids_and_gils_of_their_own(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    result, snapshot = measured(monitor, "cpu-bound", "calls", "processes")
    assert len({worker.pid for worker in snapshot.workers}) == 4
    assert all(worker.total.gil_wait == 0 for worker in snapshot.workers)
    assert all(worker.starting_cpu_s for worker in snapshot.workers)
    assert result.handoffs == 0


@pytest.mark.parametrize("model", ["threads", "processes"])
def test_io_bound_workers_only_sleep(python: str, shared_monitor: Shared, model: str) -> None:
    monitor = shared_monitor(python)
    _, snapshot = measured(monitor, "io-bound", "sleep", model)
    for worker in snapshot.workers:
        # It runs, and may lose its core, from when it calls sleep until it has blocked.
        assert worker.total.wall >= 0.04
        assert worker.total.io + worker.total.core_wait >= 0.9 * 0.04
        assert worker.iterations == 0


@pytest.mark.parametrize("model", ["threads", "processes"])
def test_workers_print_their_pid_and_name(python: str, shared_monitor: Shared, model: str) -> None:
    monitor = shared_monitor(python)
    _, snapshot = measured(monitor, "identity", "print", model)
    kind = "thread" if model == "threads" else "process"
    for worker in snapshot.workers:
        assert f"Pid is {worker.pid}, {kind} id is {worker.name}" in printed(snapshot, worker.name)


def test_each_pair_of_lines_adds_one_value_under_the_lock(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    _, snapshot = measured(monitor, "shared-dict", "lock", "threads")
    lines = [line.text for line in snapshot.log][-9:-1]
    pairs = [(f"Obj has {n} values", f"Obj now has {n + 1} values") for n in range(4)]
    assert lines == [line for pair in pairs for line in pair]
    assert snapshot.counters[0].object == {str(n): n for n in range(4)}


@pytest.mark.parametrize("variant", ["lock", "no-lock"])
def test_processes_share_the_value_but_not_the_global(python: str, shared_monitor: Shared, variant: str) -> None:
    monitor = shared_monitor(python)
    _, snapshot = measured(monitor, "shared-value", variant, "processes")
    shared = snapshot.counters[0]
    assert shared.plain_num == 0
    assert shared.plain_of == tuple((f"Process-{n}", 1) for n in range(1, 5))
    if variant == "lock":
        assert shared.value == 4
        assert "plain_num is 0, shared_num is 4" in printed(snapshot, "parent")


@pytest.mark.parametrize("model", ["threads", "processes"])
def test_no_update_is_lost_under_the_lock(python: str, shared_monitor: Shared, model: str) -> None:
    monitor = shared_monitor(python)
    _, snapshot = measured(monitor, "lost-update", "lock", model)
    shared = snapshot.counters[0]
    assert shared.final
    assert (shared.value, shared.expected, shared.lost) == (16_000, 16_000, 0)


def test_processes_lose_updates_without_the_lock(python: str, shared_monitor: Shared) -> None:
    losing(shared_monitor(python), "plain", "processes")


def test_workers_launched_alone_run_in_different_models_until_stopped(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    for model in ("threads", "processes", "threads", "processes"):
        monitor.launch(Request("cpu-bound", "calls", model))
    snapshot = until(monitor, lambda snapshot: running(snapshot) and all(w.iterations for w in snapshot.workers))
    assert list(by_name(snapshot)) == ["Thread-1", "Process-1", "Thread-2", "Process-2"]
    assert not any(worker.ending for worker in snapshot.workers)
    monitor.stop(by_name(snapshot)["Thread-1"].id)
    snapshot = until(monitor, lambda snapshot: by_name(snapshot)["Thread-1"].ending == "stopped")
    monitor.stop_all()
    snapshot = until(monitor, ended)
    assert {worker.ending for worker in snapshot.workers} == {"stopped"}


@pytest.mark.parametrize("model", ["threads", "processes"])
def test_sleepers_are_woken_to_stop(monitor: Monitor, model: str) -> None:
    longer_than_the_test = 1000.0
    monitor.measure(Request("io-bound", "sleep", model, 4, longer_than_the_test))
    until(monitor, lambda snapshot: running(snapshot) and snapshot.workers[0].state is State.IO)
    monitor.stop_all()
    snapshot = until(monitor, ended)
    assert {worker.ending for worker in snapshot.workers} == {"stopped"}


@pytest.mark.parametrize("model", ["threads", "processes"])
def test_lock_waiters_stop(monitor: Monitor, model: str) -> None:
    for _ in range(2):
        monitor.launch(Request("lost-update", "lock", model))
    until(monitor, lambda snapshot: any(worker.total.lock_wait for worker in snapshot.workers))
    monitor.stop_all()
    until(monitor, ended)


def test_the_switch_interval_changes_where_workers_run(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    monitor.launch(Request("cpu-bound", "calls", "processes"))
    until(monitor, running)
    monitor.set_switch_interval(0.0005)
    until(monitor, lambda snapshot: snapshot.labs[0].switch_interval_s == 0.0005)
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    snapshot = until(monitor, running)
    assert snapshot.labs[0].switch_interval_s == 0.0005


def test_all_stop_at_once_even_with_a_long_switch_interval(monitor: Monitor) -> None:
    monitor.set_switch_interval(1)
    for _ in range(4):
        monitor.launch(Request("cpu-bound", "calls", "threads"))
    until(monitor, lambda snapshot: len(snapshot.workers) == 4 and snapshot.workers[0].started_ns)
    monitor.stop_all()
    until(monitor, lambda snapshot: snapshot.workers[0].ending)


def test_workers_launched_alone_share_one_counter(monitor: Monitor) -> None:
    monitor.launch(Request("lost-update", "lock", "threads"))
    monitor.launch(Request("lost-update", "lock", "threads"))
    until(monitor, lambda snapshot: running(snapshot) and all(w.iterations > 1000 for w in snapshot.workers))
    monitor.stop_all()
    snapshot = until(monitor, lambda snapshot: snapshot.counters and snapshot.counters[0].final)
    total = sum(worker.iterations for worker in snapshot.workers)
    shared = snapshot.counters[0]
    assert shared.workers == 2
    # A worker that is stopped within a chunk has added a part of it that it did not count as iterations.
    assert shared.value is not None
    assert shared.value >= total
    assert shared.lost == 0


def test_clearing_keeps_workers_that_run(monitor: Monitor) -> None:
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    snapshot = until(monitor, running)
    monitor.stop(snapshot.workers[0].id)
    until(monitor, lambda snapshot: snapshot.workers[0].ending)
    monitor.clear()
    assert list(by_name(monitor.poll())) == ["Thread-2"]


def test_a_measurement_stops_running_workers_and_can_be_cancelled(monitor: Monitor) -> None:
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    until(monitor, running)
    monitor.measure(Request("cpu-bound", "calls", "threads", 4))
    snapshot = until(monitor, lambda snapshot: snapshot.progress and snapshot.progress.fraction > 0.01)
    assert [worker.name for worker in snapshot.workers] == ["Thread-1"]
    with pytest.raises(RequestError):
        monitor.launch(Request("cpu-bound", "calls", "threads"))
    monitor.stop_all()
    snapshot = until(monitor, ended)
    assert snapshot.progress is None
    assert snapshot.measurements == ()


def test_the_257th_worker_is_refused(monitor: Monitor) -> None:
    for _ in range(256):
        monitor.launch(Request("io-bound", "sleep", "threads"))
    until(monitor, lambda snapshot: len(snapshot.workers) == 256 and running(snapshot))
    with pytest.raises(RequestError, match="256"):
        monitor.launch(Request("io-bound", "sleep", "threads"))
    monitor.stop_all()
    until(monitor, ended)


def test_every_experiment_describes_itself() -> None:
    found = experiments.catalogue()
    assert len(found) == len({each.key for each in found}) == len(experiments.ids())
    assert [each.key for each in found] == list("1234567890")[: len(found)]
    for each in found:
        assert each.watch.count(". ") >= 1
        assert all(work.__name__ in each.source for work in each.variants.values())
        assert "EXPERIMENT" not in each.source
