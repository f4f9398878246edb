"""Threads that functions start, and the threads of child processes, have lanes of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from pconc_tui import experiments
from pconc_tui.experiments.user_function import read
from pconc_tui.kernel.perf_event import access
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.own_code.helping import BURNED_S
from tests.support import measured, needed

pytestmark = [
    pytest.mark.usefixtures("own_code"),
    pytest.mark.skipif(access().source is None, reason="the kernel gives no scheduling records here"),
]


def run(monitor: Monitor, name: str, model: str, python: str = sys.executable) -> Snapshot:
    experiment = read(f"helping.py:{name}", python)
    experiments.add(experiment)
    return measured(monitor, Request(experiment.id, experiment.variant, model, 2, single_run=False))


@pytest.mark.parametrize(("name", "each"), [("in_threads", 2), ("in_commands", 2)])
@pytest.mark.parametrize("model", ["threads", "processes"])
def test_helpers_of_each_worker_run_as_long_as_they_burn(
    name: str, each: int, model: str, open_monitor: Callable[..., Monitor]
) -> None:
    snapshot = run(open_monitor(), name, model)
    assert len(snapshot.workers) == 2
    for worker in snapshot.workers:
        helpers = [helper for helper in snapshot.helpers if helper.helper_of == worker.id]
        assert len(helpers) == each
        for helper in helpers:
            assert helper.ending == "ended"
            assert helper.source == access().source
            assert helper.total.running + helper.total.unknown > 0.9 * BURNED_S
            assert (helper.pid == worker.pid) is (name == "in_threads")
        assert worker.total.running < BURNED_S / 2, "they work, not the worker"


@pytest.mark.parametrize("version", ["3.9", "3.12", "3.13", "3.13t", "3.14"])
@pytest.mark.parametrize("model", ["threads", "processes"])
def test_threads_have_the_names_that_the_function_gives_them(
    version: str, model: str, open_monitor: Callable[..., Monitor]
) -> None:
    python = needed(version)
    snapshot = run(open_monitor(python=python), "in_named_threads", model, python)
    assert sorted(helper.name for helper in snapshot.helpers) == 2 * ["compressor of i"] + 2 * ["parser"]


def test_a_labs_own_threads_are_no_helpers(open_monitor: Callable[..., Monitor]) -> None:
    experiment = read("work.py:crunch", sys.executable)
    experiments.add(experiment)
    monitor = open_monitor()
    snapshot = measured(monitor, Request(experiment.id, experiment.variant, "thread-pool", 2, single_run=False))
    assert snapshot.helpers == ()


def test_where_lanes_are_sampled_helpers_have_none(open_monitor: Callable[..., Monitor]) -> None:
    assert run(open_monitor(source=Source.SAMPLED), "in_threads", "threads").helpers == ()
