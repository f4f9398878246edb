"""Reads the GILs of a running CPython: which thread holds each, and how often it was handed over.

`locate` finds `_PyRuntime`, and `struct_offsets` has the offsets from there on. `interpreters` follows the list of
interpreters to the address of each GIL; `sample` then needs two or three short reads for each. Example of a sample, in
a process with one interpreter whose `_gil_runtime_state` is at G:

    32 bytes at G               interval 5000 (us), last_holder T, locked 1, switch_number 187
    thread state T              interp: the main interpreter, native_thread_id 11241
    GilState                    thread 11241 holds the GIL, which was handed over 187 times

Reading takes no lock in the process and never stops it, so a read can mix two moments. A value that is impossible (a
holder that is no thread of an interpreter, a switch_number that has fallen) makes it read again; if it is still
impossible after MAX_ATTEMPTS, what was found is no GIL.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from pconc_tui.cpython.gil_state import GilLocks, GilState
from pconc_tui.cpython.locate import locate
from pconc_tui.cpython.musl_waits import futexes
from pconc_tui.cpython.parking_lot import Parked, is_waited_at, parked
from pconc_tui.cpython.remote_memory import (
    InconsistentError,
    NotReadableError,
    RemoteMemory,
    UnmappedError,
    mappings,
    threads,
)
from pconc_tui.cpython.thread_states import ThreadStates

T = TypeVar("T")

MAX_ATTEMPTS = 200
_POINTER = struct.Struct("<Q")
_MAX_INTERPRETERS = 4096
_MAX_INTERVAL_US = 3_600_000_000
_GLIBC = re.compile(r"libc\.so\.6|libc-2\.[0-9]+\.so")


class _Gil:
    def __init__(self, interpreter_id: int, address: int) -> None:
        self.interpreter_id = interpreter_id
        self.address = address
        self.switches = 0


class Runtime:
    """A CPython runtime, 3.9 or later, in another process."""

    def __init__(self, pid: int) -> None:
        """Find the process's GILs, and check that what was found is plausible.

        Raises NotReadableError, also if the process has not created its main interpreter yet.
        """
        self._memory = RemoteMemory(pid)
        self._gils: list[_Gil] = []
        self._interpreters: dict[int, int] = {}
        """Interpreter ids by address."""
        try:
            self._address, self._layout, self.version = locate(self._memory)
            self.threads = ThreadStates(self._memory, self._address, self._layout)
            """Which thread each Python thread state belongs to."""
            self._may_be_musl = not any(_GLIBC.fullmatch(each.name) for each in mappings(pid))
            self._retry(self._check)
        except BaseException:
            self._memory.close()
            raise

    def interpreters(self) -> tuple[GilState, ...]:
        """Find and read all GILs, the main interpreter's first. Raises NotReadableError."""
        return self._retry(self._states)

    def sample(self) -> tuple[GilState, ...]:
        """Read the GILs that were found last; cheaper than `interpreters`. Raises NotReadableError."""
        try:
            return self._states()
        except (UnmappedError, InconsistentError):
            return self.interpreters()  # An interpreter has ended.

    def main_hold(self) -> tuple[int, int] | None:
        """Address of the thread state that holds the main GIL, and how often that GIL was handed over so far.

        None: none holds it, or an interpreter has ended. Half as much is read as by `sample`. Raises NotReadableError.
        """
        with suppress(UnmappedError, InconsistentError):
            enabled, _, thread, locked, switches = self._read(self._gils[0])
            return (thread, switches) if enabled and locked else None
        return None

    def is_gil(self, address: int) -> bool:
        """Whether a thread that waits at this address waits for a GIL, of those that were found last."""
        size = self._layout.gil_bytes
        if any(0 <= address - gil.address < size for gil in self._gils):
            return True
        return any(address in waiting for conds in self.musl_waits() for waiting in conds)

    def locks(self) -> tuple[GilLocks, ...]:
        """Where threads wait for the GILs that are enabled, the main interpreter's first. Raises NotReadableError."""
        return self._retry(self._locks)

    def musl_waits(self) -> tuple[tuple[list[int], list[int]], ...]:
        """Futexes at which threads wait now for each GIL of `locks`, at its `cond` and its `switch_cond`; none with
        glibc, whose threads wait in those themselves.
        """
        if not self._may_be_musl:
            return ()
        found = []
        for gil in self._gils:
            conds = (gil.address + self._layout.gil_locks[0], gil.address + self._layout.gil_locks[2])
            with suppress(UnmappedError):
                cond, switch_cond = (futexes(self._memory.read, each) for each in conds)
                found.append((cond, switch_cond))
                continue
            found.append(([], []))
        return tuple(found)

    def gil_waits(self) -> int | None:
        """How often threads have started to wait for a GIL, or until another thread has taken it; they need not have
        blocked. glibc from 2.25 on counts this, in twos, in the first word of each condition.

        None: it is another C library, or an interpreter has ended. Raises NotReadableError.
        """
        if self._may_be_musl:
            return None
        cond, _, switch_cond, *_ = self._layout.gil_locks
        count = 0
        with suppress(UnmappedError):
            for gil in self._gils:
                data = self._memory.read(gil.address + cond, switch_cond - cond + _POINTER.size)
                count += sum(_POINTER.unpack_from(data, at)[0] // 2 for at in (0, switch_cond - cond))
            return count
        return None

    def thread_ids(self) -> frozenset[int]:
        """Native ids of the threads that have a Python thread state. Raises NotReadableError."""
        return frozenset(self.thread_states())

    def thread_states(self) -> dict[int, int]:
        """The address of the Python thread state of each thread, by native id. Raises NotReadableError."""
        return self._retry(lambda: self.threads.states(self._interpreters))

    def parked(self, semaphore: int) -> Parked | None:
        """What a thread waits for whose semaphore is at this address. Raises NotReadableError.

        None: none is parked there now, or it is a version without a parking lot.
        """
        return parked(self._memory, semaphore) if self.parks else None

    def is_waited_at(self, semaphore: int) -> bool:
        """Whether a thread waits at the semaphore at this address. Raises NotReadableError."""
        return is_waited_at(self._memory, semaphore)

    @property
    def parks(self) -> bool:
        """Whether threads wait for a mutex of CPython in its parking lot, each at a semaphore of its own."""
        return self.version >= (3, 13)

    @property
    def free_threaded_build(self) -> bool:
        """Whether it can run without a GIL."""
        return self._layout.can_disable_gil

    def close(self) -> None:
        """Close the process's memory."""
        self._memory.close()

    def _retry(self, read: Callable[[], T]) -> T:
        """Find the GILs and read something of them, again until it is plausible. Raises NotReadableError."""
        problem = ""
        for _ in range(MAX_ATTEMPTS):
            try:
                self._find_gils()
                return read()
            except UnmappedError:
                problem = "no memory where an interpreter or a thread should be"
            except InconsistentError as error:
                problem = str(error)
        raise NotReadableError(f"check failed: {problem}")

    def _find_gils(self) -> None:
        """Follow the list of interpreters."""
        layout = self._layout
        interpreters: dict[int, int] = {}
        address = self._memory.pointer(self._address + layout.interpreters)
        while address:
            if address in interpreters or len(interpreters) == _MAX_INTERPRETERS:
                raise InconsistentError("the list of interpreters has no end")
            interpreters[address] = self._memory.pointer(address + layout.interpreter_id)
            address = self._memory.pointer(address + layout.interpreter_next)
        if 0 not in interpreters.values():
            raise InconsistentError("there is no main interpreter, or not yet")
        before = {gil.address: gil for gil in self._gils}
        gils: dict[int, _Gil] = {}
        for address, interpreter_id in sorted(interpreters.items(), key=lambda item: item[1]):
            gil_address = self._address + layout.shared_gil
            if layout.own_gil is not None:
                gil_address = self._memory.pointer(address + layout.own_gil)
            known = before.get(gil_address)
            if known is None or known.interpreter_id != interpreter_id:
                known = _Gil(interpreter_id, gil_address)
            gils.setdefault(gil_address, known)
        self._gils = list(gils.values())
        self._interpreters = interpreters

    def _states(self) -> tuple[GilState, ...]:
        return tuple([self._state(gil) for gil in self._gils])

    def _locks(self) -> tuple[GilLocks, ...]:
        found = []
        for gil in self._gils:
            enabled, interval_us, *_ = self._read(gil)
            if enabled:
                places = [gil.address + offset for offset in self._layout.gil_locks]
                found.append(GilLocks(gil.interpreter_id, 1000 * interval_us, *places))
        return tuple(found)

    def _state(self, gil: _Gil) -> GilState:
        enabled, _, thread, locked, switches = self._read(gil)
        if not enabled:
            return GilState(gil.interpreter_id, False, None, None, None)
        holder = None
        if locked:
            with suppress(UnmappedError, InconsistentError):  # It has released the GIL and ended since.
                holder = self.threads.thread_of(thread, self._interpreters)
        return GilState(gil.interpreter_id, True, locked == 1, switches, holder)

    def _read(self, gil: _Gil) -> tuple[bool, int, int, int, int]:
        """Read the struct, checked if enabled: that, interval (us), last_holder, locked, switch_number."""
        *disabled, interval_us, thread, locked, switches = self._layout.gil.unpack(
            self._memory.read(gil.address, self._layout.gil.size)
        )
        enabled = disabled != [0]
        if enabled:
            if not (0 <= locked <= 1 and 0 < interval_us <= _MAX_INTERVAL_US):
                raise InconsistentError(f"locked {locked} and interval {interval_us} us are impossible for a GIL")
            if switches < gil.switches:
                raise InconsistentError(f"switch_number fell from {gil.switches} to {switches}")
            gil.switches = switches
        return enabled, interval_us, thread, locked, switches

    def _check(self) -> None:
        """Check the GILs against the system's list of threads."""
        for gil in self._gils:
            enabled, _, thread, locked, _ = self._read(gil)
            if enabled and locked:
                native_id = self.threads.thread_of(thread, self._interpreters)
                if native_id is not None and native_id not in threads(self._memory.pid):
                    raise InconsistentError(f"the GIL's holder {native_id} is no thread of the process")
