"""The threads of one process, looked at all at once, with the GIL that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from time import perf_counter_ns

from pconc_tui.cpython import GilState, NotReadableError, Runtime, ended, open_runtime
from pconc_tui.protocol.block import State
from pconc_tui.sampler.fold import Sample
from pconc_tui.sampler.thread_files import Thread

RETRY_NS = 1_000_000_000
GILS_NS = 100_000_000
"""How old what is known of GILs that can be off may be."""
_TRIES = 3
"""What is read while the GIL changes hands may not fit together."""


class Process:
    """A process that runs CPython."""

    def __init__(self, pid: int) -> None:
        self.problem: str | None = None
        """Why its GIL can't be read; None: it can be, or nobody had to yet."""
        self.unaccounted_ns = 0
        """What workers that have ended here had for `Folded.owed_ns`, which the others' balance."""
        self._pid = pid
        self._runtime: Runtime | None = None
        self._tried_ns = -RETRY_NS
        self._gils_ns = -GILS_NS
        self._known: frozenset[int] = frozenset()

    def look(self, threads: dict[int, Thread], sharing: bool) -> dict[int, Sample]:
        """These threads, by their ids; `sharing`: they share the main interpreter's GIL. Leaves out what has ended."""
        if self._known != threads.keys():
            # There may be other interpreters by now.
            self._known = frozenset(threads)
            if self._runtime is not None:
                self._read(Runtime.interpreters)
        for _ in range(_TRIES):
            began_ns = perf_counter_ns()
            gil = next(iter(self._read(Runtime.sample)), None) if sharing else None
            found = {id: doing for id, thread in threads.items() if (doing := self._doing(thread)) is not None}
            holder = gil.holder if gil is not None and gil.locked else None
            if found.get(holder or 0) is not State.GIL_WAIT:
                break
        now_ns = (began_ns + perf_counter_ns()) // 2
        known = gil is not None and gil.enabled
        # Else somebody holds it whose lane doesn't show that: no worker, or one that is blocked itself.
        explained = gil is not None and (not gil.locked or found.get(holder or 0) is State.RUNNING)
        waiting = State.WAITING if explained else State.GIL_WAIT
        looks = {}
        for id, doing in found.items():
            if (times := _times(threads[id])) is not None:
                blocked = doing is State.GIL_WAIT
                looks[id] = Sample(now_ns, waiting if blocked else doing, id == holder if known else None, *times)
        return looks

    def gils(self, now_ns: int) -> Set[int] | None:
        """The interpreters, by CPython's ids, that have a GIL now; None: nothing new is known."""
        if now_ns - self._gils_ns < GILS_NS:
            return None
        self._gils_ns = now_ns
        found = self._read(Runtime.interpreters)
        return {gil.interpreter_id for gil in found if gil.enabled} if found else None

    def close(self) -> None:
        """Let go of it."""
        if self._runtime is not None:
            self._runtime.close()

    def _doing(self, thread: Thread) -> State | None:
        """`GIL_WAIT` where it is blocked at a GIL; None: it has ended."""
        try:
            doing, address = thread.doing()
        except (OSError, ValueError):
            return None
        if doing is not State.LOCK:
            return doing
        runtime = self._open()
        if runtime is None:
            return State.UNKNOWN
        return State.GIL_WAIT if runtime.is_gil(address) else State.LOCK

    def _read(self, how: Callable[[Runtime], tuple[GilState, ...]]) -> tuple[GilState, ...]:
        """Its GILs, the main interpreter's first; nothing where they can't be read."""
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
                self._runtime = open_runtime(self._pid)
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


def _times(thread: Thread) -> tuple[int, int] | None:
    try:
        return thread.times()
    except (OSError, ValueError):
        return None


def sharing(gils: Sequence[int]) -> bool:
    """Whether two of these workers of one process need the same GIL; by their numbers, 0: none."""
    needed = [gil for gil in gils if gil]
    return len(set(needed)) < len(needed)
