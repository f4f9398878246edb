"""Lanes from the kernel's records against those that workers report, of the same run: shares of states, and hand-offs.

An observer records the lab in which an experiment runs, as it would for a user's function; the experiment's workers
report. Tasks of asyncio are left out, since they share a thread.

What only the records know is counted as the workers know it: a thread that wakes up to ask for the GIL goes on waiting
for it. Shares are of the time of all lanes of a run, so that a life counts by its length; the remark says how far the
lane that is furthest off is, in the same state.

Hand-offs are compared three ways: those of all threads by the records beside CPython's own count, between two readings
of that; those of the workers by the records beside those that they report.

PCONC_VERSIONS, PCONC_MODELS, PCONC_EXPERIMENTS: only these, separated by spaces. PCONC_SCALE: how much of the work is
done, 0.3 if it is not given; the longer workers live, the less their first and last 0.1 s weigh.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from itertools import pairwise
from time import perf_counter_ns
from typing import NamedTuple

from pconc_tui import experiments
from pconc_tui.cpython import NotReadableError, Runtime
from pconc_tui.models import interpreter_problem
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.observed_thread import ThreadReader
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.protocol.block import RUNS, WITHOUT_GIL, State, unpack
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


FULL, SMOKE = Extent(False, (), (), 0.3), Extent(True, ("cpu-bound",), ("threads",), 0.02)


Start = tuple[int, int]
"""When a thread began to run with the GIL, and which."""


class Run(NamedTuple):
    """What is known of one run."""

    workers: tuple[Worker, ...]
    shares: dict[int, dict[str, float]]
    """Of each worker's life by the records, by its id."""
    starts: list[Start]
    """Of all threads of the process in which workers share a GIL, by the records."""
    counts: list[tuple[int, int]]
    """CPython's own count of hand-offs there, and when it was read."""


def figures(extent: Extent) -> Iterator[Figure]:
    """Two rows for each interpreter, model and experiment: shares of states, and hand-offs."""
    found = {python.short: python for python in find()}
    for version, python in list(found.items())[-1 if extent.newest else 0 :]:
        for id in extent.experiments or [each.id for each in experiments.catalogue() if ":" not in each.id]:
            experiment = experiments.load(id)
            for model in extent.models or experiment.models:
                is_wanted = _wanted("VERSIONS", version) and _wanted("MODELS", model) and _wanted("EXPERIMENTS", id)
                if is_wanted and model != "asyncio" and interpreter_problem(model, python) is None:
                    scale = float(os.environ.get("PCONC_SCALE", extent.scale))
                    yield from _figures(f"{version}, {model}, {id}", python, model, id, scale)


def _wanted(name: str, value: str) -> bool:
    return value in os.environ.get(f"PCONC_{name}", value).split()


def _figures(what: str, python: Interpreter, model: str, id: str, scale: float) -> Iterator[Figure]:
    try:
        run = observe(python, model, id, scale)
    except AssertionError:
        yield Figure(what, "-", "", f"has not ended within {TIMEOUT_S} s")
        return
    if not run.workers:
        yield Figure(what, "-", "", "nothing was recorded")
        return
    wall = sum(worker.total.wall for worker in run.workers)
    reported = {state: sum(_reported(worker, state) for worker in run.workers) / wall for state in STATES}
    recorded = {
        state: sum(run.shares[worker.id].get(state, 0.0) * worker.total.wall for worker in run.workers) / wall
        for state in STATES
    }
    far = max(STATES, key=lambda state: abs(reported[state] - recorded[state]))
    pairs = ", ".join(
        f"{state} {100 * recorded[state]:.2f} and {100 * reported[state]:.2f}"
        for state in STATES
        if reported[state] + recorded[state] >= 0.002
    )
    furthest = max(
        abs(run.shares[worker.id].get(far, 0.0) - _reported(worker, far) / worker.total.wall) for worker in run.workers
    )
    lives = f"lives {1000 * wall / len(run.workers):.1f} ms; the lane that is furthest off {100 * furthest:.1f}"
    yield Figure(what, f"{100 * (recorded[far] - reported[far]):+.2f} points", "<= 0.5", f"{pairs}; {lives}")
    if run.counts:
        (first_ns, first), (last_ns, last) = run.counts[0], run.counts[-1]
        ours, theirs = _handoffs(run.starts, first_ns, last_ns), last - first
        tids = {worker.native_id for worker in run.workers}
        alone = _handoffs([start for start in run.starts if start[1] in tids], 0, last_ns)
        told = sum(worker.handoffs for worker in run.workers)
        value = f"{ours / theirs:.3f}" if theirs else "-"
        remark = f"{ours} and {theirs}; of workers alone {alone}, and reported {told}"
        yield Figure(f"hand-offs / CPython's, {what}", value, "0.99-1.01", remark)


