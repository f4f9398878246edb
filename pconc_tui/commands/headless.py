"""Measurements without the dashboard: runs the monitor until a measurement or comparison has ended."""

from __future__ import annotations

import select
import signal
import sys
import time
from collections.abc import Sequence

from pconc_tui.commands.arguments import complain
from pconc_tui.commands.outcome import Outcome
from pconc_tui.measurement import Comparison, Progress
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Plan, Request
from pconc_tui.snapshot import Standstill
from pconc_tui.text.numbers import time_left
from pconc_tui.text.sentences import blocked, standstill

FRAME_S = 0.05
"""The longest time between two polls of the monitor."""
LINE_EVERY_S = 10
"""The time between two lines of progress, where standard error is no terminal."""


class EarlyEnd:
    """Ends a measurement before its time: at Ctrl+C, or when the time limit is over."""

    def __init__(self, limit_s: float | None) -> None:
        """The time counts from now on; None: there is no limit."""
        self._limit_s = limit_s
        self._end_s = None if limit_s is None else time.monotonic() + limit_s
        self.interrupted = False
        """Whether Ctrl+C was pressed."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _: sys.exit(128 + number))
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._interrupt)

    @property
    def problem(self) -> str | None:
        """Why the measurement is to end now; None: it goes on."""
        if self.interrupted:
            return "interrupted"
        if self._end_s is not None and time.monotonic() >= self._end_s:
            return f"the time limit of {self._limit_s:g} s is over"
        return None

    def _interrupt(self, *_: object) -> None:
        # The handler of the first Ctrl+C must not raise: the monitor may be in the middle of a frame.
        self.interrupted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


class ProgressReport:
    """Shows progress on standard error: a bar in a terminal, else a line every 10 s."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self.advised = False
        """Whether it has said that the one run may need other workers."""
        self._reported: set[tuple[object, ...]] = set()
        """The groups that stood still, and where."""
        self._next_s = time.monotonic() + LINE_EVERY_S

    def measurement(self, progress: Progress, found: Sequence[Standstill]) -> None:
        """Show the progress of a measurement, and what its workers wait for if none of them runs."""
        self._standstills(found)
        what = f"{progress.experiment} {progress.model}: {progress.phase}"
        waits = "".join(f"; {blocked(each.workers[0])}" for each in found)
        self._show(progress.fraction, f"{progress.phase:>8}", f"{what}, {progress.fraction:.0%}{waits}")

    def comparison(self, comparison: Comparison, found: Sequence[Standstill]) -> None:
        """Show the progress of a comparison, with the time left; the same for workers that wait."""
        self._standstills(found)
        case = comparison.current
        if case is None:
            return
        what, left = f"{case.python.short} {case.name} {case.workers}", time_left(comparison.left_s)
        self._show(
            comparison.fraction, f"{left:<14} {what:<26.26}", f"{what} workers, {comparison.fraction:.0%}, {left}"
        )

    def _standstills(self, found: Sequence[Standstill]) -> None:
        """Say once of each run that no worker runs, and what each waits for; not where all just sleep."""
        for each in found:
            places = each.group, *((worker.worker, worker.does, worker.line) for worker in each.workers)
            if not each.ends_itself and places not in self._reported:
                self._reported.add(places)
                self.advised = self.advised or each.misses_workers
                self.erase()
                for line in standstill(each):
                    complain(line)

    def erase(self) -> None:
        """Erase the bar."""
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _show(self, fraction: float, label: str, line: str) -> None:
        if self._terminal:
            done = round(fraction * 30)
            sys.stderr.write(f"\r{label}  {'█' * done}{'░' * (30 - done)} {fraction:4.0%} ")
            sys.stderr.flush()
        elif time.monotonic() >= self._next_s:
            self._next_s += LINE_EVERY_S
            print(f"pconc-tui: {line}", file=sys.stderr, flush=True)


def measure(monitor: Monitor, request: Request, report: ProgressReport, early: EarlyEnd) -> Outcome:
    """Measure one run and N runs, and show the progress."""
    monitor.clear()
    before = len(monitor.poll().measurements)
    monitor.measure(request)
    while True:
        snapshot = monitor.poll()
        if len(snapshot.measurements) > before:
            report.erase()
            return Outcome(snapshot.measurements[-1], snapshot)
        if problem := early.problem:
            monitor.give_up(problem)
        if snapshot.progress is not None:
            report.measurement(snapshot.progress, snapshot.standstills)
        select.select(monitor.event_fds, [], [], FRAME_S)


def compare(monitor: Monitor, plan: Plan, report: ProgressReport, early: EarlyEnd) -> Comparison:
    """Measure all cases of a plan, and show the progress."""
    monitor.compare(plan)
    while True:
        snapshot = monitor.poll()
        comparison = snapshot.comparison
        assert comparison is not None
        if comparison.current is None:
            report.erase()
            return comparison
        if problem := early.problem:
            monitor.give_up(problem)
        report.comparison(comparison, snapshot.standstills)
        select.select(monitor.event_fds, [], [], FRAME_S)
