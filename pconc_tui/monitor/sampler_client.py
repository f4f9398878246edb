"""The sampler as the monitor has it: a process a lab that is told whom to watch, and the block in which it answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pconc_tui.monitor.child_process import ChildProcess
from pconc_tui.protocol.block import GIL, LAST_RAN, REPORTING_SINCE, UNSET, Block, State, pack, transitions, unpack
from pconc_tui.protocol.sampler_slots import FIRST, LAST, STATE_STYLES, WORKER
from pconc_tui.snapshot import Sampling
from pconc_tui.timeline.overlay import Overlay

_START = Path(__file__).parents[1] / "sampler" / "__main__.py"


class Sampler:
    """Looks at workers of one lab, by their slots in its block; ends with this object's process."""

    def __init__(self, lab: Block) -> None:
        self.ready = False
        """Whether it has begun to look, or never will."""
        self._problems: dict[int, str] = {}
        self._blind: set[int] = set()
        self._died = False
        self.block = Block.create()
        fds = lab.fd, self.block.fd
        try:
            self._child = ChildProcess(
                lambda tell_fd: [sys.executable, "-I", "-S", str(_START), *map(str, (*fds, tell_fd))],
                fds,
                stderr=subprocess.DEVNULL,
            )
        except BaseException:
            self.block.close()
            raise

    @property
    def pid(self) -> int:
        return self._child.pid

    def watch(self, slot: int, worker: int) -> None:
        """Look at the worker in this slot of the lab's block from its first instruction on; 0: at nobody any more."""
        self._child.send(slot=slot, worker=worker)

    def hear(self) -> None:
        """Take what it told."""
        news = self._child.messages.read()
        for each in news or ():
            self.ready = self.ready or "ready" in each
            if "problem" in each:
                self._problems[each["worker"]] = each["problem"]
                if each["blind"]:
                    self._blind.add(each["worker"])
        if news is None:
            self.ready = self._died = True

    def problem(self, worker: int) -> str | None:
        """What can't be told of the worker, and why."""
        return "the sampler has ended" if self._died else self._problems.get(worker)

    def blind_to(self, worker: int) -> bool:
        """Whether nothing of it can be seen."""
        return self._died or worker in self._blind

    def close(self) -> None:
        """End it, and wait until it is gone."""
        self._child.end()
        self.block.close()


class Sampled:
    """One worker as it is seen, laid over what it notes itself."""

    def __init__(self, sampler: Sampler, slot: int, worker: int) -> None:
        sampler.watch(slot, worker)
        self._sampler = sampler
        self._slot = slot
        self._words = sampler.block.slot(slot)
        self._worker = worker
        self._overlay = Overlay()
        self._head = 0
        self.beat_ns = 0
        """When it was last seen running."""
        self._rate_hz: float | None = None
        self._began = 0
        self._last_ns = 0
        self._blind = self._ended = False

    def take(self, own: list[int], header: list[int]) -> tuple[list[int], int]:
        """Its transitions, from those that are new of its own, and when it was last known to run."""
        seen = [] if self._blind else self.seen()
        if own:
            self._began = self._began or own[0]
            self._ended = unpack(own[-1])[1] is State.ENDED
        if self._began and not self._blind and self._sampler.blind_to(self._worker):
            self._blind = True
            # What a killed sampler noted last may be newer than its last whole look.
            seen += self.seen()
            seen.append(pack(max(self._began >> 4, self._last_ns, *(each >> 4 for each in seen)), State.UNKNOWN))
        return self._overlay.merged(own, seen, header[REPORTING_SINCE]), max(header[LAST_RAN], self.beat_ns)

    def gil(self, told: int) -> int:
        """Which GIL it needs, where it told that: whenever it notes anything, so at its end nobody knows better."""
        words = self._words
        believed = self._ended or self._blind or words[WORKER] != self._worker or words[GIL] == UNSET
        return told if believed else words[GIL]

    def seen(self) -> list[int]:
        """The transitions that were seen since the last call."""
        words = self._words
        if words[WORKER] != self._worker:
            return []
        found, self._head, _ = transitions(words, self._head)
        self.beat_ns = words[LAST_RAN]
        first, self._last_ns, looks = words[FIRST], words[LAST], words[STATE_STYLES]
        if self._last_ns > first:
            self._rate_hz = (looks - 1) * 1e9 / (self._last_ns - first)
        return found

    def end(self) -> None:
        """The slot is about to be another's."""
        self._sampler.watch(self._slot, 0)
        self._words.release()

    def view(self, header: list[int]) -> Sampling:
        """What there is to say of it."""
        return Sampling(self._rate_hz, header[REPORTING_SINCE] > 0, self._sampler.problem(self._worker))
