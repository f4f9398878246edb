"""The Python thread states of a running CPython: which threads have one, and which thread each belongs to.

From 3.11 on a thread state has the native id, as the process itself sees it; before, the thread's pthread, in which
that id is found at an offset that the C library does not publish.
"""

from __future__ import annotations

import struct

from pconc_tui.cpython.remote_memory import InconsistentError, RemoteMemory, UnmappedError
from pconc_tui.cpython.struct_offsets import Layout, find_tid
from pconc_tui.cpython.thread_ids import ThreadIds

_MAX_THREADS = 100_000
_PTHREAD_BYTES = 1024


class ThreadStates:
    """Those of one process."""

    def __init__(self, memory: RemoteMemory, runtime: int, layout: Layout) -> None:
        """`runtime`: the address of `_PyRuntime`. Raises NotReadableError."""
        self._memory = memory
        self._layout = layout
        self._ids = ThreadIds(memory.pid)
        padding = layout.thread_id - layout.thread_interpreter - 8
        self._thread = struct.Struct(f"<Q{padding}xQ")
        self._tid_offset = self._find_tid_offset(runtime)

    def states(self, interpreters: dict[int, int]) -> dict[int, int]:
        """The addresses of all thread states of these interpreters, by native id. Raises as `thread_of`."""
        layout = self._layout
        found: dict[int, int] = {}
        for interpreter in interpreters:
            thread, states = self._memory.pointer(interpreter + layout.threads), 0
            while thread:
                native_id = self.thread_of(thread, interpreters)
                if native_id is not None:
                    found[native_id] = thread
                states += 1
                if states == _MAX_THREADS:
                    raise InconsistentError("the list of threads has no end")
                thread = self._memory.pointer(thread + layout.thread_next)
        return found

    def thread_of(self, thread: int, interpreters: dict[int, int]) -> int | None:
        """Native id of the thread whose state is at this address; None if it is unknown.

        `interpreters`: their ids by address. Raises InconsistentError, UnmappedError and NotReadableError.
        """
        layout = self._layout
        data = self._memory.read(thread + layout.thread_interpreter, self._thread.size)
        interpreter, thread_id = self._thread.unpack(data)
        if interpreter not in interpreters:
            raise InconsistentError("the GIL's holder is no thread of an interpreter")
        if interpreters[interpreter] and not layout.has_ids_in_subinterpreters:
            return None
        if layout.main_thread is None:
            return self._ids.outer(int(thread_id))
        return self.native_id(thread_id)

    def native_id(self, pthread: int) -> int | None:
        """Native id of the thread with this pthread, where threads are known by that: until 3.10; None: unknown."""
        if self._tid_offset is None:
            return None
        try:
            return self._ids.outer(int.from_bytes(self._memory.read(pthread + self._tid_offset, 4), "little"))
        except UnmappedError:
            return None

    def outer_id(self, own: int) -> int | None:
        """The native id of the thread that the process itself knows by this one; None: there is none."""
        return self._ids.outer(own)

    def _find_tid_offset(self, runtime: int) -> int | None:
        """Where threads are known by pthread only: offset of the native id in it, found in the main thread's."""
        if self._layout.main_thread is None:
            return None
        try:
            pthread = self._memory.pointer(runtime + self._layout.main_thread)
            return find_tid(self._memory.read(pthread, _PTHREAD_BYTES), self._ids.process)
        except UnmappedError:
            return None
