"""Sampled lanes: how far their shares are from those that workers report of themselves, and what the sampler costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from typing import NamedTuple

import psutil

from pconc_tui.experiments import load
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.sampler_client import SampledTransitions, SamplerClient
from pconc_tui.monitor.thread_cpu import thread_use
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.requests import Request
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.span_builder import SpanBuilder
from pconc_tui.timeline.spans import Times
from tests.bench.figures import Figure, spread
from tests.support import ended, interpreters, running, until

EXPERIMENT = "cpu-bound"
FRAME_S = 0.05
SETTLE_S = 0.03
"""A wait before each window: the kernel's CPU clocks err with the load, which must be alike at both ends."""
STATES = tuple(field.name for field in fields(Times))


class Extent(NamedTuple):
    """How much is measured."""

    cases: tuple[tuple[str, int], ...]
    """A model and its number of workers, whose lanes are compared."""
    seconds: float
    """For each interpreter and case."""
    costs: tuple[tuple[str, int], ...]
    """A model and its number of workers, whose CPU time is compared."""
    rounds: int
    window_s: float
    """For each kind in a round."""
    newest: bool
    """Only the newest interpreter."""


FULL = Extent(
    (("threads", 4), ("processes", 4), ("threads", 2), ("threads", 16), ("processes", 16)),
    5,
    (("threads", 1), ("threads", 4), ("processes", 4)),
    120,
    0.3,
    False,
)
SMOKE = Extent((("threads", 2), ("processes", 2)), 0.2, (("threads", 1),), 2, 0.05, True)


@dataclass(frozen=True)
class Observation:
    """One stretch of time, all workers' added up."""

    reported: Times
    sampled: Times
    rate_hz: float
    cpu: float
    """What the sampler used, as a part of a core."""


def figures(extent: Extent) -> Iterator[Figure]:
    """Agreement and the sampler's own cost under each interpreter; then what being sampled costs the workers."""
    for version, python in list(interpreters().items())[-1 if extent.newest else 0 :]:
        for model, workers in extent.cases:
            found = observe(python, model, workers, extent.seconds)
            far = max(abs(_share(found.sampled, state) - _share(found.reported, state)) for state in STATES)
            shares = ", ".join(
                f"{state} {100 * _share(found.reported, state):.1f} and {100 * _share(found.sampled, state):.1f} %"
                for state in STATES
                if _share(found.reported, state) + _share(found.sampled, state) >= 0.001
            )
            what = f"{version}, {workers} {model}"
            yield Figure(f"{what}: shares apart by", f"{100 * far:.1f} points", "<= 3", f"reported, sampled: {shares}")
            yield Figure(f"{what}: the sampler's CPU", f"{100 * found.cpu:.1f} %", "<= 15 %", f"{found.rate_hz:.0f} Hz")
    for model, workers in extent.costs:
        yield cost(model, workers, extent)


def _share(times: Times, state: str) -> float:
    return float(getattr(times, state)) / times.wall


def observe(python: str, model: str, workers: int, seconds: float) -> Observation:
    """Run workers that report, and sample them as if they did not."""
    with closing(Monitor(python, history_pieces=None)) as monitor:
        for _ in range(workers):
            monitor.launch(Request(EXPERIMENT, load(EXPERIMENT).variant, model))
        until(monitor, running)
        tracked = monitor._registry.alive()
        with closing(SamplerClient(tracked[0].lab.block)) as sampler:
            sampled = [SampledTransitions(sampler, each.slot, each.id) for each in tracked]
            lanes = _lanes(tracked)
            until(monitor, lambda _: _follow(sampled, lanes) and all(lane.started_ns for lane in lanes))
            began, cpu_s, before = time.perf_counter(), _cpu_s(sampler), _times(tracked, lanes)
            while time.perf_counter() - began < seconds:
                monitor.poll()
                _follow(sampled, lanes)
                time.sleep(FRAME_S)
            after, took_s = _times(tracked, lanes), time.perf_counter() - began
            reported, shown = (_sum(late, early) for late, early in zip(after, before, strict=True))
            rate_hz = sampled[0].view(tracked[0].header).rate_hz or 0.0
            cpu = (_cpu_s(sampler) - cpu_s) / took_s
        monitor.stop_all()
        until(monitor, ended)
    return Observation(reported, shown, rate_hz, cpu)


