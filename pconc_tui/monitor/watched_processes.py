"""The processes of a watched program: they come and go, run other programs, and end; the log says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pconc_tui.monitor.log import Log
from pconc_tui.monitor.started_program import StartedProgram
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.monitor.watched_process import ProcessView
from pconc_tui.monitor.watched_thread import ObservedThread
from pconc_tui.monitor.watched_tree import WatchedTree
from pconc_tui.protocol.process_stat import process_stat
from pconc_tui.text.headline_values import plural


class WatchedProcesses:
    """The first is watched on request, the others are below it."""

    def __init__(self, pid: int, program: StartedProgram | None, log: Log) -> None:
        """`program`: the first process, if it was started to be watched."""
        stat = process_stat(pid)
        command, parent = "" if program is None else program.command, stat.parent if stat else 0
        self.views: dict[int, ProcessView] = {pid: ProcessView(pid, parent, command, program is not None)}
        """By process id."""
        self.ended = ""
        """How the first has ended, in words; empty: it has not."""
        self._pid = pid
        self._program = program
        self._log = log
        self._has_started = False
        """Whether the program that was started to be watched has been seen in its process."""
        self._forgotten_cpu_ns = self._forgotten_switches = 0
        """CPU time and hand-offs of those that have ended and are forgotten."""

    @property
    def alive(self) -> set[int]:
        """The ids of those that have not ended."""
        return {pid for pid, process in self.views.items() if process.alive}

    @property
    def runs(self) -> bool:
        """Whether the system has the first, as it is now."""
        stat, first = process_stat(self._pid), self.views.get(self._pid)
        return first is not None and first.alive and stat is not None and stat.running and stat.started == first.started

    @property
    def cpu_ns(self) -> int:
        """CPU time of all since watching began."""
        return self._forgotten_cpu_ns + sum(process.cpu_ns for process in self.views.values())

    @property
    def switches(self) -> int:
        """Hand-offs of their GILs since watching began, by CPython's own counts, of those where it is known."""
        return self._forgotten_switches + sum(process.switches or 0 for process in self.views.values())

    def find(self, tree: WatchedTree, now_ns: int) -> None:
        """Add those that have come."""
        for pid, found in tree.processes.items():
            if pid not in self.views and found.ended_ns is None:
                self.views[pid] = ProcessView(pid, found.parent, found.command)
                self.views[pid].update()
                if pid != self._pid:
                    self._log.add(now_ns, str(pid), f"has started: {self.views[pid].command}")

    def executed_ns(self, tree: WatchedTree) -> int | None:
        """Since when the first runs the program that was started to be watched: what waited in its place has no lane.

        None: it does not yet, as far as is known; 0: always, or that is not recorded.
        """
        if self._program is None or not isinstance(tree, TreeObserver):
            return 0
        process = tree.processes.get(self._pid)
        return None if process is None else process.executed_ns

    def ended_ns(self, tree: WatchedTree) -> int:
        """When the last of them ended; 0: one lives, or that is unknown."""
        ends = [0 if found.ended_ns is None else found.ended_ns for found in tree.processes.values()]
        return max(ends, default=0) if all(ends) and not self.alive else 0

    def cpu_before_ns(self, thread: ObservedThread) -> int | None:
        """CPU time that a thread had used when watching it began; None: what it has used by now."""
        if self._program is not None and thread.tid == self._pid:
            return self._program.cpu_before_ns
        return 0 if thread.started_by else None

    def read_threads(self, pids: Collection[int], executed_ns: int | None, now_ns: int) -> None:
        """Read which threads of these run Python code, since they have new ones. `executed_ns`: as above."""
        if pids and executed_ns and not self._has_started:
            self._update(self.views[self._pid], now_ns)  # Else the Python that waited would be taken for it.
        for pid in pids & self.views.keys():
            self.views[pid].read_threads()

    def update(self, now_ns: int) -> None:
        """Read what they do and run, and log what has happened to them."""
        for process in self.views.values():
            self._update(process, now_ns)
        alive = self.alive
        if self._pid not in alive and not self.ended:
            still = "still runs" if len(alive) == 1 else "still run"
            self.ended = self._ending() + (f"; {plural(len(alive), 'process')} below it {still}" if alive else "")

    def forget(self, tree: WatchedTree, with_threads: Iterable[int]) -> None:
        """Forget those that have ended, but for the first and those of which threads are shown."""
        kept = {self._pid, *with_threads}
        for pid, process in [*self.views.items()]:
            found = tree.processes.get(pid)
            if pid not in kept and not process.alive and found is not None and found.ended_ns is not None:
                del self.views[pid], tree.processes[pid]
                self._forgotten_cpu_ns += process.cpu_ns
                self._forgotten_switches += process.switches or 0

    def close(self) -> None:
        """Read no more."""
        for process in self.views.values():
            process.end()

    def _update(self, process: ProcessView, now_ns: int) -> None:
        happened = process.update()
        if happened and self._program is not None and process.pid == self._pid and not self._has_started:
            # A process that waited in its place has executed it.
            self._has_started = True
            self._log.add(now_ns, str(process.pid), f"has started: {process.command}")
            happened = None if process.alive else happened
        if happened:
            self._log.add(now_ns, str(process.pid), happened)

    def _ending(self) -> str:
        status = None if self._program is None else self._program.exit_status
        if status is None or status == 0:
            return "has ended"
        return f"has ended with exit status {status}" if status > 0 else f"was killed by signal {-status}"
