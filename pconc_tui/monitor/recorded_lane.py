"""One worker's lane from the kernel's records of its thread, beside what it reports itself."""

from __future__ import annotations

from pconc_tui.monitor.observed_thread import ObservedThread, ThreadReader
from pconc_tui.monitor.thread_tracker import KNOWN_FOR_NS
from pconc_tui.monitor.tree_client import TreeObserver
from pconc_tui.monitor.watched_tree import FOREVER_NS
from pconc_tui.protocol.block import NATIVE_ID, PID, REPORTING_SINCE, State, pack, unpack
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Sampling
from pconc_tui.timeline.recorded_transitions import RecordedTransitions

PATIENCE_NS = 1_000_000_000
"""A worker whose thread is not known for so long after its start has no lane."""


class RecordedLane:
    """Reads one worker's thread. An `ObservedLane`."""

    is_recorded = True
    fresh_ns = KNOWN_FOR_NS
    cpu_ns = 0

    def __init__(self, observer: TreeObserver) -> None:
        self.last_ns = 0
        """Up to when all is known."""
        self._observer = observer
        self._thread: ObservedThread | None = None
        self._reader: ThreadReader | None = None
        self._merge = RecordedTransitions()
        self._blind = False
        self._began_ns = 0
        self.own: State | None = None
        """Its own last transition; None: there is none yet."""

    @property
    def source(self) -> Source | None:
        """Records with registers or without."""
        return self._observer.source

    @property
    def lost(self) -> int:
        """Transitions that were overwritten before they were read."""
        return 0 if self._reader is None else self._reader.lost

    @property
    def is_over(self) -> bool:
        """Whether its observer has ended: no more will be known than the next `take` returns."""
        return self._observer.died

    def later(self, own: list[int]) -> list[int]:
        """Its own transitions after the last records, those to come included, which the next `take` does without."""
        return self._merge.later(own, self.last_ns)

    def read(self) -> None:
        """Note up to when all is known. Call this before reading the worker's own transitions."""
        self.last_ns = self._observer.until_ns

    def take(self, own: list[int], header: list[int], used_ns: int) -> tuple[list[int], int, tuple[int, int] | None]:
        """Its new transitions, and when it was last known to run. `own`: its new own ones; `header`: of its slot."""
        del used_ns  # The records are exact.
        if self._reader is None and header[NATIVE_ID]:
            self._thread = self._observer.thread(header[PID], header[NATIVE_ID])
            self._reader = None if self._thread is None else self._thread.reader()
        recorded = [] if self._reader is None else self._reader.read()
        if own:
            self._began_ns = self._began_ns or own[0] >> 5
            self.own = unpack(own[-1])[1]
        blind_from_ns = self._blind_from_ns()
        if blind_from_ns is not None and not self._blind:
            self._blind = True
            recorded.append(pack(blind_from_ns, State.UNKNOWN))
        held = self._reader is None and not self._blind
        until_ns = 0 if held else FOREVER_NS if self._observer.died else self.last_ns
        return self._merge.merged(own, recorded, until_ns), self.last_ns, None

    def _blind_from_ns(self) -> int | None:
        """From when on nothing of it can be known; None: all is."""
        if self._observer.died:
            return max(self.last_ns, self._began_ns)
        is_missing = self._reader is None and self._began_ns and self.last_ns - self._began_ns > PATIENCE_NS
        return self._began_ns if is_missing else None

    def gil(self, own: int) -> int:
        """Which GIL it needs; `own`: by its own word, which it writes at its start and its end."""
        observed = None if self._thread is None else self._thread.known_gil
        if self.own is State.ENDED or observed is None or (observed and own):
            return own
        return observed

    def end(self) -> None:
        """The worker has ended."""

    def view(self, header: list[int], mixed_ns: int = 0) -> Sampling:
        """How its lane was made, for the snapshot."""
        return Sampling(None, header[REPORTING_SINCE] > 0, self._why_blind(), mixed_ns / 1e9)

    def _why_blind(self) -> str | None:
        if not self._blind:
            return None
        missing = (
            "more threads live than can be shown" if self._observer.not_shown else "no record says that it started"
        )
        return self._observer.problem or missing
