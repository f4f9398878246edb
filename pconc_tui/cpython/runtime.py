"""The GILs of a running CPython: who holds them and how often they changed hands, as the interpreter itself counts."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pconc_tui.cpython.layout import find_tid, gil_bytes, gil_struct
from pconc_tui.cpython.locate import locate
from pconc_tui.cpython.memory import Memory, NotReadableError, UnmappedError, threads

_POINTER = struct.Struct("<Q")
_INTERPRETERS_MAX = 4096
_INTERVAL_MAX_US = 3_600_000_000
_PTHREAD_BYTES = 1024
_LOOKS = 200
"""What is read while it changes may not fit together; that it doesn't so often in a row shows that it never will."""


class GilState(NamedTuple):
    """One GIL at one moment."""

    interpreter_id: int
    """The interpreter whose it is; of those that share it, the oldest."""
    enabled: bool
    """Whether there is a GIL now. Where there is none, the rest is None: what the struct holds then means nothing."""
    locked: bool | None
    switch_number: int | None
    """How often it went from one thread to another since the interpreter began."""
    holder: int | None
    """The native id of the thread that holds it; None: nobody does, or it can't be told who."""
    interval_us: int | None
    """The switch interval, in whole microseconds as CPython keeps it."""


class _InconsistentError(Exception):
    """What was read can't be so; the message says what."""


class _Gil:
    def __init__(self, interpreter_id: int, address: int) -> None:
        self.interpreter_id = interpreter_id
        self.address = address
        self.switches = 0


def open_runtime(pid: int, interval_s: float | None = None) -> Runtime:
    """Find the GILs of a process that runs CPython 3.9 or later, and check that what was found is what it seems.

    `interval_s` is the switch interval of its main interpreter, where that is known. Raises NotReadableError, also
    where the process has not come as far as having an interpreter.
    """
    memory = Memory(pid)
    try:
        return Runtime(memory, interval_s)
    except BaseException:
        memory.close()
        raise


