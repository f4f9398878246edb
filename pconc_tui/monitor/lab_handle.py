"""A lab in use: which of its slots are free, and what is true of it now."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from pconc_tui.monitor.lab_process import LabProcess, LabSpec
from pconc_tui.monitor.sampler_client import SamplerClient
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import CONTROL, GIL, HEAD, INTERVAL, SLOTS, SWITCH
from pconc_tui.requests import RequestError
from pconc_tui.snapshot import Lab

STOP = 1
SETTING = 2


class LabHandle:
    """Owns one lab."""

    def __init__(self, kind: LabSpec, switch_interval_s: float | None) -> None:
        self.lab = LabProcess(kind)
        self.death: str | None = None
        self._sampler: SamplerClient | None = None
        self._free = deque(range(SLOTS))
        self._asked_s = switch_interval_s
        self._switch_s: float | None = None
        self._gil_enabled: bool | None = None

    @property
    def sampler(self) -> SamplerClient:
        """What looks at workers that tell nothing; started when first asked for."""
        if self._sampler is None:
            self._sampler = SamplerClient(self.lab.block)
        return self._sampler

    def hear(self) -> None:
        """Take what the sampler told, if there is one."""
        if self._sampler is not None:
            self._sampler.receive()

    def close(self) -> None:
        """End the lab, and who looks at it."""
        if self._sampler is not None:
            self._sampler.close()
        self.lab.close()

    def claim(self, workers: int) -> list[int]:
        """Slots for so many new workers, ready for them."""
        if workers > len(self._free):
            raise RequestError(f"{SLOTS} workers at once are the most; stop some first")
        slots = [self._free.popleft() for _ in range(workers)]
        for slot in slots:
            self.lab.block.clear(slot)
            if self._asked_s is not None:
                self._set(slot, self._asked_s)
        return slots

    def release(self, slot: int) -> None:
        """The slot's worker has ended."""
        self._free.append(slot)

    def stop(self, workers: Iterable[WorkerTracker]) -> None:
        """Ask workers to stop: by a word that they look at while they run, and by waking those that sleep."""
        workers = list(workers)
        for worker in workers:
            self.lab.block.slot(worker.slot)[CONTROL] |= STOP
        self.lab.send(do="stop", workers=[worker.id for worker in workers])

    def switch(self, seconds: float, workers: Iterable[WorkerTracker]) -> None:
        """Change the switch interval: running workers do it themselves, so nobody has to wait for the GIL."""
        self._asked_s = seconds
        self._switch_s = None
        for worker in workers:
            self._set(worker.slot, seconds)

    def look(self, workers: Iterable[WorkerTracker]) -> None:
        """Learn from the workers what is true where they run now."""
        begun = [worker.header for worker in workers if worker.header[HEAD]]
        if begun:
            # Who sleeps has not noticed yet that it was turned on.
            self._gil_enabled = any(header[GIL] for header in begun)
            self._switch_s = begun[-1][SWITCH] / 1e9

    def view(self) -> Lab:
        """The lab as a snapshot shows it."""
        facts = self.lab.facts
        return Lab(
            state="dead" if self.death else "ready" if facts else "starting",
            executable=facts.get("executable", self.lab.kind.python),
            version=facts.get("version"),
            gil_enabled=facts.get("gil_enabled") if self._gil_enabled is None else self._gil_enabled,
            free_threaded_build=facts.get("free_threaded_build"),
            switch_interval_s=self._switch_s or self._asked_s or facts.get("switch_interval_s"),
            start_method=facts.get("start_method", self.lab.kind.start_method),
            message=self.death,
        )

    def _set(self, slot: int, seconds: float) -> None:
        words = self.lab.block.slot(slot)
        words[INTERVAL] = round(seconds * 1e9)
        words[CONTROL] += SETTING
