"""The sampler as the monitor uses it: one process for each lab, and the block into which it writes transitions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pconc_tui.monitor.child_process import ChildProcess
from pconc_tui.monitor.ring_reader import RingReader
from pconc_tui.protocol.block import (
    CPU,
    GIL,
    LAST_RAN,
    MIXED,
    REPORTING_SINCE,
    UNSET,
    Block,
    State,
    pack,
    unpack,
)
from pconc_tui.protocol.lane_source import Source
from pconc_tui.protocol.sampler_slots import FIRST, LAST, SAMPLES, WORKER
from pconc_tui.snapshot import Sampling
from pconc_tui.timeline.merged_transitions import Overlay

LONGEST_PERIOD_NS = 4_000_000
"""A worker that ran when it was sampled is shown as running for at most two of these after: about a switch interval."""
_START = Path(__file__).parents[1] / "sampler" / "__main__.py"


class SamplerClient:
    """Samples workers of one lab by their slots in its block; ends with this object's process."""

    def __init__(self, lab: Block) -> None:
        self.ready = False
        """Whether it has started to sample, or never will."""
        self._problems: dict[int, str] = {}
        self._blind: set[int] = set()
        self._died = False
        self.block = Block.create()
        fds = lab.fd, self.block.fd
        try:
            self._child = ChildProcess(
                lambda events_fd: [sys.executable, "-I", "-S", str(_START), "workers", *map(str, (*fds, events_fd))],
                fds,
                stderr=subprocess.DEVNULL,
            )
        except BaseException:
            self.block.close()
            raise

    @property
    def pid(self) -> int:
        return self._child.pid

    def watch(self, slot: int, worker: int, since_ns: int = 0) -> None:
        """Sample the worker in this slot of the lab's block from its first instruction on; 0: stop sampling.

        If that was before `since_ns`, from now on.
        """
        self._child.send(slot=slot, worker=worker, since_ns=since_ns)

    def receive(self) -> None:
        """Receive its events."""
        events = self._child.messages.read()
        for event in events or ():
            self.ready = self.ready or "ready" in event
            if "problem" in event:
                self._problems[event["worker"]] = event["problem"]
                if event["blind"]:
                    self._blind.add(event["worker"])
        if events is None:
            self.ready = self._died = True

    def problem(self, worker: int) -> str | None:
        """What can't be sampled of the worker, and why; None: nothing."""
        return "the sampler has ended" if self._died else self._problems.get(worker)

    def blind_to(self, worker: int) -> bool:
        """Whether nothing of it can be sampled."""
        return self._died or worker in self._blind

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self._child.end()
        self.block.close()


class SampledTransitions:
    """One worker's transitions: its own, merged with the sampler's. An `ObservedLane`."""

    is_recorded = False
    source = Source.SAMPLED

    def __init__(self, sampler: SamplerClient, slot: int, worker: int, since_ns: int = 0) -> None:
        """`since_ns`: as in `SamplerClient.watch`."""
        sampler.watch(slot, worker, since_ns)
        self._sampler = sampler
        self._slot = slot
        self._words = sampler.block.slot(slot)
        self._worker = worker
        self._ring = RingReader(self._words)
        self._overlay = Overlay()
        self.last_ran_ns = 0
        """When the worker was last sampled as running."""
        self.cpu_ns = 0
        """Its thread's CPU clock when it was last sampled; 0: it was not."""
        self.last_ns = 0
        """When it was last sampled."""
        self.rate_hz: float | None = None
        """Samples a second; None: none yet."""
        self._began = 0
        self._blind = self._ended = False
        self._new: list[int] = []

    def resume(self, own: State | None, from_ns: int) -> None:
        """Continue its lane from this time on; `own`: its own last transition before, None: there was none."""
        self._overlay = Overlay(own)
        if own is not None:
            self._began = pack(from_ns, own)
        early: list[int] = []
        for word in self.sampled():
            (early if word >> 5 < from_ns else self._new).append(word)
        for word in early[-1:]:
            self._new.insert(0, pack(from_ns, unpack(word)[1], bool(word & MIXED)))

    def read(self) -> None:
        """Read the sampler's new transitions. Call this before reading the worker's own, which they follow."""
        if not self._blind:
            self._new += self.sampled()

    def take(self, own: list[int], header: list[int], used_ns: int) -> tuple[list[int], int, tuple[int, int] | None]:
        """Its new transitions, when it was last known to run, and a time and how long it had run by then; all in ns.

        `own`: its new own transitions; `header`: of its slot; `used_ns`: its CPU time at the last of them.
        """
        sampled, self._new = self._new, []
        if own:
            self._began = self._began or own[0]
            self._ended = unpack(own[-1])[1] is State.ENDED
        if self._began and not self._blind and self._sampler.blind_to(self._worker):
            self._blind = True
            # What a killed sampler wrote last may be newer than its last complete sample.
            sampled += self.sampled()
            last_ns = max(unpack(self._began)[0], self.last_ns, *(unpack(each)[0] for each in sampled))
            sampled.append(pack(last_ns, State.UNKNOWN))
        merged = self._overlay.merged(own, sampled, header[REPORTING_SINCE])
        until_ns = self._overlay.sampled_until_ns
        ran = None if until_ns is None else (until_ns, used_ns)
        return merged, max(header[LAST_RAN], self.last_ran_ns), ran

    def gil(self, own: int) -> int:
        """Which GIL it needs; `own`: by its own word, which it writes with each transition and so counts at its end."""
        words = self._words
        believed = self._ended or self._blind or words[WORKER] != self._worker or words[GIL] == UNSET
        return own if believed else words[GIL]

    def sampled(self) -> list[int]:
        """The sampler's new transitions."""
        words = self._words
        if words[WORKER] != self._worker:
            return []
        self.last_ran_ns, self.cpu_ns = words[LAST_RAN], words[CPU]  # Before the transitions, which are written first.
        self._ring.last_ns = self._ring.last_ns or words[FIRST]
        found = self._ring.read()
        first_ns, self.last_ns, samples = words[FIRST], words[LAST], words[SAMPLES]
        if self.last_ns > first_ns:
            self.rate_hz = (samples - 1) * 1e9 / (self.last_ns - first_ns)
        return found

    @property
    def lost(self) -> int:
        """Transitions that were overwritten before they were read."""
        return self._ring.lost

    @property
    def fresh_ns(self) -> int:
        """Two samples, at most about a switch interval: a worker that ran at the last may run until the next."""
        return 2 * min(round(1e9 / self.rate_hz), LONGEST_PERIOD_NS) if self.rate_hz else 0

    def end(self) -> None:
        """Stop sampling it: its slot is about to be another worker's."""
        self._sampler.watch(self._slot, 0)
        self._words.release()

    def view(self, header: list[int], mixed_ns: int = 0) -> Sampling:
        """How its lane was made, for the snapshot; `mixed_ns`: how much of that is mixed."""
        return Sampling(self.rate_hz, header[REPORTING_SINCE] > 0, self._sampler.problem(self._worker), mixed_ns / 1e9)