def _cpu_s(sampler: SamplerClient) -> float:
    used = psutil.Process(sampler.pid).cpu_times()
    return used.user + used.system


def _lanes(tracked: list[WorkerTracker]) -> list[SpanBuilder]:
    gils: dict[int, Gil] = {}
    lanes = [SpanBuilder(each.id, 0, None) for each in tracked]
    for lane, each in zip(lanes, tracked, strict=True):
        if each.lane.gil is not None:
            lane.gil = gils.setdefault(id(each.lane.gil), Gil())
    return lanes


def _follow(sampled: list[SampledTransitions], lanes: list[SpanBuilder]) -> bool:
    now_ns = time.perf_counter_ns()
    for lane, each in zip(lanes, sampled, strict=True):
        lane.add(each.sampled(), each.last_ran_ns, each.fresh_ns)
    for gil in {lane.gil for lane in lanes if lane.gil}:
        gil.update(now_ns)
    for lane in lanes:
        lane.finalize(now_ns)
    return True


def _times(tracked: list[WorkerTracker], lanes: list[SpanBuilder]) -> tuple[list[Times], list[Times]]:
    now_ns = time.perf_counter_ns()
    return [each.lane.times(now_ns) for each in tracked], [lane.times(now_ns) for lane in lanes]


def _sum(after: Sequence[Times], before: Sequence[Times]) -> Times:
    pairs = list(zip(after, before, strict=True))
    return Times(**{state: sum(getattr(a, state) - getattr(b, state) for a, b in pairs) for state in STATES})


def cost(model: str, workers: int, extent: Extent) -> Figure:
    """CPU time of an iteration while sampled, while not, and while not once more: the null control."""
    ns: dict[str, list[float]] = {"sampled": [], "not": [], "null": []}
    order = list(ns)
    with closing(Monitor()) as monitor:
        for _ in range(workers):
            monitor.launch(Request(EXPERIMENT, load(EXPERIMENT).variant, model))
        until(monitor, running)
        tracked = monitor._registry.alive()
        with closing(SamplerClient(tracked[0].lab.block)) as sampler:
            for _ in range(extent.rounds):
                for kind in order:
                    for each in tracked:
                        sampler.watch(each.slot, each.id if kind == "sampled" else 0)
                    time.sleep(SETTLE_S)
                    ns[kind].append(_ns_an_iteration(monitor, tracked, extent.window_s))
                order.append(order.pop(0))
        monitor.stop_all()
        until(monitor, ended)
    ratios = [sampled / bare for sampled, bare in zip(ns["sampled"], ns["not"], strict=True)]
    nulls = [null / bare for null, bare in zip(ns["null"], ns["not"], strict=True)]
    remark = (
        f"middle half {spread(ratios)}; null control {statistics.median(nulls):.4f}, {spread(nulls)}; "
        f"{extent.rounds} pairs of {extent.window_s} s"
    )
    what = f"{workers} {model}: CPU time sampled / not"
    return Figure(what, f"{statistics.median(ratios):.4f}", "<= 1.01", remark)


def _ns_an_iteration(monitor: Monitor, tracked: list[WorkerTracker], window_s: float) -> float:
    before = _done(monitor, tracked)
    time.sleep(window_s)
    # On a loaded machine the workers may get no core for this long.
    until(monitor, lambda _: all(map(int.__gt__, _done(monitor, tracked), before)))
    after = _done(monitor, tracked)
    return (after[0] - before[0]) / (after[1] - before[1])


def _done(monitor: Monitor, tracked: list[WorkerTracker]) -> tuple[int, int]:
    """CPU time and iterations of all so far."""
    monitor.poll()
    uses = [thread_use(*each.thread) for each in tracked]
    return sum(use.cpu_ns for use in uses if use), sum(each.iterations for each in tracked)
