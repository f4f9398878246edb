"""Clocks that a test sets in place of a worker's, and what the worker records by them."""

from __future__ import annotations

from collections.abc import Callable

from pconc_tui.protocol.block import State, transitions, unpack
from pconc_tui.worker.run_delay import Switches
from pconc_tui.worker.worker import Worker

MS = 1_000_000
US = 1_000


class Clocks:
    """The time, the thread's CPU time, and how long it waited for a core, in ns."""

    def __init__(self) -> None:
        self.now = 10 * MS
        self.cpu = 3 * MS
        self.queued = self.blocks = self.preemptions = 0

    def run(self, ns: int) -> None:
        """Let the thread run."""
        self.now += ns
        self.cpu += ns

    def run_and_wait(self, run_ns: int, wait_ns: int) -> None:
        """Let the thread run, then wait."""
        self.run(run_ns)
        self.wait(wait_ns)

    def wait(self, ns: int) -> None:
        """Let time pass without the thread."""
        self.now += ns

    def run_and_wait_for_core(self, run_ns: int, core_ns: int, more_ns: int) -> None:
        """Let the thread run, wait for a core, and wait for something else."""
        self.run_and_wait(run_ns, core_ns + more_ns)
        self.blocks += more_ns > 0
        self.queued += core_ns

    def growth_ns(self) -> int:
        """Of `RunDelay`."""
        queued, self.queued = self.queued, 0
        return queued

    def switches(self) -> Switches:
        """Of `RunDelay`."""
        switches = Switches(self.blocks, self.preemptions)
        self.blocks = self.preemptions = 0
        return switches


def recorded(slot: memoryview) -> list[tuple[float, State]]:
    """The transitions after the first, with their times in ms."""
    return [(time_ns / MS, state) for time_ns, state in map(unpack, transitions(slot, 1)[0])]


def chunks(worker: Worker, *chunks: Callable[[], None], released: bool = False) -> None:
    """Run one chunk after another."""
    made = worker.chunks(1 << 40, released)
    next(made)
    for chunk in chunks:
        chunk()
        next(made)
