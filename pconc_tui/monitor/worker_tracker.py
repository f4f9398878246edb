"""Tracks one worker: reads its slot, builds its lane, and makes its part of a Snapshot."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pconc_tui.models import OWN_THREADS, STARTING_PROCESSES, lab_model
from pconc_tui.monitor.lab_process import LabProcess
from pconc_tui.monitor.last_second import LastSecond, growing, recent_times
from pconc_tui.monitor.observed_lane import ObservedLane
from pconc_tui.monitor.slot_reader import SlotReader
from pconc_tui.monitor.thread_cpu import ThreadUse, thread_use
from pconc_tui.monitor.wait_description import Stack
from pconc_tui.protocol import block
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.protocol.lane_source import RECORDS, Source
from pconc_tui.snapshot import CpuSample, Worker
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.span_builder import SpanBuilder
from pconc_tui.timeline.spans import Times

MOST_RELEASED = 0.1
"""A recorded worker that runs without the GIL for a greater part of the time takes it often without waiting for it."""
BEFORE_NS = 1_000_000
"""The present state that is shown is from so long before: to read it, this process gets a core that workers lose."""


@dataclass(frozen=True)
class WorkerInfo:
    """A worker that is launched."""

    id: int
    name: str
    index: int
    """Its index in its group, which selects its role where the experiment has roles."""
    experiment: str
    variant: str
    model: str
    slot: int
    """Number of its slot in the lab's block."""
    launched_ns: int
    role: str = ""
    """As in `Worker`."""


