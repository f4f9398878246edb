"""Reads another process: its memory, the files mapped into it and its threads, from Linux's /proc."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

_POINTER = struct.Struct("<Q")


class NotReadableError(Exception):
    """An interpreter can't be read; the message completes "not readable: ..."."""


class UnmappedError(Exception):
    """The process has no memory at that address."""


class InconsistentError(Exception):
    """An impossible value was read; the message names it."""


class Mapping(NamedTuple):
    """A file that is mapped into memory."""

    start: int
    """Address at which `offset` of the file is mapped."""
    offset: int
    """In bytes."""
    path: str
    end: int = 0
    """Address of what follows."""

    @property
    def name(self) -> str:
        """The file's name."""
        return os.path.basename(self.path)


class RemoteMemory:
    """The memory of one process. It refers to that process and never to a later one with the same id."""

    def __init__(self, pid: int) -> None:
        """Open the process. Raises NotReadableError."""
        if sys.platform != "linux":
            raise NotReadableError("only Linux lets another process's memory be read without being root")
        self.pid = pid
        with _as_not_readable(pid):
            self._fd = os.open(f"/proc/{living_thread(pid)}/mem", os.O_RDONLY)

    def read(self, address: int, size: int) -> bytes:
        """Read `size` bytes. Raises UnmappedError, and NotReadableError if the process has ended."""
        try:
            data = os.pread(self._fd, size, address)
        except (OSError, OverflowError):
            raise UnmappedError from None
        if len(data) == size:
            return data
        if data:
            raise UnmappedError
        raise NotReadableError(f"process {self.pid} has ended")

    def pointer(self, address: int) -> int:
        """Read the pointer at this address. Raises as `read`."""
        return int(_POINTER.unpack(self.read(address, _POINTER.size))[0])

    def close(self) -> None:
        """Close the process's memory."""
        os.close(self._fd)


def living_thread(pid: int) -> int:
    """The id under which /proc, and whatever reads it, has a process's memory, mappings, executable and command line.

    That is the process's own, unless its main thread has ended, which takes them along, while others go on (proc(5),
    `stat` fields 3 state and 20 num_threads).
    """
    with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
        if fields[0] == b"Z" and int(fields[17]) > 1:
            return next((each for each in sorted(threads(pid)) if each != pid), pid)
    return pid


def mappings(pid: int) -> list[Mapping]:
    """The files that are mapped into a process. Raises NotReadableError."""
    with _as_not_readable(pid), open(f"/proc/{living_thread(pid)}/maps") as file:
        return parse_mappings(file.read())


def parse_mappings(text: str) -> list[Mapping]:
    """The mapped files in the text of `/proc/<pid>/maps`, as proc_pid_maps(5) describes it."""
    found = []
    for row in text.splitlines():
        fields = row.split(maxsplit=5)
        if len(fields) == 6 and fields[5].startswith("/"):
            start, _, end = fields[0].partition("-")
            found.append(Mapping(int(start, 16), int(fields[2], 16), fields[5], int(end, 16)))
    return found


def threads(pid: int) -> set[int]:
    """The native ids of a process's threads. Raises NotReadableError."""
    with _as_not_readable(pid):
        return {int(name) for name in os.listdir(f"/proc/{pid}/task")}


def ended(pid: int) -> bool:
    """Whether a process has ended, or is exiting: then it has freed its memory already."""
    try:
        with open(f"/proc/{living_thread(pid)}/statm", "rb") as file:
            return file.read().startswith(b"0 ")
    except FileNotFoundError:
        return os.path.exists("/proc/self/statm")
    except OSError:
        return True


@contextmanager
def _as_not_readable(pid: int) -> Iterator[None]:
    """Raise NotReadableError in place of the system's errors."""
    try:
        yield
    except (FileNotFoundError, ProcessLookupError):
        raise NotReadableError(f"process {pid} has ended") from None
    except PermissionError:
        raise NotReadableError(
            f"the system does not let this user read process {pid} (another user's, or kernel.yama.ptrace_scope)"
        ) from None
