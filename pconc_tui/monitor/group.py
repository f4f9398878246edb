"""Workers that share what they count, and what came of it."""

from __future__ import annotations

from itertools import count
from typing import Any

from pconc_tui import experiments
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.wait_graph import WaitGraph
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import GOT, LAST_RAN, PLAIN, PUT, UNSET, VALUE
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.snapshot import Counters

Kind = tuple[str, str, LabSpec]
"""Experiment, model and lab: workers launched alone join a group of the same kind."""


class Group:
    """The workers of one run, or all that were launched alone with one experiment and model."""

    def __init__(self, number: int, experiment: str, model: str, lab: LabSpec) -> None:
        self.number = number
        self.experiment = experiment
        self.model = model
        self.lab = lab
        self.members: list[WorkerTracker] = []
        self.waits = WaitGraph()
        self._moved = LastSecond()
        self._depths = [0, 0, 0]
        """How often the queue was looked at, the items that were in it all in all, and at most."""
        self.finished: dict[str, Any] | None = None
        """The lab's report after the last worker had ended; None while any lives."""

    @property
    def kind(self) -> Kind:
        return self.experiment, self.model, self.lab

    def look(self, now_ns: int) -> bool:
        """Once a frame: take what the members told; whether they have just turned out to be in a deadlock."""
        put, got = self._total(PUT), self._total(GOT)
        self._moved.add(now_ns, got)
        if put and any(member.alive for member in self.members):
            looks, items, most = self._depths
            depth = max(0, put - got)
            self._depths = [looks + 1, items + depth, max(most, depth)]
        return self.waits.look(self.members, now_ns)

    def _total(self, word: int) -> int:
        return sum(member.header[word] for member in self.members)

    def next_index(self) -> int:
        """The index of one more worker."""
        if not experiments.load(self.experiment).roles:
            return len(self.members)
        taken = {member.index for member in self.members if member.alive}
        return next(index for index in count() if index not in taken)

    @property
    def delayed(self) -> WorkerTracker | None:
        """The newest worker that tells of delays."""
        return next((member for member in reversed(self.members) if member.delays), None)

    @property
    def delays(self) -> DelayHistogram | None:
        """How late that one was."""
        return None if self.delayed is None else self.delayed.delays

    @property
    def seconds(self) -> float | None:
        """From the first start to the last join, as the workers' parent measured it."""
        if self.finished is None:
            return None
        return float(self.finished["ended_ns"] - self.finished["started_ns"]) / 1e9

    @property
    def problem(self) -> str | None:
        """Which worker did not finish its work, and why."""
        for fine in ({None, "done", "stopped"}, {None, "done"}):
            for member in self.members:
                if member.ending not in fine:
                    return f"{member.name}: {member.ending}"
        return None

    @property
    def stopped(self) -> bool:
        """Whether some workers were stopped, and nothing worse happened to any."""
        endings = {member.ending for member in self.members}
        return "stopped" in endings and endings <= {"done", "stopped"}

    @property
    def variant(self) -> str:
        """What its workers run, in the order of launch."""
        return " + ".join(dict.fromkeys(member.variant for member in self.members))

    def counters(self) -> Counters | None:
        """What the workers share now; None where the experiment shares nothing."""
        reported = self.finished["counters"] if self.finished else {}
        seen = [member for member in self.members if member.header[VALUE] != UNSET]
        latest = max(seen, key=lambda member: member.header[LAST_RAN], default=None)
        counts = experiments.load(self.experiment).counts
        delayed = self.delayed
        put, rates = self._total(PUT), self._moved.rates()
        if not reported and latest is None and delayed is None and not self.waits.found and not put:
            return None
        value = reported.get("value", reported.get("shared_num"))
        if value is None and latest is not None:
            value = latest.header[VALUE]
        plain = [(member.name, member.header[PLAIN]) for member in self.members if member.header[PLAIN] != UNSET]
        return Counters(
            experiment=self.experiment,
            variant=self.variant,
            model=self.model,
            workers=len(self.members),
            final=self.finished is not None,
            python=self.members[0].lab.version,
            start_method=self.lab.start_method,
            value=value,
            expected=sum(member.iterations for member in self.members) if counts else None,
            plain_num=reported.get("plain_num"),
            plain_of=tuple(plain),
            object=reported.get("object"),
            put=put or None,
            got=self._total(GOT) if put else None,
            got_per_s=rates[0] if rates and put and self.finished is None else None,
            depth_mean=self._depths[1] / self._depths[0] if self._depths[0] else None,
            depth_max=self._depths[2] if self._depths[0] else None,
            waits=self.waits.now,
            deadlock=self.waits.deadlock,
            delays=None if delayed is None else delayed.delays,
            recent_delays=None if delayed is None else delayed.recent_delays,
        )
