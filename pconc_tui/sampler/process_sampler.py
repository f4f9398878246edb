"""Samples all workers' threads of one process at once, with the GIL that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from time import perf_counter_ns

from pconc_tui.cpython import GilState, NotReadableError, Runtime, ended
from pconc_tui.protocol.block import State
from pconc_tui.sampler.thread_files import ThreadFiles
from pconc_tui.sampler.transition_builder import Sample

RETRY_NS = 1_000_000_000
"""How long after a failure CPython's memory is opened again."""
GILS_NS = 100_000_000
"""How often to check which interpreters have a GIL, where that can change."""
_TRIES = 3
"""What is read while the GIL is handed over may be inconsistent."""


class ProcessSampler:
    """A process that runs CPython."""

    def __init__(self, pid: int) -> None:
        self.problem: str | None = None
        """Why its GIL is not readable; None: it is, or has not been needed yet."""
        self._pid = pid
        self._runtime: Runtime | None = None
        self._tried_ns = -RETRY_NS
        self._gils_ns = -GILS_NS
        self._known: frozenset[int] = frozenset()

    def samples(self, threads: dict[int, ThreadFiles], sharing: bool) -> dict[int, Sample]:
        """A sample of each of these threads that has not ended, by native id.

        `sharing`: they share the main interpreter's GIL.
        """
        if self._known != threads.keys():
            # There may be other interpreters by now.
            self._known = frozenset(threads)
            if self._runtime is not None:
                self._read(Runtime.interpreters)
        for _ in range(_TRIES):
            began_ns = perf_counter_ns()
            gil = next(iter(self._read(Runtime.sample)), None) if sharing else None
            found = {id: doing for id, files in threads.items() if (doing := self._doing(files)) is not None}
            holder = gil.holder if gil is not None and gil.locked else None
            if found.get(holder or 0) is not State.GIL_WAIT:
                break
        now_ns = (began_ns + perf_counter_ns()) // 2
        known = gil is not None and gil.enabled
        samples = {}
        for id, doing in found.items():
            try:
                clocks = threads[id].clocks()
            except (OSError, ValueError):
                continue
            is_taken = known and holder not in (None, id)
            samples[id] = Sample(now_ns, doing, id == holder if known else None, *clocks, is_taken)
        return samples

    def gils(self, now_ns: int) -> Set[int] | None:
        """The interpreters, by CPython's ids, that have a GIL now; None: not checked again yet, or not readable."""
        if now_ns - self._gils_ns < GILS_NS:
            return None
        self._gils_ns = now_ns
        found = self._read(Runtime.interpreters)
        return {gil.interpreter_id for gil in found if gil.enabled} if found else None

    def close(self) -> None:
        """Close the process's memory."""
        if self._runtime is not None:
            self._runtime.close()

    def _doing(self, files: ThreadFiles) -> State | None:
        """`GIL_WAIT` where it is blocked at a GIL; None: it has ended."""
        try:
            doing, address = files.doing()
        except (OSError, ValueError):
            return None
        if doing is not State.LOCK:
            return doing
        runtime = self._open()
        if runtime is None:
            return State.UNKNOWN
        return State.GIL_WAIT if runtime.is_gil(address) else State.LOCK

    def _read(self, how: Callable[[Runtime], tuple[GilState, ...]]) -> tuple[GilState, ...]:
        """Its GILs, the main interpreter's first; empty where they are not readable."""
        runtime = self._open()
        if runtime is None:
            return ()
        try:
            return how(runtime)
        except NotReadableError as error:
            self._fail(error)
            return ()

    def _open(self) -> Runtime | None:
        if self._runtime is None and perf_counter_ns() - self._tried_ns >= RETRY_NS:
            self._tried_ns = perf_counter_ns()
            try:
                self._runtime = Runtime(self._pid)
                self.problem = None
            except NotReadableError as error:
                self._fail(error)
        return self._runtime

    def _fail(self, error: NotReadableError) -> None:
        if not ended(self._pid):
            self.problem = str(error)
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None


def sharing(gils: Sequence[int]) -> bool:
    """Whether two workers of a process need the same GIL, by their GILs' numbers; 0: none."""
    needed = [gil for gil in gils if gil]
    return len(set(needed)) < len(needed)