def _reported(worker: Worker, state: str) -> float:
    total = worker.total
    return total.io + total.lock_wait if state == "blocked" else float(getattr(total, state))


def observe(python: Interpreter, model: str, id: str, scale: float) -> Run:
    """Measure the experiment with an observer on its lab."""
    experiment = experiments.load(id)
    with closing(Monitor(python.path, history_pieces=None)) as monitor:
        monitor.open_lab()
        until(monitor, lambda snapshot: snapshot.labs[0].state == "ready", TIMEOUT_S)
        (lab,) = monitor._registry.labs.values()
        with closing(TreeObserver(lab.process.pid)) as tree:
            readers: dict[int, tuple[ThreadReader, list[int]]] = {}
            counter = _Counter()

            def follow(snapshot: Snapshot) -> bool:
                tree.receive()
                for thread in tree.threads.values():
                    if thread.id not in readers:
                        readers[thread.id] = thread.reader(), []
                for reader, words in readers.values():
                    words += reader.read()
                counter.read(snapshot.workers)
                return bool(snapshot.measurements)

            until(monitor, lambda snapshot: (follow(snapshot), tree.ready)[1], TIMEOUT_S)
            if tree.source is None:
                return Run((), {}, [], [])
            # As on the dashboard, where the lab's observer has long found the GIL when a worker is launched.
            until(monitor, lambda each: (follow(each), _knows_python(tree, lab.process.pid))[1], TIMEOUT_S)
            monitor.measure(Request(id, experiment.variant, model, WORKERS, scale, single_run=False))
            try:
                snapshot = until(monitor, follow, TIMEOUT_S)
            except AssertionError:
                monitor.stop_all()
                raise
            ended_ns = max(worker.ended_ns or 0 for worker in snapshot.workers)
            until(monitor, lambda each: (follow(each), tree.knows(ended_ns))[1], TIMEOUT_S)
            follow(snapshot)
            counter.close()
            by_ids = {(thread.pid, thread.tid): readers[thread.id][1] for thread in tree.threads.values()}
            shares = {
                worker.id: _shares(worker, by_ids[worker.pid or 0, worker.native_id or 0])
                for worker in snapshot.workers
                if (worker.pid or 0, worker.native_id or 0) in by_ids and worker.started_ns and worker.ended_ns
            }
            workers = tuple(worker for worker in snapshot.workers if worker.id in shares)
            starts = [
                (time_ns, tid)
                for (pid, tid), words in by_ids.items()
                if pid == counter.pid
                for time_ns, state in map(unpack, words)
                if state is State.RUNNING
            ]
            return Run(workers, shares, starts, counter.counts)


def _knows_python(tree: TreeObserver, pid: int) -> bool:
    process = tree.processes.get(pid)
    return tree.died or (process is not None and process.python is True)


class _Counter:
    """CPython's own count of hand-offs in a process in which several workers share a GIL, while they all live."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self.counts: list[tuple[int, int]] = []
        self._runtime: Runtime | None = None

    def read(self, workers: Iterable[Worker]) -> None:
        """Read it again."""
        alive = [worker for worker in workers if worker.gil and worker.ended_ns is None]
        with suppress(NotReadableError):
            if self._runtime is None and len(alive) > 1 and len({worker.gil for worker in alive}) == 1:
                self.pid = alive[0].pid
                self._runtime = Runtime(self.pid or 0)
            if self._runtime is not None and alive:
                before_ns = perf_counter_ns()
                count = self._runtime.sample()[0].switch_number
                if count is not None:
                    self.counts.append(((before_ns + perf_counter_ns()) // 2, count))

    def close(self) -> None:
        """Close the process's memory."""
        if self._runtime is not None:
            self._runtime.close()


def _shares(worker: Worker, words: list[int]) -> dict[str, float]:
    """What the records say between the start and the end that the worker reports, as shares of that."""
    began_ns, ended_ns = worker.started_ns or 0, worker.ended_ns or 0
    sums: dict[str, float] = {}
    at_ns, name = began_ns, "running"
    for time_ns, state in [*map(unpack, words), (ended_ns, State.ENDED)]:
        until_ns = max(at_ns, min(time_ns, ended_ns))
        sums[name] = sums.get(name, 0.0) + until_ns - at_ns
        at_ns = until_ns
        if state not in WITHOUT_GIL or name != "gil_wait":
            name = NAMES.get(state, "unknown")
    return {name: ns / (ended_ns - began_ns) for name, ns in sums.items()}


def _handoffs(starts: Iterable[Start], first_ns: int, last_ns: int) -> int:
    """Changes of the thread that runs, after the first of these times and until the last."""
    return sum(before[1] != after[1] and first_ns < after[0] <= last_ns for before, after in pairwise(sorted(starts)))
