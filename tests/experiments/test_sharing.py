"""What workers share, in every model: said in a sentence, and true."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from pconc_tui import experiments
from pconc_tui.experiments import ALL_MODELS
from pconc_tui.measurement import Counters
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.ui.panels import code
from tests.commands.test_run import pconc
from tests.support import ended, losing, measured, needed, until
from tests.ui.screens import text_of

Shared = Callable[[str], Monitor]
SHARING = ["shared-dict", "shared-value", "lost-update", "deadlock", "queue"]
ONE_MEMORY = {"threads", "asyncio", "thread-pool"}


@pytest.fixture(params=ALL_MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def shared(monitor: Monitor, experiment: str, variant: str, model: str, scale: float = 1) -> Counters:
    return measured(monitor, Request(experiment, variant, model, 4, scale)).counters[0]


def test_each_lab_has_its_own_counters(fresh_monitor: Monitor) -> None:
    for version in ("3.9", "3.14"):
        fresh_monitor.launch(Request("lost-update", "call", "threads", python=needed(version)))
    for method in ("fork", "spawn"):
        fresh_monitor.launch(Request("lost-update", "call", "processes", python=needed("3.9"), start_method=method))
    snapshot = until(fresh_monitor, lambda snapshot: len(snapshot.counters) == 4)
    found = {(each.model, ".".join(each.python.split(".")[:2]), each.start_method) for each in snapshot.counters}
    assert found == {
        ("threads", "3.9", None),
        ("threads", "3.14", None),
        ("processes", "3.9", "fork"),
        ("processes", "3.9", "spawn"),
    }
    fresh_monitor.stop_all()
    until(fresh_monitor, lambda snapshot: ended(snapshot) and all(each.final for each in snapshot.counters))


def test_a_group_that_another_variant_joins_counts_once(monitor: Monitor) -> None:
    monitor.launch(Request("lost-update", "call", "threads"))
    until(monitor, lambda snapshot: snapshot.counters)
    monitor.launch(Request("lost-update", "lock", "threads"))
    snapshot = until(monitor, lambda snapshot: "call + lock" in {each.variant for each in snapshot.counters})
    assert [each.variant for each in snapshot.counters] == ["call + lock"]


@cache
def listing() -> tuple[str, list[dict[str, Any]]]:
    """What `list` prints, as text and as JSON."""
    return pconc("list").stdout, json.loads(pconc("list", "--json").stdout)["experiments"]


@pytest.mark.parametrize("id", SHARING)
def test_each_model_has_its_sentence(id: str) -> None:
    experiment = experiments.load(id)
    assert set(experiment.sharing) == set(experiment.models)
    assert all(sentence.endswith(".") for sentence in experiment.sharing.values())
    text, listed = listing()
    assert next(each["sharing"] for each in listed if each["id"] == id) == experiment.sharing
    assert all(f"{model}: {sentence}" in text for model, sentence in experiment.sharing.items())


def test_the_code_says_what_the_chosen_models_workers_share() -> None:
    experiment = experiments.load("lost-update")
    for model, sentence in experiment.sharing.items():
        panel = code.lines("lost-update", "plain", model, code.plain("lost-update"), 0, 60, 16)
        assert sentence in " ".join(text_of(line).strip() for line in panel)
        page = " ".join(text_of(line) for line in code.everything("lost-update", "plain", model, 200))
        assert all(f"{name}: {each}" in page for name, each in experiment.sharing.items())


def test_the_code_of_a_task_is_marked_where_tasks_run() -> None:
    experiment = experiments.load("lost-update")
    first, _ = experiment.extent("plain", "asyncio")
    assert experiment.source.splitlines()[first - 1].startswith("async def add_async(")


def test_run_says_it() -> None:
    said = pconc("run", "shared-value", "--model", "threads").stdout
    assert experiments.load("shared-value").sharing["threads"] in said


@pytest.mark.parametrize("variant", ["lock", "no-lock"])
def test_a_plain_global_is_shared_where_there_is_one_memory(model: str, newest: Monitor, variant: str) -> None:
    found = shared(newest, "shared-value", variant, model)
    believed = [number for _, number in found.plain_of]
    if variant == "lock" or model == "asyncio":
        assert found.value == 4
    if model in ONE_MEMORY:
        assert max(believed) <= 4
        assert variant == "no-lock" or (found.plain_num, sorted(believed)) == (4, [1, 2, 3, 4])
    else:
        assert found.plain_num == 0
    if model in ("processes", "interpreters"):
        assert believed == [1] * 4


def test_no_model_loses_updates_under_the_lock(model: str, newest: Monitor) -> None:
    found = shared(newest, "lost-update", "lock", model, scale=0.02)
    assert (found.value, found.expected, found.lost) == (16_000, 16_000, 0)


@pytest.mark.parametrize("variant", ["call", "plain"])
@pytest.mark.parametrize("model", ["processes", "interpreters"])
def test_updates_are_lost_where_workers_run_at_the_same_time(model: str, variant: str, newest: Monitor) -> None:
    losing(newest, variant, model)


@pytest.mark.parametrize("model", ["threads", "thread-pool"])
def test_under_one_gil_updates_are_lost_where_a_call_lets_another_thread_run(model: str, newest: Monitor) -> None:
    newest.set_switch_interval(0.0001)
    losing(newest, "call", model)
    assert shared(newest, "lost-update", "plain", model, scale=0.4).lost == 0


@pytest.mark.parametrize("variant", ["call", "plain"])
def test_tasks_lose_no_updates(variant: str, newest: Monitor) -> None:
    found = shared(newest, "lost-update", variant, "asyncio", scale=0.4)
    assert (found.value, found.expected, found.lost) == (320_000, 320_000, 0)


def test_without_a_gil_threads_lose_updates_without_a_call(shared_monitor: Shared) -> None:
    losing(shared_monitor(needed("3.13t")), "plain", "free-threaded")
