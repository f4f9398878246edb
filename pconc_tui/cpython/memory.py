"""Reading another process: its memory, the files mapped into it and its threads, as Linux's /proc has them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class NotReadableError(Exception):
    """The message says, as the rest of "not readable: ...", why an interpreter can't be read."""


class UnmappedError(Exception):
    """There is no memory at that address of the process."""


class Mapping(NamedTuple):
    """Where in memory an offset of a file begins."""

    start: int
    offset: int
    path: str


class Memory:
    """The memory of one process. What it holds open belongs to that process and never to a later one of the same id."""

    def __init__(self, pid: int) -> None:
        if sys.platform != "linux":
            raise NotReadableError("only Linux lets another process's memory be read without being root")
        self.pid = pid
        with _explained(pid):
            self._fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY)

    def read(self, address: int, size: int) -> bytes:
        """So many bytes from there. Raises UnmappedError, and NotReadableError once the process has ended."""
        try:
            data = os.pread(self._fd, size, address)
        except (OSError, OverflowError):
            raise UnmappedError from None
        if len(data) == size:
            return data
        if data:
            raise UnmappedError
        raise NotReadableError(f"process {self.pid} has ended")

    def close(self) -> None:
        """Let go of it."""
        os.close(self._fd)


def mappings(pid: int) -> list[Mapping]:
    """The files that are mapped into a process."""
    with _explained(pid), open(f"/proc/{pid}/maps") as file:
        return parse_mappings(file.read())


def parse_mappings(text: str) -> list[Mapping]:
    """The mapped files of a `/proc/<pid>/maps`, as proc_pid_maps(5) describes it."""
    found = []
    for row in text.splitlines():
        fields = row.split(maxsplit=5)
        if len(fields) == 6 and fields[5].startswith("/"):
            found.append(Mapping(int(fields[0].partition("-")[0], 16), int(fields[2], 16), fields[5]))
    return found


def threads(pid: int) -> set[int]:
    """The ids of a process's threads."""
    with _explained(pid):
        return {int(name) for name in os.listdir(f"/proc/{pid}/task")}


def ended(pid: int) -> bool:
    """Whether a process is gone, or has given its memory back, which is how Linux tells that it is about to be."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return file.read().startswith(b"0 ")
    except FileNotFoundError:
        return os.path.exists("/proc/self/statm")
    except OSError:
        return True


@contextmanager
def _explained(pid: int) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, ProcessLookupError):
        raise NotReadableError(f"process {pid} has ended") from None
    except PermissionError:
        raise NotReadableError(
            f"the system does not let this user read process {pid} (another user's, or kernel.yama.ptrace_scope)"
        ) from None
