"""CPU use of the processes in which workers run: of their helper threads and child processes too.

A *helper thread* is a thread of such a process that is not a worker, a *child process* a descendant that is none. The
thread that starts the workers of a shared process is neither; it belongs to the lab.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pconc_tui.monitor.group import Group, ProcessTimes
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.thread_cpu import thread_use
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.process_stat import ProcessStat
from pconc_tui.snapshot import WorkerProcess


class CpuLoad(NamedTuple):
    """CPU time per wall time over the last second; 1.0 is one core."""

    process: float
    """Of all threads of the process, without the lab's own."""
    helpers: float
    """Of that, the helper threads' share."""
    children: float
    """Of all child processes."""


class ProcessCpu:
    """The loads of all processes with living workers; `sample` a few times a second."""

    def __init__(self) -> None:
        self.loads: dict[int, CpuLoad] = {}
        """By process id; without processes that were sampled only once."""
        self.pids: set[int] = set()
        """The processes with workers, and their child processes."""
        self._totals: dict[int, LastSecond] = {}
        self._children_ns: dict[int, int] = {}
        self._ancestors: dict[int, int] = {}
        """The process with workers to which a child process belongs, also when its parent has ended."""

    def restart(self) -> None:
        """Forget the last second: what ran in it no longer runs."""
        self._totals.clear()
        self.loads.clear()

    def sample(self, workers: Iterable[WorkerTracker], tree: Mapping[int, ProcessStat], now_ns: int) -> None:
        """Compute the loads; `workers`: the living ones, whose threads have just been sampled."""
        threads: dict[int, dict[int, float | None]] = {}
        for worker in workers:
            pid, native_id = worker.thread
            if pid in tree:
                threads.setdefault(pid, {})[native_id] = worker.cpu
        self._ancestors = {
            pid: top for pid in tree if pid not in threads and (top := self._ancestor(pid, tree, threads))
        }
        self.pids = threads.keys() | self._ancestors.keys()
        self._totals = {pid: self._totals.get(pid) or LastSecond() for pid in threads}
        self._children_ns = {pid: max(self._children_ns.get(pid, 0), self._read_children(pid, tree)) for pid in threads}
        self.loads = {}
        for pid, loads in threads.items():
            main = None if pid in loads else thread_use(pid, pid)
            self._totals[pid].add(now_ns, tree[pid].cpu_ns - (main.cpu_ns if main else 0), self._children_ns[pid])
            if rates := self._totals[pid].rates():
                process, children = (max(0.0, rate / 1e9) for rate in rates)
                helpers = max(0.0, process - sum(load or 0.0 for load in loads.values()))
                self.loads[pid] = CpuLoad(process, helpers, children)

    @property
    def cores_busy(self) -> float | None:
        """The load of all these processes; None: not known yet."""
        return sum(load.process + load.children for load in self.loads.values()) if self.loads else None

    @property
    def helpers(self) -> dict[int, float]:
        """The load of the helper threads and child processes of each process, by process id; empty: not known yet."""
        return {pid: load.helpers + load.children for pid, load in self.loads.items()}

    def snapshot(self, groups: Iterable[Group]) -> tuple[WorkerProcess, ...]:
        """The processes of these groups' workers."""
        members: dict[int, list[WorkerTracker]] = {}
        times: dict[int, tuple[ProcessTimes, float]] = {}
        for group in groups:
            for member in group.members:
                members.setdefault(member.thread[0], []).append(member)
            if group.seconds:
                times.update((each.pid, (each, group.seconds)) for each in group.processes() if each.process_ns)
        members.pop(0, None)
        return tuple(self._process(pid, own, times.get(pid)) for pid, own in members.items())

    def _process(self, pid: int, own: list[WorkerTracker], run: tuple[ProcessTimes, float] | None) -> WorkerProcess:
        ids = tuple(worker.id for worker in own)
        if run is None or any(worker.alive for worker in own):
            load = self.loads.get(pid)
            return WorkerProcess(pid, ids, load.helpers if load else None, load.children if load else None)
        times, seconds = run
        cpu_s, helpers_s, children_s = (each / 1e9 for each in times[1:])
        return WorkerProcess(pid, ids, helpers_s / seconds, children_s / seconds, cpu_s, helpers_s, children_s)

    def _ancestor(self, pid: int, tree: Mapping[int, ProcessStat], threads: Mapping[int, object]) -> int | None:
        """The nearest ancestor of this process that has workers; None: it belongs to the lab or the app."""
        known = self._ancestors.get(pid)
        while pid in tree:
            pid = tree[pid].parent
            if pid in threads:
                return pid
        return known if known in threads else None

    def _read_children(self, pid: int, tree: Mapping[int, ProcessStat]) -> int:
        """CPU time of its child processes so far, in ns: of those that it has waited for, and of the living ones."""
        living = (tree[child] for child, top in self._ancestors.items() if top == pid)
        return tree[pid].reaped_ns + sum(stat.cpu_ns + stat.reaped_ns for stat in living)