class WorkerTracker:
    """Tracks one worker from its launch on. The last known values stay when it has ended."""

    def __init__(
        self, info: WorkerInfo, lab: LabProcess, observed: ObservedLane | None, max_history_pieces: int | None
    ):
        """`observed`: what is seen of the worker from outside; None: nothing, since it reports everything."""
        self.info = info
        self.id = info.id
        self.name = info.name
        self.slot = info.slot
        self.lab = lab
        self.observed = observed
        self.lane = SpanBuilder(info.id, info.launched_ns, max_history_pieces)
        self.lane.needs_gil_to_start = lab_model(info.model) == "threads"
        self.ending: str | None = None
        """How it ended; None while it lives."""
        self.sent_bytes: int | None = None
        """Size of the result that it sent back; None: unknown, or it sent none."""
        self.stack: Stack | None = None
        """Where it is in the user's code, as the lab reported it last; None: it has not since it was asked."""
        self.traceback: list[str] = []
        """Lines of the traceback of the exception that ended it."""
        self._reader = SlotReader(lab.block.slot(info.slot))
        self.header = self._reader.header
        """The header of its slot, as last read."""
        self._use: ThreadUse | None = None
        """The last sample of its thread."""
        self._sampled_times = Times()
        """Its times at that sample."""
        self._final_cpu_ns: int | None = None
        """CPU time of its thread at its end, if the lab could read it."""
        self._recorded_end = False
        """Whether it has recorded its end, and its CPU time with it."""
        self._recent = LastSecond()
        """Times in each state, up to the moments that are shown."""
        self._recent_counts = LastSecond()
        """Iterations and CPU time of its thread, both from the same moments."""
        self.recent: Times | None = None
        """Time in each state over the last second."""
        self._rates: tuple[float, ...] | None = None
        """The rates of these counts over the last second."""
        self._recent_delays = LastSecond()

    @property
    def alive(self) -> bool:
        return self.ending is None

    @property
    def thread(self) -> tuple[int, int]:
        """Process id and native thread id; 0 while unknown."""
        return self.header[block.PID], self.header[block.NATIVE_ID]

    @property
    def iterations(self) -> int:
        return self.header[block.ITERATIONS]

    def read(self, gils: defaultdict[int, Gil]) -> None:
        """Read the slot, and add what is new to the lane. `gils`: all known GILs by number."""
        if self.observed is not None:
            self.observed.read()  # Before its own transitions, which end what is seen.
        words = self._reader.read()
        if words:
            self._recorded_end = block.unpack(words[-1])[1] is block.State.ENDED
        self.header = header = self._reader.header
        if self.lane.started_ns is None and header[block.LAUNCHED]:
            self.lane.set_launched(header[block.LAUNCHED])
        last_ran_ns, fresh_ns, ran = header[block.LAST_RAN], 2 * header[block.CHUNK], None
        if self.observed is not None:
            self.lane.hides_releases = not header[block.REPORTING_SINCE]
            self.lane.is_observed = self.observed.source in RECORDS and not header[block.REPORTING_SINCE]
            words, last_ran_ns, ran = self.observed.take(words, header, header[block.CPU])
            header[block.GIL] = self.observed.gil(header[block.GIL])
            if not header[block.REPORTING_SINCE]:
                fresh_ns = self.observed.fresh_ns
        if not header[block.GIL]:
            self.lane.gil = None
        elif self.lane.gil is None:
            self.lane.gil = gils[header[block.GIL]]
        self.lane.add(words, last_ran_ns, fresh_ns, header[block.SLEEP_END], ran)

    def sample(self, now_ns: int, read_ns: int) -> None:
        """Read CPU time and core of the worker's thread, at `read_ns`, and its times up to `now_ns`, which is shown.

        Figures of the last second are of one second of the one or the other; the first begins with its first
        instruction.
        """
        started_ns = self.lane.started_ns
        if started_ns is None or not self.alive:
            return
        use = thread_use(*self.thread)
        if use is None and self._use is not None:
            return  # The thread has ended.
        if not self._recent:
            self._recent.add(started_ns, *[0] * 6)
            self._recent_counts.add(started_ns, 0, self.header[block.CPU_BEFORE])
        times = self.lane.times(now_ns)
        self._recent.add(now_ns, *growing(times))
        self._recent_counts.add(read_ns, self.iterations, use.cpu_ns if use else 0)
        self._use, self._sampled_times = use, times
        self._rates, growth = self._recent_counts.rates(), self._recent.growth()
        self.recent = None if growth is None else recent_times(growth)

    def known_ns(self, now_ns: int) -> int:
        """Up to when is known what it does; now where it reports that, has not started as far as is known, or where
        nothing was seen of it for long.
        """
        if self.observed is None or not self.is_recorded:
            return now_ns
        seen_ns = self.observed.last_ns
        return seen_ns if now_ns - seen_ns < self.observed.fresh_ns else now_ns

    @property
    def is_recorded(self) -> bool:
        """Whether it has started, and others say what it does since."""
        return self.lane.is_observed and self.lane.started_ns is not None

    @property
    def has_unread(self) -> bool:
        """Whether it has reported more than was read; always, where not only records say what it does."""
        return not self.is_recorded or self._reader.has_unread

    def add_delays(self, now_ns: int) -> None:
        """Add the current delays to those from which the delays of the last second are computed."""
        if self._reader.delay_counts:
            self._recent_delays.add(now_ns, *self._reader.delay_counts)

    def end(self, ending: str, now_ns: int, cpu_ns: int | None) -> None:
        """The worker has ended; its slot is about to be released. `cpu_ns`: CPU time of its thread; None: unknown."""
        self._final_cpu_ns = cpu_ns
        self.lane.finalize(now_ns)
        if self.observed is not None and not self._recorded_end and self.lane.started_ns is not None:
            ended = [block.pack(now_ns, block.State.ENDED)]
            words, last_ran_ns, ran = self.observed.take(ended, self.header, self._used_ns or 0)
            self.lane.add(words, last_ran_ns, ran=ran)
        self.lane.end(now_ns)
        if self.observed is not None and self.observed.is_recorded and self._recorded_end:
            self.lane.fill_unknown(self.header[block.CPU])
            if self.source is Source.SAMPLED:  # Since there were too many records.
                self.lane.correct(self.header[block.CPU])
        self.ending = ending
        self._reader.close()
        if self.observed is not None:
            self.observed.end()

    @property
    def source(self) -> Source | None:
        """Where its lane comes from; None: not known yet."""
        if self.observed is None:
            return Source.REPORTED
        source = self.observed.source
        return Source.REPORTED if source is Source.SAMPLED and self.header[block.REPORTING_SINCE] else source

    @property
    def lost_transitions(self) -> int:
        """How many of its transitions were overwritten before they could be read."""
        return self._reader.lost + (self.observed.lost if self.observed is not None else 0)

    @property
    def delays(self) -> DelayHistogram | None:
        """How late it was each time it had planned to run; None if it never had."""
        return self._reader.delays

    @property
    def recent_delays(self) -> DelayHistogram | None:
        """The delays of the last second."""
        growth = self._recent_delays.growth() if self.alive else None
        return self.delays.within(growth) if self.delays and growth and any(growth) else None

    @property
    def shows_handoffs(self) -> bool:
        """Whether its lane shows each hand-off: it is recorded, or reports when it runs and then holds the GIL.

        Records don't show that it takes the GIL where no other thread waits, as where the GIL is released often.
        """
        if self.source is Source.KERNEL:
            return self.lane.released_share <= MOST_RELEASED
        return self.source is Source.REPORTED and not self.lane.released

    @property
    def cpu(self) -> float | None:
        """CPU time per wall time of its thread over the last second; 1.0 is one core."""
        return max(0.0, self._rates[1] / 1e9) if self._use and self._rates else None

    @property
    def cpu_s(self) -> float | None:
        """CPU time from its first instruction on: by its own clock if it recorded its end, else by the system's.

        None: unknown, also of a worker whose process was killed and could not be read afterwards.
        """
        if self._recorded_end:
            return self.header[block.CPU] / 1e9
        # The lane of an observed worker ends with what was last seen of it.
        is_current = self.alive or self.observed is not None or self._final_cpu_ns is not None
        return self._used_ns / 1e9 if is_current and self._used_ns is not None else None

    @property
    def _used_ns(self) -> int | None:
        """CPU time from its first instruction on, by its thread's CPU clock when that was last read from outside."""
        # The clock can be behind by up to a tick.
        known = self._final_cpu_ns, self._use and self._use.cpu_ns, self.observed and self.observed.cpu_ns
        cpu_ns = max(each or 0 for each in known)
        return max(0, cpu_ns - self.header[block.CPU_BEFORE]) if cpu_ns else None

    @property
    def _last_cpu(self) -> CpuSample | None:
        if self._use is None or not self._has_own_thread:
            return None
        return CpuSample(max(0, self._use.cpu_ns - self.header[block.CPU_BEFORE]) / 1e9, self._sampled_times)

    @property
    def _has_own_thread(self) -> bool:
        """Whether no other worker uses its thread now: asyncio tasks share one, and the system counts CPU by thread."""
        return self.info.model != "asyncio"

    @property
    def starting_cpu_s(self) -> float | None:
        """CPU time of its thread before its first instruction; None: unknown, or the thread was not started for it."""
        known = lab_model(self.info.model) in OWN_THREADS and self.lane.started_ns is not None
        return self.header[block.CPU_BEFORE] / 1e9 if known else None

    def progress(self, now_ns: int) -> float:
        """Part of its work that is done, 0 to 1; during a sleep in its first round, the part of the sleep."""
        if not self.alive:
            return 1.0
        done = self.header[block.PROGRESS] / 1e6
        end_ns = self.header[block.SLEEP_END]
        if done == 0 and end_ns and self.lane.started_ns is not None:
            sleep_ns = end_ns - self.lane.started_ns
            return min(1.0, max(0.0, 1 - (end_ns - now_ns) / sleep_ns)) if sleep_ns > 0 else 0.0
        return done

    def snapshot(self, now_ns: int) -> Worker:
        """The worker's part of a Snapshot."""
        info, header, lane = self.info, self.header, self.lane
        return Worker(
            id=info.id,
            name=info.name,
            experiment=info.experiment,
            variant=info.variant,
            model=info.model,
            python=self.lab.version,
            launched_ns=lane.launched_ns,
            start_method=self.lab.facts.get("start_method") if info.model in STARTING_PROCESSES else None,
            state=lane.state_before(now_ns - BEFORE_NS, now_ns),
            ending=self.ending,
            pid=header[block.PID] or None,
            native_id=header[block.NATIVE_ID] or None,
            core=self._use.core if self._use else None,
            cpu=self.cpu if self.alive and self._has_own_thread else None,
            recent=self.recent if self.alive else None,
            total=lane.times(now_ns),
            cpu_s=self.cpu_s,
            last_cpu=self._last_cpu,
            starting_cpu_s=self.starting_cpu_s,
            iterations=self.iterations,
            rate=self._rates[0] if self.alive and self._rates else None,
            handoffs=0 if lane.gil is None else lane.gil.handoffs.received(info.id),
            shows_handoffs=self.shows_handoffs,
            started_ns=lane.started_ns,
            ended_ns=lane.ended_ns,
            role=info.role,
            held_s=lane.held_s(now_ns),
            history=lane.history(now_ns),
            sampling=None if self.observed is None else self.observed.view(header, lane.mixed_ns),
            traceback="\n".join(self.traceback),
            sent_bytes=self.sent_bytes,
            gil=header[block.GIL] or None,
            source=self.source and self.source.value,
            lost_transitions=self.lost_transitions,
        )
