"""Thread ids across PID namespaces: a process in a container knows its threads by other ids than the machine does."""

from __future__ import annotations

import os


class ThreadIds:
    """From the ids that a process itself sees to those of this program's /proc."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        own = _own_id(pid, pid)
        self.process = pid if own is None else own
        """The process's id as it sees it itself."""
        self._same = self.process == pid
        self._found: dict[int, int] = {}

    def outer(self, own: int) -> int | None:
        """The id in this program's /proc of the thread that the process sees with this id; None: there is none."""
        if self._same:
            return own
        if own not in self._found:
            self._found = self._read()
        return self._found.get(own)

    def _read(self) -> dict[int, int]:
        try:
            threads = [int(name) for name in os.listdir(f"/proc/{self._pid}/task")]
        except OSError:
            return {}
        return {own: outer for outer in threads if (own := _own_id(self._pid, outer)) is not None}


def _own_id(pid: int, thread: int) -> int | None:
    """The innermost of a thread's ids, by proc_pid_status(5); None: it has ended, or has one only."""
    try:
        with open(f"/proc/{pid}/task/{thread}/status", "rb") as file:
            for line in file:
                if line.startswith(b"NSpid:"):
                    return int(line.split()[-1])
    except (OSError, ValueError):
        pass
    return None
