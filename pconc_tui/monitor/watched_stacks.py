"""Gives the stacks that are read to the threads of a watched program, and asks for those of what is held for long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pconc_tui.monitor.watched_process import ProcessView
from pconc_tui.monitor.watched_thread import ThreadLane
from pconc_tui.stacks.stack_reader import StackReader

MAX_STACKS = 32
"""The number of processes whose stacks are read."""


class WatchedStacks:
    """The stacks of all processes."""

    def __init__(self, long_hold_ns: int) -> None:
        """`long_hold_ns`: the stacks of a process are read at once when a thread has held the GIL for half as long."""
        self._long_hold_ns = long_hold_ns
        self._reader = StackReader()
        self._read_ns: dict[int, int] = {}
        """When the stacks of each process were read that its threads have."""

    @property
    def problem(self) -> str:
        """Why stacks are not read, for the first process of which they are not; empty: they are."""
        return next(iter(self._reader.problems.values()), "")

    def read(self, processes: Mapping[int, ProcessView], lanes: Iterable[ThreadLane]) -> None:
        """Take the stacks that have been read since the last time."""
        pids = [pid for pid, process in processes.items() if process.runs_python][:MAX_STACKS]
        self._reader.watch(pids)
        for pid in pids:
            stacks = self._reader.stacks(pid)
            if stacks is not None and stacks.ended_ns != self._read_ns.get(pid):
                self._read_ns[pid] = stacks.ended_ns
                for lane in lanes:
                    stack = stacks.threads.get(lane.thread.tid)
                    if stack is not None and lane.alive and lane.thread.pid == pid:
                        lane.add_stack(stacks.time_ns, stack)

    def urge(self, processes: Mapping[int, ProcessView], now_ns: int) -> None:
        """Ask for the stacks of processes of which a thread has held the GIL for long, if stacks can be read."""
        for pid in self._reader.readable:
            if pid in processes:
                held_ns = processes[pid].held_ns(now_ns)
                if held_ns >= self._long_hold_ns // 2 and self._read_ns.get(pid, 0) < now_ns - held_ns:
                    self._reader.urge(pid)

    def close(self) -> None:
        """End reading."""
        self._reader.close()
