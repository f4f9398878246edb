"""A free-threaded build whose GIL an import turns on while workers run, whether or not they can notice."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import GIL, INTERPRETER, NATIVE_ID, PID, Block
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from pconc_tui.sampler.process_sampler import GILS_NS, ProcessSampler
from pconc_tui.sampler.worker_sampler import WorkerSampler
from tests.sampler.test_sampler import program
from tests.support import EACH_SOURCE, ended, eventually, needed, running, until

Open = Callable[..., Monitor]
pytestmark = pytest.mark.usefixtures("own_code")


@pytest.fixture(params=EACH_SOURCE, ids=["best", "sampled"])
def source(request: pytest.FixtureRequest) -> Source | None:
    """Each source in turn."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def free() -> str:
    """The path of a free-threaded build that has the extension which does it."""
    python = needed("3.13t")
    if subprocess.run([python, "-c", "import _testmultiphase"], capture_output=True, check=False).returncode:
        pytest.skip("needs CPython's own test modules")
    return python


def launch(monitor: Monitor, name: str, python: str) -> None:
    experiment = read(f"work.py:{name}", python)
    experiments.add(experiment)
    monitor.launch(Request(experiment.id, experiment.variant, "threads"))


def test_functions_that_compute_are_sampled_as_sharing_it(free: str, open_monitor: Open) -> None:
    monitor = open_monitor(python=free)
    launch(monitor, "endless", free)
    snapshot = until(monitor, lambda snapshot: running(snapshot) and snapshot.workers[0].total.running > 0.2)
    assert snapshot.labs[0].gil_enabled is False
    assert snapshot.gils == ()
    launch(monitor, "turns_gil_on_and_goes_on", free)
    snapshot = until(monitor, lambda snapshot: all(worker.total.gil_wait > 0.2 for worker in snapshot.workers))
    assert snapshot.labs[0].gil_enabled
    assert [(gil.interpreter, gil.workers) for gil in snapshot.gils] == [(0, 2)]
    assert snapshot.handoffs_per_s
    assert all(worker.sampling and worker.sampling.problem is None for worker in snapshot.workers)


@pytest.mark.parametrize("name", ["turns_gil_on_and_goes_on", "turns_gil_on_later"])
def test_one_alone_needs_it_too(name: str, free: str, open_monitor: Open) -> None:
    monitor = open_monitor(python=free)
    launch(monitor, name, free)
    snapshot = until(monitor, lambda snapshot: snapshot.gils)
    assert snapshot.labs[0].gil_enabled
    assert snapshot.gils[0].workers == 1


def test_a_worker_that_reports_notices_that_another_turned_it_on(free: str, open_monitor: Open) -> None:
    monitor = open_monitor(python=free)
    monitor.launch(Request("cpu-bound", "calls", "threads"))
    until(monitor, running)
    launch(monitor, "turns_gil_on", free)
    snapshot = until(monitor, lambda snapshot: snapshot.workers[1].ending == "done" and snapshot.gils)
    assert snapshot.labs[0].gil_enabled
    assert snapshot.gils[0].workers == 1


def test_a_worker_that_ends_at_once_reports_it(free: str, open_monitor: Open) -> None:
    monitor = open_monitor(python=free)
    launch(monitor, "turns_gil_on", free)
    assert until(monitor, lambda snapshot: snapshot.workers and ended(snapshot)).labs[0].gil_enabled


def test_a_process_is_asked_for_its_gils_now_and_then(python: str) -> None:
    with program(python, "sleep") as (pid, _):
        process = ProcessSampler(pid)
        eventually(lambda: process._open() is not None)
        free_threaded = process._runtime is not None and not process._runtime.sample()[0].enabled
        assert process.gils(0) == (set() if free_threaded else {0})
        assert process.gils(GILS_NS - 1) is None
        assert process.gils(GILS_NS) is not None
    assert process.gils(2 * GILS_NS) is None
    assert process.problem is None


def test_a_sampled_gil_counts_more_than_what_a_worker_wrote_long_ago() -> None:
    lab, block = Block.create(), Block.create()
    own_words, worker = lab.slot(0), WorkerSampler(1, lab.slot(0), block.slot(0))
    own_words[GIL], own_words[PID], own_words[NATIVE_ID] = 70, 70, 71
    worker.pid, worker.native_id = 70, 71
    assert worker.gil == 70
    worker.needs_one_of(set())
    assert worker.gil == 0
    worker.needs_one_of({0})
    assert worker.gil == 70
    own_words[INTERPRETER] = 3
    worker.needs_one_of({0})
    assert worker.gil == 0
    worker.needs_one_of({0, 3})
    assert worker.gil == 71
