"""Measuring without the picture: drives the monitor to the end of a measurement."""

from __future__ import annotations

import select
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Plan, Request
from pconc_tui.snapshot import Comparison, Lab, Measurement, Progress, Snapshot, Worker
from pconc_tui.text.numbers import time_left

FRAME_S = 0.05


@dataclass(frozen=True)
class Outcome:
    """A measurement, and the bench at its end."""

    measurement: Measurement
    snapshot: Snapshot

    @property
    def lab(self) -> Lab:
        return self.snapshot.labs[0]

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Those of the N runs."""
        return self.snapshot.workers


def end_on_signals() -> None:
    """Leave by way of the `finally`s when asked to end, so that no lab stays."""
    for asked in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, lambda number, _: sys.exit(128 + number))


def measure(monitor: Monitor, request: Request, show: Callable[[Progress], None]) -> Outcome:
    """Measure one run and N runs, showing the progress meanwhile."""
    monitor.clear()
    before = len(monitor.poll().measurements)
    monitor.measure(request)
    while True:
        snapshot = monitor.poll()
        if len(snapshot.measurements) > before:
            return Outcome(snapshot.measurements[-1], snapshot)
        if snapshot.progress is not None:
            show(snapshot.progress)
        select.select(monitor.event_fds, [], [], FRAME_S)


def compare(monitor: Monitor, plan: Plan, show: Callable[[Comparison], None]) -> Comparison:
    """Measure all cases of a plan, showing the progress meanwhile."""
    monitor.compare(plan)
    while True:
        comparison = monitor.poll().comparison
        assert comparison is not None
        if comparison.current is None:
            return comparison
        show(comparison)
        select.select(monitor.event_fds, [], [], FRAME_S)


def show_comparison(comparison: Comparison) -> None:
    """A bar on standard error with the time left, where that is a terminal."""
    if sys.stderr.isatty() and comparison.current is not None:
        case = comparison.current
        what = f"{case.python.short} {case.name} {case.workers}"
        _bar(comparison.fraction, f"{time_left(comparison.left_s):<14} {what:<26.26}")


def show_progress(progress: Progress) -> None:
    """A bar on standard error, where that is a terminal."""
    if sys.stderr.isatty():
        _bar(progress.fraction, progress.phase)


def _bar(fraction: float, what: str) -> None:
    done = round(fraction * 30)
    sys.stderr.write(f"\r{what:>8}  {'█' * done}{'░' * (30 - done)} {fraction:4.0%} ")
    sys.stderr.flush()


def end_progress() -> None:
    """Take the bar away."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
