"""A worker that is watched: what it notes itself, and what is noted of it here."""

from __future__ import annotations

import sys
from collections.abc import Set

from pconc_tui.protocol.block import GIL, HEAD, INTERPRETER, LAST_RAN, NATIVE_ID, PID, RING, RING_AT, UNSET, State, pack
from pconc_tui.protocol.sampler_slots import FIRST, LAST, STATE_STYLES, WORKER
from pconc_tui.sampler.fold import FoldState, Sample, Transitions, first, fold
from pconc_tui.sampler.thread_files import Thread


class WorkerSampler:
    """`told` is its slot in the lab's block, `words` that in the sampler's."""

    def __init__(self, worker: int, told: memoryview, words: memoryview) -> None:
        self.worker = worker
        self.told = told
        self.problem: str | None = None
        self.pid = 0
        self.native_id = 0
        self._words = words
        self._thread: Thread | None = None
        self._folded: FoldState | None = None
        self._began_ns = 0
        for word in (HEAD, RING_AT, LAST_RAN, FIRST, LAST, STATE_STYLES):
            words[word] = 0
        words[GIL] = UNSET
        words[WORKER] = worker

    def state(self) -> int:
        """What it noted last: a task notes when it awaits."""
        head = self.told[HEAD]
        if not head:
            return State.STARTING
        word: int = self.told[RING_AT + (head - 1) % RING]
        state = word & 15
        if not self.pid:
            self.pid, self.native_id = self.told[PID], self.told[NATIVE_ID]
        if self._folded is None:
            self._began_ns = word >> 4
        elif state == State.IO:
            self._folded = None  # What comes afterwards is another stretch.
        return state

    def thread(self) -> Thread | None:
        """Its thread; None: it can't be looked at."""
        if self._thread is None and self.problem is None:
            if sys.platform != "linux":
                self.problem = "only Linux lets another process's threads be looked at"
                return None
            try:
                self._thread = Thread(self.pid, self.native_id)
            except (FileNotFoundError, ProcessLookupError):
                return None  # It has ended.
            except OSError as error:
                self.problem = f"the system does not let this user look at it: {error.strerror}"
        return self._thread

    @property
    def unaccounted_ns(self) -> int:
        """As `Folded.owed_ns`."""
        return 0 if self._folded is None else self._folded.unaccounted_ns

    @property
    def gil(self) -> int:
        """Which GIL it needs, as in its slot."""
        seen: int = self._words[GIL]
        return self.told[GIL] if seen == UNSET else seen

    def needs_one_of(self, gils: Set[int]) -> None:
        """Note whether it needs a GIL, by the interpreters that have one now."""
        interpreter = self.told[INTERPRETER]
        number = self.native_id if interpreter else self.pid
        self._words[GIL] = number if interpreter in gils else 0

    def take(self, look: Sample, others_unaccounted_ns: int) -> Transitions:
        """One more look: what is to be written."""
        words = self._words
        if self._folded is None:
            self._folded, found = first(self._began_ns, look)
        else:
            self._folded, found = fold(self._folded, look, others_unaccounted_ns)
        words[LAST_RAN] = self._folded.ran_ns
        return found

    def looked(self, now_ns: int) -> None:
        """Note that there was a look, whether or not there was anything to see."""
        words = self._words
        if not words[STATE_STYLES]:
            words[FIRST] = now_ns
        words[LAST] = now_ns
        words[STATE_STYLES] += 1

    def write(self, time_ns: int, state: State) -> None:
        """Note a transition."""
        words = self._words
        head = words[HEAD]
        # Times must not decrease: a reader takes an older word for one that is not visible yet.
        previous_ns = words[RING_AT + (head - 1) % RING] >> 4 if head else 0
        words[RING_AT + head % RING] = pack(max(time_ns, previous_ns), state)
        words[HEAD] = head + 1

    def close(self) -> None:
        """It has ended."""
        if self._thread is not None:
            self._thread.close()
