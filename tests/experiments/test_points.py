"""The point of each experiment, with real workers: while they run, and after a measurement."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pconc_tui import experiments
from pconc_tui.experiments import user_function
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline import Headline, Kind, headline, kind_of, result
from tests.support import ended, measured, running, until

NOTHING = Kind("io-bound", "sleep", "threads", "")
"""Chosen, but not run."""
LIVE = {
    "io-bound": r"3 threads sleep at the same time",
    "cpu-bound": r"3 threads, (one|no) GIL: \d\.\d\d of [\d.]+ cores? busy",
    "lost-update": r"About [\d,]+ of [\d,]+ updates lost \((< )?[\d.]+ %\)",
    "convoy": r"The heartbeat wakes [\d.]+ (µs|ms|s) late; alone it was [\d.]+ (µs|ms|s)",
    "gil-release": r"hashlib(,| releases) (no|the) GIL: 3 threads, \d\.\d\d of [\d.]+ cores? busy",
    "deadlock": r"Thread-\d holds [AB] and waits for [AB]; Thread-\d holds [AB] and waits for [AB]",
    "queue": r"[\d,]+ items/s, \d+ in the queue; producers wait [\d.]+ % of the time",
}
RESULTS = {
    "io-bound": r"Three runs took .* as long as one",
    "cpu-bound": r"Three runs took .* as long as one, with (one|no) GIL",
    "identity": r"3 threads, 1 process",
    "shared-dict": r"One dict for all: 3 of 3 values; printed 0 1 1 2 2 3",
    "shared-value": r"plain_num is 0, shared_num is 3",
    "lost-update": r"[\d,]+ of [\d,]+ updates lost \((< )?[\d.]+ %\)",
    "convoy": r"The heartbeat woke [\d.]+ (µs|ms|s) late; alone it was [\d.]+ (µs|ms|s)",
    "gil-release": r"hashlib(,| releases) (no|the) GIL: three runs took .* as long as one",
    "deadlock": r"Thread-\d held [AB] and waited for [AB]; Thread-\d held [AB] and waited for [AB]",
    "queue": r"[\d,]+ items/s, \d+ in the queue; producers waited [\d.]+ % of the time",
}


def shown(snapshot: Snapshot, pattern: str) -> Headline | None:
    """The headline, once it says this and both of its figures are known."""
    found = headline(snapshot, NOTHING)
    known = all(figure.value != "-" for figure in found.figures)
    return found if known and re.fullmatch(pattern, found.sentence()) else None


@pytest.mark.parametrize("id", LIVE)
def test_while_workers_run(id: str, monitor: Monitor) -> None:
    for count in (1, 2, 3):
        monitor.launch(Request(id, experiments.load(id).variant, "threads"))
        until(monitor, running)
        if id == "convoy" and count == 1:
            until(monitor, lambda snapshot: snapshot.counters and snapshot.counters[0].delays_alone)
    found = until(monitor, lambda snapshot: shown(snapshot, LIVE[id]))
    assert headline(found, NOTHING).kind.experiment == id
    monitor.stop_all()
    until(monitor, ended)


@pytest.mark.parametrize("id", RESULTS)
def test_after_a_measurement(id: str, monitor: Monitor) -> None:
    experiment = experiments.load(id)
    scale = 1 if id == "queue" else 0.2  # Its depth is sampled.
    snapshot = measured(monitor, Request(id, experiment.variant, experiment.models[0], 3, scale))
    last = snapshot.measurements[-1]
    assert re.fullmatch(RESULTS[id], result(last).sentence()), result(last)
    assert all(figure.value != "-" for figure in result(last).figures)
    assert headline(snapshot, kind_of(last)) == result(last)


def test_each_worker_has_its_role(monitor: Monitor) -> None:
    for id, alone, together in (
        ("queue", ["producer", "consumer", "producer"], ["producer", "consumer", "producer"]),
        ("convoy", ["heartbeat", "computing", "computing"], ["heartbeat", "computing", "computing"]),
        ("cpu-bound", ["", "", ""], ["", "", ""]),
    ):
        for _ in alone:
            monitor.launch(Request(id, experiments.load(id).variant, "threads"))
        assert [worker.role for worker in monitor.poll().workers] == alone
        monitor.stop_all()
        until(monitor, ended)
        monitor.clear()
        snapshot = measured(monitor, Request(id, experiments.load(id).variant, "threads", 3, 0.05))
        assert [worker.role for worker in snapshot.workers] == together
        monitor.clear()


def test_a_function_of_ones_own_names_which_worker_kept_the_gil(own_code: Path, fresh_monitor: Monitor) -> None:
    (own_code / "keeping.py").write_text("def keep():\n    for _ in range(3):\n        sum([1] * 10_000_000)\n")
    function = user_function.read("keeping.py:keep", sys.executable)
    experiments.add(function)
    last = measured(fresh_monitor, Request(function.id, function.variant, "threads", 2)).measurements[-1]
    assert re.search(r"; Thread-[12] kept the GIL for [\d.]+ (ms|s)$", result(last).sentence()), result(last)
