"""Measuring without the picture: drives the monitor to the end of a measurement."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable
from dataclasses import dataclass

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.snapshot import Lab, Measurement, Progress, Snapshot, Worker

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


def measure(
    monitor: Monitor,
    experiment: str,
    variant: str,
    model: str,
    workers: int,
    scale: float,
    show: Callable[[Progress], None],
) -> Outcome:
    """Measure one run and N runs, showing the progress meanwhile."""
    monitor.clear()
    before = len(monitor.poll().measurements)
    monitor.measure(experiment, variant, model, workers, scale)
    while True:
        snapshot = monitor.poll()
        if len(snapshot.measurements) > before:
            return Outcome(snapshot.measurements[-1], snapshot)
        if snapshot.progress is not None:
            show(snapshot.progress)
        select.select(monitor.event_fds, [], [], FRAME_S)


def show_progress(progress: Progress) -> None:
    """A bar on standard error, where that is a terminal."""
    if sys.stderr.isatty():
        done = round(progress.fraction * 30)
        bar = "█" * done + "░" * (30 - done)
        sys.stderr.write(f"\r{progress.phase:>8}  {bar} {progress.fraction:4.0%} ")
        sys.stderr.flush()


def end_progress() -> None:
    """Take the bar away."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
