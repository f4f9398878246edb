"""How a worker's helper threads and child processes use cores, and how long they wait for one.

The kernel adds up each thread's CPU time and its waits for a core, but forgets them when the thread ends. So they are
read about 20 times a second while the threads live, with the number of threads that are runnable at that moment: that
run or wait for a core. Example: two threads, always runnable, were last read with 0.2 s and 0.3 s of CPU time, and with
waits of 0.5 s and 0.4 s. Two are runnable at once, so 0.5 s of CPU time took (0.5 + 0.9) / 2 = 0.7 s of wall time.
"""

from __future__ import annotations

import os

from pconc_tui.monitor.process_tree import ProcessTree
from pconc_tui.monitor.thread_cpu import thread_use

MIN_SAMPLES = 20
"""Fewer samples say nothing of how long threads were runnable."""


class HelperSampler:
    """Samples all threads of a process and of its descendants but one: the worker's."""

    def __init__(self) -> None:
        self._read: dict[tuple[int, int], tuple[int, int]] = {}
        """CPU time and waits in ns as last read, by process and thread id."""
        self._samples = 0
        self._busy = 0
        """Samples in which any thread was runnable."""
        self._runnable = 0
        """Runnable threads in these samples, summed."""
        self._runnable_in_turn = 0
        """The same, with all threads of the worker's process counted as one."""
        self._tree: ProcessTree | None = None

    def sample(self, pid: int, worker: int) -> None:
        """Read all threads that live; `worker`: the id of the worker's thread in the process `pid`."""
        self._tree = self._tree or ProcessTree(pid)
        runnable = [
            process
            for process in self._tree.read()
            for thread in _threads(process)
            if (process, thread) != (pid, worker) and self._is_runnable(process, thread)
        ]
        self._samples += 1
        if runnable:
            self._busy += 1
            self._runnable += len(runnable)
            self._runnable_in_turn += len(runnable) - max(0, runnable.count(pid) - 1)

    def parallel(self, take_turns: bool) -> float:
        """How many threads are runnable while any is; `take_turns`: those of the worker's process count as one."""
        return (self._runnable_in_turn if take_turns else self._runnable) / self._busy if self._busy else 1.0

    def busy_s(self, cpu_s: float, wall_s: float) -> float:
        """Seconds of the run in which any of them was runnable; `cpu_s`: of all of them, `wall_s`: of the run.

        Threads that wait for the GIL wake up to request it, and seem parallel; then the samples are the better source.
        """
        cpu_ns = sum(cpu for cpu, _ in self._read.values())
        wait_ns = sum(wait for _, wait in self._read.values())
        busy_s = cpu_s * (1 + wait_ns / cpu_ns if cpu_ns else 1.0) / self.parallel(take_turns=False)
        return max(busy_s, wall_s * self._busy / self._samples) if self._samples >= MIN_SAMPLES else busy_s

    def _is_runnable(self, process: int, thread: int) -> bool:
        """Read one thread."""
        use = thread_use(process, thread)
        if use is not None:
            self._read[process, thread] = use.cpu_ns, use.queued_ns
        return use is not None and use.runnable


def _threads(process: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{process}/task")]
    except OSError:
        return []
