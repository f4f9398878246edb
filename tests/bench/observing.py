"""What observing costs: the process that records, the monitor's polls, and beside them the dashboard and the stacks."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from pconc_tui import experiments
from pconc_tui.experiments import user_function
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.monitor.watch import Watch
from pconc_tui.protocol.lane_source import Source
from pconc_tui.protocol.process_stat import descendants, process_stat
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.ui.app import FRAME_S
from tests.bench.figures import Figure
from tests.bench.kernel import computing
from tests.bench.terminal import PROGRAM, Terminal
from tests.bench.watch import program as waking_up
from tests.bench.watch import until_all_have_lanes
from tests.support import until

FUNCTION = f"{Path(__file__).parents[1] / 'own_code' / 'kinds.py'}:pure_python"
TARGETS = {4: "<= 2 %", 16: "<= 4 %", 64: "<= 10 %"}
RECORDED = (Source.KERNEL.value, Source.KERNEL_SAMPLED.value)


class Extent(NamedTuple):
    """How much is measured."""

    threads: tuple[int, ...]
    seconds: float
    """For each number of threads and kind of program."""
    settle_s: float


FULL, SMOKE = Extent((4, 16, 64, 256), 6, 1.5), Extent((4,), 0.3, 0)


class Cost(NamedTuple):
    """CPU time in ns."""

    recorder: int
    monitor: int
    """Of the thread that polls."""
    stacks: int
    """Of the threads and processes that read stacks."""


def figures(extent: Extent) -> Iterator[Figure]:
    """For each number of threads: programs that are watched, a user's function in a lab, and the dashboard."""
    for threads in extent.threads:
        with computing(sys.executable, threads) as process:
            yield _watched(f"watched, {threads} threads that compute", process.pid, threads, extent)
        with waking_up(threads) as process:
            yield _watched(f"watched, {threads} threads, 3 of 4 wake up at 20 Hz", process.pid, threads, extent)
        if threads <= 64:
            yield _lab(threads, extent)
        with computing(sys.executable, threads) as process:
            yield _dashboard(process.pid, threads, extent)


def _watched(what: str, pid: int, threads: int, extent: Extent) -> Figure:
    with closing(Watch(pid)) as watch:
        until_all_have_lanes(watch, threads)
        if not isinstance(watch._tree, TreeObserver):
            return Figure(what, "-", "", f"sampled: {watch._tree.problem}")
        return _figure(what, watch.poll, watch._tree.pid, threads, extent)


def _lab(threads: int, extent: Extent) -> Figure:
    seconds, os.environ["PCONC_SECONDS"] = os.environ.get("PCONC_SECONDS"), "3600"
    try:
        function = user_function.read(FUNCTION, sys.executable)
        experiments.add(function)
        with closing(Monitor()) as monitor:
            for _ in range(threads):
                monitor.launch(Request(function.id, next(iter(function.variants)), "threads"))
            until(monitor, lambda snapshot: all(each.started_ns is not None for each in snapshot.workers))
            (lab,) = monitor._registry.labs.values()
            assert lab.observer is not None
            what = f"lab, {threads} threads of a function"
            if lab.observer.source not in RECORDED:
                return Figure(what, "-", "", f"sampled: {lab.observer.problem}")
            return _figure(what, monitor.poll, lab.observer.pid, threads, extent)
    finally:
        if seconds is None:
            del os.environ["PCONC_SECONDS"]
        else:
            os.environ["PCONC_SECONDS"] = seconds


def _figure(what: str, poll: Callable[[], Snapshot], recorder: int, threads: int, extent: Extent) -> Figure:
    _poll_for(poll, extent.settle_s)
    before, began_s = _cost(recorder), time.perf_counter()
    frames = _poll_for(poll, extent.seconds)
    after, seconds = _cost(recorder), time.perf_counter() - began_s
    cost = Cost(*(b - a for a, b in zip(before, after, strict=True)))
    share, of_recorder, of_monitor, of_stacks = (
        f"{ns / 1e9 / seconds:.2%}" for ns in (cost.recorder + cost.monitor, *cost)
    )
    remark = f"of a core: recorder {of_recorder}, monitor {of_monitor} with {frames / seconds:.1f} polls/s"
    return Figure(what, share, TARGETS.get(threads, ""), f"{remark}; stacks {of_stacks}")


def _poll_for(poll: Callable[[], Snapshot], seconds: float) -> int:
    """Poll as the dashboard does; how often that was."""
    end_s, frames = time.perf_counter() + seconds, 0
    while time.perf_counter() < end_s:
        poll()
        frames += 1
        time.sleep(FRAME_S)
    return frames


def _dashboard(pid: int, threads: int, extent: Extent) -> Figure:
    """The whole of `watch`: the app with its monitor, the recorder, and what reads stacks."""
    with Terminal([*PROGRAM, "watch", str(pid)]) as terminal:
        terminal.wait("quit")
        time.sleep(extent.settle_s + 1)
        before, began_s = _cpu_ns(terminal.pid), time.perf_counter()
        time.sleep(extent.seconds)
        after, seconds = _cpu_ns(terminal.pid), time.perf_counter() - began_s
    app, children = ((b - a) / 1e9 / seconds for a, b in zip(before, after, strict=True))
    remark = f"of a core: app with its monitor {app:.1%}, recorder and stacks {children:.1%}"
    return Figure(f"the dashboard of watch, {threads} threads, 160x45", f"{app + children:.1%}", "", remark)


def _cost(recorder: int) -> Cost:
    stat, own = process_stat(recorder), process_stat(os.getpid())
    assert stat is not None, "the recorder has ended"
    assert own is not None
    polling_ns = time.thread_time_ns()
    return Cost(stat.cpu_ns, polling_ns, time.process_time_ns() - polling_ns + own.reaped_ns)


def _cpu_ns(pid: int) -> tuple[int, int]:
    """CPU time of a process, and of all that it has started."""
    own, below = process_stat(pid), descendants(pid).values()
    assert own is not None
    return own.cpu_ns, own.reaped_ns + sum(each.cpu_ns + each.reaped_ns for each in below)
