"""One sampled worker: its own slot, its thread, and the slot into which its transitions are written."""

from __future__ import annotations

import sys
from collections.abc import Set

from pconc_tui.protocol.block import (
    CPU,
    CPU_BEFORE,
    GIL,
    HEAD,
    INTERPRETER,
    LAST_RAN,
    NATIVE_ID,
    PID,
    RING,
    RING_AT,
    UNSET,
    State,
    pack,
    unpack,
)
from pconc_tui.protocol.sampler_slots import FIRST, LAST, SAMPLES, WORKER
from pconc_tui.sampler.thread_files import ThreadFiles
from pconc_tui.sampler.transition_builder import FoldState, Sample, Transition, first, fold, resumed


class WorkerSampler:
    """`own` is the worker's slot in the lab's block, `words` its slot in the sampler's block."""

    def __init__(self, worker: int, own: memoryview, words: memoryview, since_ns: int = 0) -> None:
        """`since_ns`: what it did before this time is not asked for."""
        self.worker = worker
        self.own = own
        self.problem: str | None = None
        """Why its thread can't be sampled; None: it can be."""
        self.pid = 0
        self.native_id = 0
        self._words = words
        self._files: ThreadFiles | None = None
        self._fold: FoldState | None = None
        self._began_ns = 0
        self._since_ns = since_ns
        for word in (HEAD, RING_AT, LAST_RAN, CPU, FIRST, LAST, SAMPLES):
            words[word] = 0
        words[GIL] = UNSET
        words[WORKER] = worker

    def state(self) -> State:
        """Its own last transition: a task reports when it awaits."""
        head = self.own[HEAD]
        if not head:
            return State.STARTING
        time_ns, state = unpack(self.own[RING_AT + (head - 1) % RING])
        if not self.pid:
            self.pid, self.native_id = self.own[PID], self.own[NATIVE_ID]
        if self._fold is None:
            self._began_ns = time_ns
        elif state is State.IO:
            self._fold = None  # What follows is another stretch.
        return state

    def files(self) -> ThreadFiles | None:
        """Its thread's files; None: it can't be sampled."""
        if self._files is None and self.problem is None:
            if sys.platform != "linux":
                self.problem = "only Linux lets another process's threads be sampled"
                return None
            try:
                self._files = ThreadFiles(self.pid, self.native_id)
            except (FileNotFoundError, ProcessLookupError):
                return None  # It has ended.
            except OSError as error:
                self.problem = f"the system does not let it be sampled: {error.strerror}"
        return self._files

    @property
    def gil(self) -> int:
        """Which GIL it needs, as in its slot."""
        sampled: int = self._words[GIL]
        return self.own[GIL] if sampled == UNSET else sampled

    def needs_one_of(self, gils: Set[int]) -> None:
        """Record whether it needs a GIL, by the interpreters that have one now."""
        interpreter = self.own[INTERPRETER]
        number = self.native_id if interpreter else self.pid
        self._words[GIL] = number if interpreter in gils else 0

    def turn(self, sample: Sample) -> int:
        """When it had the GIL since the last sample: 0 at first, 1 in between or not at all, 2 at last."""
        had = self._fold is not None and self._fold.activity is State.RUNNING
        return 0 if had else 2 if sample.holds_gil else 1

    def used_ns(self, sample: Sample) -> int:
        """CPU time since the last sample."""
        return 0 if self._fold is None else sample.cpu_ns - self._fold.last.cpu_ns

    def take(self, sample: Sample, released_ns: int | None, others_cpu_ns: int) -> tuple[list[Transition], int | None]:
        """Fold one more sample: the new transitions, and when it released the GIL if it did since the last sample."""
        if self._fold is None:
            since_ns = self._began_ns
            if since_ns < self._since_ns:
                self._fold, found = resumed(sample)
            else:
                self._fold, found = first(since_ns, self.own[CPU_BEFORE] + self.own[CPU], sample)
        else:
            since_ns = self._fold.last.time_ns
            self._fold, found = fold(self._fold, sample, released_ns, others_cpu_ns)
        ended_ns = self._fold.released_ns
        return found, ended_ns if ended_ns is not None and ended_ns > since_ns else None

    def sampled(self, now_ns: int) -> None:
        """Record that there was a sample, whatever it showed."""
        words = self._words
        if not words[SAMPLES]:
            words[FIRST] = now_ns
        words[LAST] = now_ns
        words[SAMPLES] += 1

    def write(self, transition: Transition) -> None:
        """Append a transition to its ring."""
        words = self._words
        head = words[HEAD]
        # Times must not decrease: a reader takes an older word for one that is not visible yet.
        previous_ns = unpack(words[RING_AT + (head - 1) % RING])[0] if head else 0
        words[RING_AT + head % RING] = pack(max(transition.time_ns, previous_ns), transition.state, transition.mixed)
        words[HEAD] = head + 1

    def publish(self) -> None:
        """Publish its last sample, after its transitions: what it ran since would seem to belong to the old ones."""
        if self._fold is not None:
            self._words[CPU] = self._fold.last.cpu_ns
            self._words[LAST_RAN] = self._fold.ran_ns

    def close(self) -> None:
        """Close its thread's files."""
        if self._files is not None:
            self._files.close()
