"""All processes of this program: this one and its descendants, also those whose parent has ended."""

from __future__ import annotations

import os

from pconc_tui.protocol.process_stat import ProcessStat, process_stat


class ProcessTree:
    """Finds the processes by their parents; `read` a few times a second. Linux only: elsewhere the tree is empty."""

    def __init__(self, root: int | None = None) -> None:
        """`root`: process id of the topmost process; None: this one."""
        self._root = os.getpid() if root is None else root
        self._known: dict[int, int] = {}
        """When each process of the tree was started, by process id: it belongs to the tree until it ends."""
        self._others: set[int] = set()
        """Processes that don't belong to the tree, which need not be read again."""

    def read(self) -> dict[int, ProcessStat]:
        """What the system reports about each process of the tree, by process id."""
        try:
            pids = {int(name) for name in os.listdir("/proc") if name.isdigit()}
        except OSError:
            return {}
        self._others &= pids
        stats = {pid: stat for pid in pids - self._others if (stat := process_stat(pid)) is not None}
        found = {pid for pid, stat in stats.items() if pid == self._root or self._known.get(pid) == stat.started}
        while more := {pid for pid, stat in stats.items() if stat.parent in found} - found:
            found |= more
        self._others |= stats.keys() - found
        self._known = {pid: stats[pid].started for pid in found}
        return {pid: stats[pid] for pid in found}
