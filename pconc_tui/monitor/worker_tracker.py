"""One worker as the monitor tracks it: its slot, its lane, and what the system tells of its thread."""

from __future__ import annotations

from pconc_tui.models import OWN_THREADS, STARTING_PROCESSES, lab_model
from pconc_tui.monitor.lab_process import LabProcess
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.sampler_client import SampledTransitions
from pconc_tui.monitor.system import thread_use
from pconc_tui.protocol import block
from pconc_tui.protocol.block import UNSET, transitions
from pconc_tui.protocol.delay_histogram import DelayHistogram
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.gil import Gil
from pconc_tui.timeline.span_builder import SpanBuilder
from pconc_tui.timeline.spans import Times


class WorkerTracker:
    """Follows one worker from its launch on; what it knew last stays when the worker has ended."""

    def __init__(
        self,
        id: int,
        name: str,
        index: int,
        experiment: str,
        variant: str,
        model: str,
        lab: LabProcess,
        slot: int,
        now_ns: int,
        pieces: int | None,
    ) -> None:
        self.id = id
        self.name = name
        self.index = index
        self.experiment = experiment
        self.variant = variant
        self.model = model
        self.lab = lab
        self.slot = slot
        self.sampled: SampledTransitions | None = None
        """What is seen of it from outside; None: nobody looks, it tells all itself."""
        self.traceback: list[str] = []
        self.ending: str | None = None
        self.lost = 0
        """Transitions overwritten before they were read."""
        self.lane = SpanBuilder(id, now_ns, pieces)
        self.header: list[int] = [0] * block.HEADER_WORDS
        self.header[block.VALUE] = self.header[block.PLAIN] = UNSET
        self.core: int | None = None
        self.cpu: float | None = None
        self._words = lab.block.slot(slot)
        self._head = 0
        self._cpu_ns: int | None = None
        self._noted_end = False
        self._recent = LastSecond()
        self._delays = [0] * block.DELAY_WORDS
        self._recent_delays = LastSecond()
        self._cpu_recent = LastSecond()

    @property
    def alive(self) -> bool:
        return self.ending is None

    @property
    def thread(self) -> tuple[int, int]:
        """Process and native thread id."""
        return self.header[block.PID], self.header[block.NATIVE_ID]

    @property
    def iterations(self) -> int:
        return self.header[block.ITERATIONS]

    def take(self, gils: dict[int, Gil]) -> None:
        """Read the slot."""
        self.header = header = self._words[: block.HEADER_WORDS].tolist()
        self._delays = self._words[block.DELAYS : block.RING_AT].tolist()
        if self.lane.started_ns is None and header[block.LAUNCHED]:
            self.lane.launch_began(header[block.LAUNCHED])
        if self.sampled is not None:
            self.sampled.read()
        words, self._head, lost = transitions(self._words, self._head)
        self.lost += lost
        beat_ns = header[block.BEAT]
        number = self._words[block.GIL]  # Noted before the first transition, maybe since the header was read.
        chunk_ns = header[block.CHUNK]
        if self.sampled is not None:
            header[block.CPU] = self._words[block.CPU]  # Written before the last transition, as above.
            words, beat_ns = self.sampled.take(words, header, header[block.CPU])
            number = self.sampled.gil(number)
            chunk_ns = chunk_ns if header[block.REPORTS] else self.sampled.period_ns
        header[block.GIL] = number
        if not number:
            self.lane.gil = None
        elif self.lane.gil is None and (words or self.lane.started_ns is not None):
            self.lane.gil = gils.setdefault(number, Gil())
        self.lane.take(words, beat_ns, chunk_ns, header[block.SLEEP_END])

    def sample(self, now_ns: int) -> None:
        """Ask the system about the worker's thread."""
        pid, native_id = self.header[block.PID], self.header[block.NATIVE_ID]
        use = thread_use(pid, native_id) if native_id else None
        if use is None:
            return
        self.core = use.core
        self._cpu_ns = use.cpu_ns
        self._cpu_recent.add(now_ns, use.cpu_ns)
        rates = self._cpu_recent.rates()
        self.cpu = None if rates is None else rates[0] / 1e9

    def note(self, now_ns: int) -> None:
        """Remember the totals as they are now, for the rates of the last second."""
        times = self.lane.times(now_ns)
        self._recent.add(
            now_ns, times.running, times.gil_wait, times.core_wait, times.io, times.lock_wait, self.iterations
        )
        if self._delays[0]:
            self._recent_delays.add(now_ns, *self._delays[1:])

    def end(self, ending: str, now_ns: int) -> None:
        """The worker has ended, and its slot is about to be another's."""
        self.lane.seal(now_ns)
        self._noted_end = self.lane.ended_ns is not None
        self.lane.cut(now_ns)
        self.ending = ending
        self._words.release()
        if self.sampled is not None:
            self.sampled.end()

    @property
    def recent(self) -> Times | None:
        """The last second."""
        growth = self._recent.growth()
        # What was told of a wait then under way may have become another state since.
        return None if growth is None else Times(*(max(0.0, each) for each in growth[:5]))

    @property
    def delays(self) -> DelayHistogram | None:
        """How late it was, each time it had planned to run; None where it has not."""
        longest, *counts = self._delays
        return DelayHistogram(tuple(counts), longest) if longest else None

    @property
    def recent_delays(self) -> DelayHistogram | None:
        """The same in the last second."""
        growth = self._recent_delays.growth() if self.alive else None
        return self.delays.within(growth) if self.delays and growth and any(growth) else None

    @property
    def cpu_s(self) -> float | None:
        """CPU time from its first instruction on: by its own clock if it noted its end, else by the system's."""
        if self._noted_end:
            return self.header[block.CPU] / 1e9
        # The system's clock trails by up to a tick.
        return None if self._cpu_ns is None else max(0, self._cpu_ns - self.header[block.CPU_BEFORE]) / 1e9

    @property
    def starting_cpu_s(self) -> float | None:
        """CPU time of its thread up to its first instruction; None: unknown, or the thread was there before."""
        known = lab_model(self.model) in OWN_THREADS and self.lane.started_ns is not None
        return self.header[block.CPU_BEFORE] / 1e9 if known else None

    def progress(self, now_ns: int) -> float:
        """How far the worker's rounds are, 0 to 1; a sleep in the first one counts as it passes."""
        if not self.alive:
            return 1.0
        done = self.header[block.PROGRESS] / 1e6
        end_ns = self.header[block.SLEEP_END]
        if done == 0 and end_ns and self.lane.started_ns is not None:
            whole = end_ns - self.lane.started_ns
            return min(1.0, max(0.0, 1 - (end_ns - now_ns) / whole)) if whole > 0 else 0.0
        return done

    def view(self, now_ns: int) -> Worker:
        """The worker as a snapshot shows it."""
        header = self.header
        rates = self._recent.rates() if self.alive else None
        gil = self.lane.gil
        return Worker(
            id=self.id,
            name=self.name,
            experiment=self.experiment,
            variant=self.variant,
            model=self.model,
            python=self.lab.version,
            launched_ns=self.lane.launched_ns,
            start_method=self.lab.facts.get("start_method") if self.model in STARTING_PROCESSES else None,
            state=self.lane.state(now_ns),
            ending=self.ending,
            pid=header[block.PID] or None,
            native_id=header[block.NATIVE_ID] or None,
            core=self.core,
            # The system counts threads, not the tasks on one.
            cpu=self.cpu if self.alive and self.model != "asyncio" else None,
            recent=self.recent if self.alive else None,
            total=self.lane.times(now_ns),
            cpu_s=self.cpu_s,
            starting_cpu_s=self.starting_cpu_s,
            iterations=self.iterations,
            rate=None if rates is None else rates[5],
            handoffs=0 if gil is None else gil.handoffs[self.id],
            started_ns=self.lane.started_ns,
            ended_ns=self.lane.ended_ns,
            history=self.lane.history(now_ns),
            sampling=None if self.sampled is None else self.sampled.view(header, self.lane.mixed_ns),
            traceback="\n".join(self.traceback),
        )
