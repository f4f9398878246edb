"""Lanes from the kernel's records against those that workers report, of the same run: shares of states, and hand-offs.

An observer records the lab in which an experiment runs, as it would for a user's function; the experiment's workers
report. Tasks of asyncio are left out, since they share a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from typing import NamedTuple

from pconc_tui import experiments
from pconc_tui.models import interpreter_problem
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.tree_client import ThreadReader, TreeObserver
from pconc_tui.protocol.block import RUNS, State, unpack
from pconc_tui.python_discovery import find
from pconc_tui.pythons import Interpreter
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker
from tests.bench.figures import Figure
from tests.support import until

WORKERS = 4
STATES = ("running", "gil_wait", "core_wait", "blocked", "unknown")
NAMES = {
    **dict.fromkeys(RUNS, "running"),
    # A thread that is started waits for the GIL.
    State.STARTING: "gil_wait",
    State.GIL_WAIT: "gil_wait",
    State.CORE_WAIT: "core_wait",
    # An experiment sleeps in a lock, so that it can be woken up: the kernel can't tell that from waiting for a lock.
    State.IO: "blocked",
    State.LOCK: "blocked",
}
TIMEOUT_S = 90


class Extent(NamedTuple):
    """How much is measured."""

    newest: bool
    """Only the newest interpreter."""
    experiments: tuple[str, ...]
    """Their ids; empty: all that end."""
    models: tuple[str, ...]
    """Empty: all."""
    scale: float


FULL, SMOKE = Extent(False, (), (), 0.5), Extent(True, ("cpu-bound",), ("threads",), 0.02)


class Lane(NamedTuple):
    """What the records say of one worker."""

    shares: dict[str, float]
    starts: list[tuple[int, int]]
    """When it began to run with the GIL, and its id."""


def figures(extent: Extent) -> Iterator[Figure]:
    """A row for each interpreter, model and experiment."""
    found = {python.short: python for python in find()}
    for version, python in list(found.items())[-1 if extent.newest else 0 :]:
        for id in extent.experiments or [each.id for each in experiments.catalogue() if ":" not in each.id]:
            experiment = experiments.load(id)
            for model in extent.models or experiment.models:
                if model != "asyncio" and interpreter_problem(model, python) is None:
                    yield _figure(f"{version}, {model}, {id}", python, model, id, extent.scale)


def _figure(what: str, python: Interpreter, model: str, id: str, scale: float) -> Figure:
    try:
        workers, lanes = observe(python, model, id, scale)
    except AssertionError:
        return Figure(what, "-", "", f"has not ended within {TIMEOUT_S} s")
    if not lanes:
        return Figure(what, "-", "", "nothing was recorded")
    wall = sum(worker.total.wall for worker in workers)
    reported = {state: sum(_reported(worker, state) for worker in workers) / wall for state in STATES}
    recorded = {
        state: sum(lanes[worker.id].shares.get(state, 0.0) * worker.total.wall for worker in workers) / wall
        for state in STATES
    }
    far = max(STATES, key=lambda state: abs(reported[state] - recorded[state]))
    pairs = ", ".join(
        f"{state} {100 * reported[state]:.1f} and {100 * recorded[state]:.1f}"
        for state in STATES
        if reported[state] + recorded[state] >= 0.002
    )
    theirs, ours = sum(worker.handoffs for worker in workers), _handoffs(workers, lanes)
    return Figure(
        what,
        f"{100 * abs(reported[far] - recorded[far]):.2f} points",
        "<= 0.5",
        f"{pairs}; hand-offs {theirs} and {ours}",
    )


def _reported(worker: Worker, state: str) -> float:
    total = worker.total
    return total.io + total.lock_wait if state == "blocked" else float(getattr(total, state))


def observe(python: Interpreter, model: str, id: str, scale: float) -> tuple[tuple[Worker, ...], dict[int, Lane]]:
    """Measure the experiment with an observer on its lab: the workers, and what was recorded of each."""
    experiment = experiments.load(id)
    with closing(Monitor(python.path, history_pieces=None)) as monitor:
        monitor.open_lab()
        until(monitor, lambda snapshot: snapshot.labs[0].state == "ready", TIMEOUT_S)
        (lab,) = monitor._registry.labs.values()
        with closing(TreeObserver(lab.process.pid)) as tree:
            readers: dict[int, tuple[ThreadReader, list[int]]] = {}

            def follow(snapshot: Snapshot) -> bool:
                tree.receive()
                for thread in tree.threads.values():
                    if thread.id not in readers:
                        readers[thread.id] = thread.reader(), []
                for reader, words in readers.values():
                    words += reader.read()
                return bool(snapshot.measurements)

            until(monitor, lambda snapshot: (follow(snapshot), tree.ready)[1], TIMEOUT_S)
            if tree.source is None:
                return (), {}
            monitor.measure(Request(id, experiment.variant, model, WORKERS, scale, single_run=False))
            try:
                snapshot = until(monitor, follow, TIMEOUT_S)
            except AssertionError:
                monitor.stop_all()
                raise
            ended_ns = max(worker.ended_ns or 0 for worker in snapshot.workers)
            until(monitor, lambda each: (follow(each), tree.knows(ended_ns))[1], TIMEOUT_S)
            follow(snapshot)
            by_ids = {(thread.pid, thread.tid): readers[thread.id][1] for thread in tree.threads.values()}
            lanes = {
                worker.id: _lane(worker, by_ids[worker.pid or 0, worker.native_id or 0])
                for worker in snapshot.workers
                if (worker.pid or 0, worker.native_id or 0) in by_ids and worker.started_ns and worker.ended_ns
            }
            workers = tuple(worker for worker in snapshot.workers if worker.id in lanes)
            return workers, lanes


def _lane(worker: Worker, words: list[int]) -> Lane:
    """What the records say between the start and the end that the worker reports."""
    began_ns, ended_ns = worker.started_ns or 0, worker.ended_ns or 0
    sums: dict[str, float] = {}
    starts: list[tuple[int, int]] = []
    at_ns, state = began_ns, State.RUNNING
    for word in words:
        time_ns, following = unpack(word)
        if time_ns > began_ns:
            until_ns = min(time_ns, ended_ns)
            name = NAMES.get(state, "unknown")
            sums[name] = sums.get(name, 0.0) + max(0, until_ns - at_ns)
            if following is State.RUNNING and time_ns < ended_ns:
                starts.append((time_ns, worker.id))
            at_ns = max(at_ns, until_ns)
            state = following
    name = NAMES.get(state, "unknown")
    sums[name] = sums.get(name, 0.0) + max(0, ended_ns - at_ns)
    return Lane({name: ns / (ended_ns - began_ns) for name, ns in sums.items()}, [(began_ns, worker.id), *starts])


def _handoffs(workers: tuple[Worker, ...], lanes: dict[int, Lane]) -> int:
    """Changes of the worker that runs among those that share a GIL."""
    count = 0
    for gil in {worker.gil for worker in workers if worker.gil}:
        starts = sorted(start for worker in workers if worker.gil == gil for start in lanes[worker.id].starts)
        count += sum(before[1] != after[1] for before, after in pairwise(starts))
    return count
