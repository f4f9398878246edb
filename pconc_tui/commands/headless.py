"""Measurements without the dashboard: runs the monitor until a measurement or comparison has ended."""

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
"""The longest time between two polls of the monitor."""


@dataclass(frozen=True)
class Outcome:
    """A measurement, and the snapshot at its end."""

    measurement: Measurement
    snapshot: Snapshot

    @property
    def lab(self) -> Lab:
        return self.snapshot.labs[0]

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers of the N runs."""
        return self.snapshot.workers


def exit_on_signals() -> None:
    """Exit through the `finally` clauses on SIGTERM and SIGHUP, so that the labs are ended."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def measure(monitor: Monitor, request: Request, show: Callable[[Progress], None]) -> Outcome:
    """Measure one run and N runs, and show the progress."""
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
    """Measure all cases of a plan, and show the progress."""
    monitor.compare(plan)
    while True:
        comparison = monitor.poll().comparison
        assert comparison is not None
        if comparison.current is None:
            return comparison
        show(comparison)
        select.select(monitor.event_fds, [], [], FRAME_S)


def show_comparison(comparison: Comparison) -> None:
    """Draw a progress bar with the time left, where standard error is a terminal."""
    if sys.stderr.isatty() and comparison.current is not None:
        case = comparison.current
        what = f"{case.python.short} {case.name} {case.workers}"
        _draw_bar(comparison.fraction, f"{time_left(comparison.left_s):<14} {what:<26.26}")


def show_progress(progress: Progress) -> None:
    """Draw a progress bar, where standard error is a terminal."""
    if sys.stderr.isatty():
        _draw_bar(progress.fraction, progress.phase)


def _draw_bar(fraction: float, what: str) -> None:
    done = round(fraction * 30)
    sys.stderr.write(f"\r{what:>8}  {'█' * done}{'░' * (30 - done)} {fraction:4.0%} ")
    sys.stderr.flush()


def erase_progress() -> None:
    """Erase the progress bar."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
