"""A user's own function as a worker's work, with real threads, processes and interpreters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pconc_tui import experiments
from pconc_tui.experiments import ALL_MODELS
from pconc_tui.experiments.user_function import FunctionError, read
from pconc_tui.measurement import Measurement
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import EACH_SOURCE, LONG_S, ended, model_under, running, until

Shared = Callable[[str], Monitor]

TRIED = [
    *((model, "3.14") for model in ALL_MODELS),
    *((model, "3.9") for model in ("threads", "process-pool", "asyncio")),
    ("threads", "3.13t"),
    ("interpreters", "3.15"),
]


model = model_under(TRIED)
never_awaiting = model_under([each for each in TRIED if each[0] != "asyncio"])
pytestmark = pytest.mark.usefixtures("own_code")


@pytest.fixture(params=EACH_SOURCE, ids=["best", "sampled"])
def source(request: pytest.FixtureRequest) -> Source | None:
    """Each source in turn."""
    return request.param  # type: ignore[no-any-return]


def measured(monitor: Monitor, python: str, id: str, model: str, workers: int = 2) -> tuple[Measurement, Snapshot]:
    experiment = read(id, python)
    experiments.add(experiment)
    monitor.measure(Request(id, experiment.variant, model, workers, python=python))
    snapshot = until(monitor, lambda snapshot: snapshot.measurements)
    return snapshot.measurements[-1], snapshot


def printed(snapshot: Snapshot) -> set[str]:
    return {line.text for line in snapshot.log}


def test_a_function_runs_in_every_model_and_its_states_add_up(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    result, snapshot = measured(shared_monitor(python), python, "work.py:crunch", name)
    assert result.problem is None
    for worker in snapshot.workers:
        assert worker.ending == "done"
        assert worker.started_ns is not None
        assert worker.ended_ns is not None
        assert worker.total.wall == pytest.approx((worker.ended_ns - worker.started_ns) / 1e9)
        assert worker.total.running > 0
        assert worker.total.unknown == 0
        assert worker.sampling is not None
        assert worker.sampling.problem is None
        assert not worker.sampling.calls_probe


def test_sleep_is_sampled_as_io(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    _, snapshot = measured(shared_monitor(python), python, "work.py:nap", name)
    for worker in snapshot.workers:
        assert worker.total.io > worker.total.running
        assert worker.sampling is not None
        assert bool(worker.sampling.rate_hz) == (worker.source == Source.SAMPLED)


def test_a_coroutine_is_a_task_or_runs_a_loop_of_its_own(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    result, snapshot = measured(shared_monitor(python), python, "work:awaits", name)
    assert result.problem is None
    assert {"went on 0", "went on 1"} <= printed(snapshot)
    assert all(worker.total.io > 0.04 for worker in snapshot.workers), "each sleeps three times as long"


def test_probe_makes_the_lane_exact(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    result, snapshot = measured(shared_monitor(python), python, "work.py:probed", name)
    assert result.problem is None
    for worker in snapshot.workers:
        assert worker.cpu_s
        assert worker.total.running > 0
        assert worker.iterations == 200
        assert worker.sampling is not None
        assert worker.sampling.calls_probe
        assert worker.ended_ns is not None
        assert worker.total.wall == pytest.approx((worker.ended_ns - (worker.started_ns or 0)) / 1e9)


def test_an_exception_is_reported_with_the_users_frames_only(model: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = model
    result, snapshot = measured(shared_monitor(python), python, "work.py:fails", name)
    assert result.slowdown is None
    worker = snapshot.workers[0]
    assert worker.ending == "ValueError: worker 0 is bad"
    lines = worker.traceback.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert [line.split(", in ")[1] for line in lines if line.startswith("  File")] == ["fails", "helper"]
    assert lines[-1] == worker.ending
    assert [line.text for line in snapshot.log if line.error] == lines


@pytest.mark.parametrize("name", ["asyncio", "threads"])
def test_our_frames_between_the_users_are_left_out(name: str, monitor: Monitor) -> None:
    _, snapshot = measured(monitor, sys.executable, "work.py:fails_among_others", name)
    files = [line for line in snapshot.workers[0].traceback.splitlines() if line.startswith("  File")]
    assert [line.split(", in ")[1] for line in files] == ["fails_among_others", "fails_later", "helper"]


def test_an_endless_function_is_stopped(never_awaiting: tuple[str, str], shared_monitor: Shared) -> None:
    name, python = never_awaiting
    monitor = shared_monitor(python)
    experiments.add(read("work.py:endless", python))
    monitor.launch(Request("work.py:endless", "endless", name))
    monitor.launch(Request("work.py:endless", "endless", name))
    until(monitor, lambda snapshot: running(snapshot) and all(each.total.running for each in snapshot.workers))
    monitor.stop_all()
    snapshot = until(monitor, ended)
    assert {worker.ending for worker in snapshot.workers} == {"stopped"}
    assert not any(line.error for line in snapshot.log)


@pytest.mark.parametrize("name", ["asyncio", "processes"])
def test_a_function_that_awaits_is_stopped(name: str, monitor: Monitor) -> None:
    experiments.add(read("work.py:awaits_for_ever", sys.executable))
    monitor.launch(Request("work.py:awaits_for_ever", "awaits_for_ever", name))
    until(monitor, lambda snapshot: running(snapshot) and snapshot.workers[0].state is State.IO)
    monitor.stop_all()
    assert until(monitor, ended).workers[0].ending == "stopped"


def test_waiting_for_a_lock_is_distinguished_from_waiting_for_the_gil(python: str, shared_monitor: Shared) -> None:
    monitor = shared_monitor(python)
    for id in ("work.py:locked", "work.py:endless"):
        experiments.add(read(id, python))
    monitor.launch(Request("work.py:locked", "locked", "threads"))
    until(monitor, lambda snapshot: snapshot.workers[0].ending == "done")
    monitor.launch(Request("work.py:locked", "locked", "threads"))
    monitor.launch(Request("work.py:endless", "endless", "threads"))
    monitor.launch(Request("work.py:endless", "endless", "threads"))
    snapshot = until(monitor, lambda snapshot: all(each.total.running > 0.05 for each in snapshot.workers[2:]))

    def is_locked(snapshot: Snapshot) -> bool:
        # Four times a second it wakes up to check for requests, and waits for the GIL to do so.
        return snapshot.workers[1].state is State.LOCK and snapshot.workers[1].total.lock_wait > 0.1

    _, *busy = until(monitor, is_locked).workers[1:]
    assert all(worker.total.lock_wait == 0 for worker in busy)
    if snapshot.labs[0].gil_enabled:
        assert all(worker.total.gil_wait > 0 for worker in busy)
        assert busy[0].handoffs


@pytest.mark.parametrize(
    ("id", "lines"),
    [
        ("work.py:without", {"called without"}),
        ("work.py:prints_index", {"called with 0", "called with 1"}),
        ("work.py:defaults", {"called with 3"}),
        ("work:prints_index", {"called with 0", "called with 1"}),
        ("pack.inner:prints_index", {"the package is imported", "called with 0", "called with 1"}),
        ("./work.py:prints_index", {"called with 0", "called with 1"}),
    ],
)
def test_a_function_is_found_and_called(id: str, lines: set[str], monitor: Monitor) -> None:
    result, snapshot = measured(monitor, sys.executable, id, "threads")
    assert result.problem is None
    assert printed(snapshot) == lines


def test_the_functions_folder_comes_first_on_the_path(own_code: Path, monitor: Monitor) -> None:
    (own_code / "other").mkdir(exist_ok=True)
    (own_code / "other" / "beside.py").write_text("NAME = 'beside'\n")
    (own_code / "other" / "queue.py").write_text(
        "def name():\n    import beside\n    print(beside.NAME, __file__[-14:])\n"
    )
    _, snapshot = measured(monitor, sys.executable, "other/queue.py:name", "processes", workers=1)
    assert printed(snapshot) == {"beside other/queue.py"}


@pytest.mark.parametrize("id", ["work.py:crunch", "pack.inner:prints_index"])
def test_reading_a_function_does_not_import_it(id: str, python: str) -> None:
    found = read(id, python)
    assert not {"work", "pack", "pack.inner"} & set(sys.modules)
    assert found.id == id
    first, last = found.extent(found.variant, "threads")
    assert id.startswith("pack") or found.source.splitlines()[first - 1] == "def crunch(index):"
    assert last >= first


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("none.py:crunch", "no file none.py"),
        ("none:crunch", "no module 'none' in "),
        ("pack.none:crunch", "no module 'pack.none' in "),
        ("work.py:none", "work.py has no function 'none'; it has add, crunch, without"),
        ("work:none", "work has no function 'none'"),
        ("work.py:NUMBER", "work.py: NUMBER is not callable"),
        ("work.py:TYPED", "work.py: TYPED is not callable"),
        ("work.py:two", "two needs 2 arguments"),
        ("work.py:generator", "generator is a generator"),
        ("work.py:", "after the colon comes a function's name"),
        ("wo rk:crunch", "'wo rk' is neither a module's name nor a file's"),
        ("broken.py:crunch", "broken.py, line 2: "),
        ("latin.py:crunch", "latin.py: "),
    ],
)
def test_a_function_that_can_not_run_is_refused(id: str, message: str, own_code: Path) -> None:
    (own_code / "broken.py").write_text("\ndef crunch(:\n")
    (own_code / "latin.py").write_bytes(b"# \xe9\n")
    with pytest.raises(FunctionError) as refused:
        read(id, sys.executable)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_outside_a_worker_probe_does_nothing(python: str) -> None:
    code = f"import sys; sys.path.append({str(Path(experiments.__file__).parents[2])!r}); import work; work.probed(1)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=LONG_S, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