class Runtime:
    """An interpreter seen from outside. Reading it takes no lock there and never stops it."""

    def __init__(self, memory: Memory, interval_s: float | None = None) -> None:
        located = locate(memory)
        layout = located.layout
        self.version = located.version
        self.how = located.how
        """How it was found, in words."""
        self._memory = memory
        self._address = located.address
        self._layout = layout
        self._gil = gil_struct(layout.can_be_off)
        self._gil_bytes = gil_bytes(layout.can_be_off)
        self._thread = struct.Struct(f"<Q{layout.thread_id - layout.thread_interpreter - 8}xQ")
        self._gils: list[_Gil] = []
        self._interpreters: dict[int, int] = {}
        """The id of each, by its address."""
        self._tid_at = self._find_tid()
        self._check(interval_s)

    def interpreters(self) -> tuple[GilState, ...]:
        """All GILs there are now, the main interpreter's first."""
        return self._attempt()

    def sample(self) -> tuple[GilState, ...]:
        """The GILs that the last call of `interpreters` found, at the cost of two or three short reads each."""
        try:
            return tuple([self._state(gil) for gil in self._gils])
        except (UnmappedError, _InconsistentError):
            return self._attempt()  # An interpreter has ended.

    def is_gil(self, address: int) -> bool:
        """Whether who waits at this address waits for a GIL that the last call of `interpreters` found."""
        return any(0 <= address - gil.address < self._gil_bytes for gil in self._gils)

    def close(self) -> None:
        """Let go of the process."""
        self._memory.close()

    def _attempt(self) -> tuple[GilState, ...]:
        problem = ""
        for _ in range(_LOOKS):
            try:
                self._walk()
                return tuple([self._state(gil) for gil in self._gils])
            except UnmappedError:
                problem = "no memory where an interpreter should be"
            except _InconsistentError as error:
                problem = str(error)
        raise NotReadableError(f"check failed: {problem}")

    def _state(self, gil: _Gil) -> GilState:
        enabled, interval_us, thread, locked, switches = self._read(gil)
        if not enabled:
            return GilState(gil.interpreter_id, False, None, None, None, None)
        holder = self._holder(thread) if locked else None
        return GilState(gil.interpreter_id, True, locked == 1, switches, holder, interval_us)

    def _holder(self, thread: int) -> int | None:
        try:
            return self._native_id(thread)
        except (UnmappedError, _InconsistentError):
            return None  # It has let go since, and ended.

    def _read(self, gil: _Gil) -> tuple[int, int, int, int, int]:
        """Its struct: enabled, interval, last holder, locked, switch number; plausible if enabled."""
        data = self._memory.read(gil.address, self._gil.size)
        fields: tuple[int, int, int, int, int]
        fields = self._gil.unpack(data) if self._layout.can_be_off else (1, *self._gil.unpack(data))
        enabled, interval_us, _, locked, switches = fields
        if enabled:
            if not (0 <= locked <= 1 and 0 < interval_us <= _INTERVAL_MAX_US):
                raise _InconsistentError(f"locked {locked} and interval {interval_us} us are no GIL's")
            if switches < gil.switches:
                raise _InconsistentError(f"switch_number fell from {gil.switches} to {switches}")
            gil.switches = switches
        return fields

    def _native_id(self, thread: int) -> int | None:
        """The native id of the thread whose state is at this address; None: it can't be told."""
        layout = self._layout
        data = self._memory.read(thread + layout.thread_interpreter, self._thread.size)
        interpreter, number = self._thread.unpack(data)
        if interpreter not in self._interpreters:
            raise _InconsistentError("the GIL's holder is no thread of an interpreter")
        if self._interpreters[interpreter] and not layout.knows_threads:
            return None
        if layout.main_thread is None:
            return int(number)
        if self._tid_at is None:
            return None
        return int.from_bytes(self._memory.read(number + self._tid_at, 4), "little")

    def _walk(self) -> None:
        """Follow the list of interpreters."""
        layout = self._layout
        interpreters: dict[int, int] = {}
        address = self._pointer(self._address + layout.interpreters)
        while address:
            if address in interpreters or len(interpreters) == _INTERPRETERS_MAX:
                raise _InconsistentError("the list of interpreters has no end")
            interpreters[address] = self._pointer(address + layout.interpreter_id)
            address = self._pointer(address + layout.interpreter_next)
        if 0 not in interpreters.values():
            raise _InconsistentError("it has no main interpreter, or none yet")
        before = {gil.address: gil for gil in self._gils}
        gils: dict[int, _Gil] = {}
        for address, number in sorted(interpreters.items(), key=lambda item: item[1]):
            at = self._address + layout.shared_gil
            if layout.own_gil is not None:
                at = self._pointer(address + layout.own_gil)
            known = before.get(at)
            gils.setdefault(at, known if known and known.interpreter_id == number else _Gil(number, at))
        self._gils = list(gils.values())
        self._interpreters = interpreters

    def _pointer(self, address: int) -> int:
        return int(_POINTER.unpack(self._memory.read(address, _POINTER.size))[0])

    def _find_tid(self) -> int | None:
        if self._layout.main_thread is None:
            return None
        try:
            pthread = self._pointer(self._address + self._layout.main_thread)
            return find_tid(self._memory.read(pthread, _PTHREAD_BYTES), self._memory.pid)
        except UnmappedError:
            return None

    def _check(self, interval_s: float | None) -> None:
        """Believe what was found only if it fits together, and fits what the system and the lab tell."""
        problem = ""
        for _ in range(_LOOKS):
            self._attempt()
            try:
                for gil in self._gils:
                    self._check_gil(gil, interval_s)
                return
            except UnmappedError:
                problem = "no memory where the GIL's holder should be"
            except _InconsistentError as error:
                problem = str(error)
        raise NotReadableError(f"check failed: {problem}")

    def _check_gil(self, gil: _Gil, interval_s: float | None) -> None:
        enabled, interval_us, thread, locked, _ = self._read(gil)
        if not enabled:
            return
        # What sys.setswitchinterval() was given is cut to whole microseconds.
        if interval_s and gil.interpreter_id == 0 and abs(interval_us - interval_s * 1e6) > 1:
            raise _InconsistentError(f"the switch interval reads {interval_us} us, not {interval_s * 1e6:.0f}")
        if locked:
            native_id = self._native_id(thread)
            if native_id is not None and native_id not in threads(self._memory.pid):
                raise _InconsistentError(f"the GIL's holder {native_id} is no thread of the process")
