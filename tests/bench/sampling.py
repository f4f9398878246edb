"""How far sampled lanes can be trusted: the shares of `cpu-bound` as its workers report them and as they are seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from pconc_tui.monitor.gil import Gil
from pconc_tui.monitor.lane import Lane
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.sampling import Sampled, Sampler
from pconc_tui.spans import Times
from tests.bench.figures import Figure
from tests.support import interpreters, running, until

CASES = (("threads", 2), ("threads", 4), ("threads", 16), ("processes", 2), ("processes", 4))
SECONDS = 5.0
STATES = ("running", "gil_wait", "core_wait", "io", "lock_wait", "unknown")


def figures() -> Iterator[Figure]:
    """One interpreter, model and number of workers after another."""
    for version, python in interpreters().items():
        for model, workers in CASES:
            reported, seen, rate_hz = observe(python, model, workers)
            apart = {
                state: getattr(seen, state) / seen.wall - getattr(reported, state) / reported.wall for state in STATES
            }
            shares = ", ".join(
                f"{state} {100 * getattr(reported, state) / reported.wall:.1f} / {100 * getattr(seen, state) / seen.wall:.1f} %"
                for state in STATES
                if getattr(reported, state) or getattr(seen, state)
            )
            most = max(apart.values(), key=abs)
            yield Figure(
                f"{version}, {workers} {model}: farthest shares",
                f"{100 * abs(most):.1f} points",
                "<= 3",
                f"{shares}; {rate_hz:.0f} Hz",
            )


def observe(python: str, model: str, workers: int) -> tuple[Times, Times, float]:
    """Run so many and look at them as if they told nothing: times by themselves and as seen, of the same stretch."""
    with closing(Monitor(python, history_pieces=None)) as monitor:
        for _ in range(workers):
            monitor.launch("cpu-bound", "calls", model)
        until(monitor, running)
        tracked = monitor._roster.alive()
        sampler = Sampler(tracked[0].lab.block)
        with closing(sampler):
            watched = [Sampled(sampler, each.slot, each.id) for each in tracked]
            time.sleep(0.3)
            lanes = [Lane(each.id, 0, None) for each in tracked]
            gils: dict[int, Gil] = {}
            for lane, each in zip(lanes, tracked):
                if each.lane.gil is not None:
                    lane.gil = gils.setdefault(each.header[5], Gil())
            end = time.perf_counter() + SECONDS
            begun = None
            while time.perf_counter() < end:
                monitor.poll()
                now = time.perf_counter_ns()
                for lane, sampled in zip(lanes, watched):
                    lane.take(*sampled.take())
                for gil in gils.values():
                    gil.settle(now)
                for lane in lanes:
                    lane.seal(now)
                if begun is None and all(lane.started_ns for lane in lanes):
                    begun = now, [lane.times(now) for lane in lanes], [each.lane.times(now) for each in tracked]
                time.sleep(0.05)
            last = [lane.times(now) for lane in lanes], [each.lane.times(now) for each in tracked]
            rate = watched[0].view().rate_hz
    assert begun is not None
    seen = total(last[0], begun[1])
    reported = total(last[1], begun[2])
    return reported, seen, rate


def total(after: list[Times], before: list[Times]) -> Times:
    return Times(
        **{state: sum(getattr(a, state) - getattr(b, state) for a, b in zip(after, before)) for state in STATES}
    )
