"""A process tree that is observed: the records of its threads and processes are given to each process."""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from operator import itemgetter

from pconc_tui.kernel.episodes import LOOKAHEAD_NS
from pconc_tui.kernel.perf_event import KERNEL
from pconc_tui.kernel.recorder import DELAY_NS, Living, Recorder, living_threads, thread_ids
from pconc_tui.kernel.records import Comm, Decoded, Exit, Fork, Lost, Slice, Switch
from pconc_tui.protocol.block import Block
from pconc_tui.sampler.idle_cores import IdleCores
from pconc_tui.sampler.observed_process import MOST_SAMPLED, ObservedProcess
from pconc_tui.sampler.record_load import Batch, RecordLoad
from pconc_tui.sampler.thread_slots import ThreadSlots

NEW_NS = 1_000_000_000
"""A process is new for so long, and a thread."""
YOUNG_NS = 300_000_000
"""It may live for no longer than this."""
CLOCKS_NS = 4_000_000
"""From one sample of new threads' clocks to the next, at least."""
PERIOD_NS, MOST_SAMPLING = 20_000_000, 0.05
"""From one sample to the next, where records alone don't say enough; and the part of the time that samples may take
while records are judged.
"""
BEHIND_NS = DELAY_NS + LOOKAHEAD_NS
"""What happens is known this much later."""
BEFORE_NS = 500_000
"""What is shown is from so long before the last samples: to take these, this process gets a core that threads lose."""
PAUSE_NS = 1_000_000_000
"""An overloaded observer leaves the cores to what will replace it for so long, if anything will."""


class ObservedTree:
    """All processes of the tree."""

    def __init__(self, root: int, block: Block, report: Callable[..., None], idle_budget_ns: int = 0) -> None:
        """Begin to record a process and all below it. `idle_budget_ns`: as for `RecordLoad`.

        Raises NotAllowedError, ProcessLookupError.
        """
        self._recorder = Recorder(root)
        self._root = root
        self._report = report
        self._slots = ThreadSlots(block, report)
        self._processes: dict[int, ObservedProcess] = {}
        self._last_new_ns = 0
        """When the last process was added."""
        self._last_thread_ns = time.perf_counter_ns()
        """When the last thread was added."""
        self._is_sampled = self._recorder.source != KERNEL
        """Whether records don't say what threads are blocked in."""
        self._unread: list[Decoded] = []
        """Records that wait for what will replace this."""
        for thread in self._recorder.living:
            self._add_living(thread)
        self._gone: set[tuple[int, int]] = set()
        """Processes and threads that are not there any more, though no record had said so yet."""
        self._known_ns = 0
        self._next_sample_ns = self._next_clocks_ns = 0
        self._were_blocked = False
        """Whether all threads were blocked at the last reading, which found no record."""
        self._idle = IdleCores()
        self._load = RecordLoad(os.cpu_count() or 1, idle_budget_ns)
        self._overloaded_ns = 0
        """When it was reported that it is overloaded; 0: it was not."""

    @property
    def source(self) -> str:
        """What the records have."""
        return self._recorder.source

    def read(self) -> None:
        """Read all records, and write what they say. First sample what they don't have: it is known up to then."""
        began_ns = time.perf_counter_ns()
        self._sample(sys.maxsize)
        if self._is_sampled:
            time.sleep(max(0, began_ns + BEHIND_NS - time.perf_counter_ns()) / 1e9)
        records, self._unread = [*self._unread, *self._recorder.read()], []
        self._sample_meanwhile()
        others = [each for each in records if type(each) not in _SWITCHES]
        losses = [each for each in others if type(each) is Lost and each.until_ns > each.time_ns]
        switches = len(records) + list(map(type, records)).count(Slice)  # Which has two.
        if self._is_overloaded(switches, losses):
            self._unread = records
            return
        # Read in this order: a thread that has got a core since leaves a record.
        self._were_blocked = not records and (self._were_blocked or self._are_blocked())
        watermark_ns = self._recorder.watermark_ns
        by_process = self._by_process(records, others)
        for pid, tid in self._gone:
            if pid in self._processes and tid in self._processes[pid].threads:
                by_process.setdefault(pid, []).append(Exit(watermark_ns - LOOKAHEAD_NS, pid, tid, 0))
        self._gone = self._missed(watermark_ns) if losses else set()
        now_ns = time.perf_counter_ns()
        for pid, process in list(self._processes.items()):
            process.add(by_process.get(pid, ()), watermark_ns, now_ns, self._sample_meanwhile)
            if not process.threads:
                process.close()
                del self._processes[pid]
                self._report("process_ended", pid=pid, ended_ns=watermark_ns)
        judged_ns = watermark_ns - LOOKAHEAD_NS
        self._known_ns = min(judged_ns, began_ns - BEFORE_NS) if self._is_sampled else judged_ns

    def _by_process(self, records: list[Decoded], others: list[Decoded]) -> dict[int, list[Decoded]]:
        """The records of each process; `others`: those that are no switches, by which processes and threads begin."""
        pids = set(map(_pid, records))
        if not others and len(pids) == 1:
            return {pids.pop(): records}
        found: defaultdict[int, list[Decoded]] = defaultdict(list)
        for record in records:
            if isinstance(record, Lost):
                self._report("lost", start_ns=record.time_ns, end_ns=record.until_ns, records=record.records)
                for pid in self._processes:
                    found[pid].append(record)
                continue
            found[record.pid].append(record)
            if isinstance(record, Fork):
                self._started(record)
            elif isinstance(record, Comm) and record.pid in self._processes:
                self._processes[record.pid].named(record)
        return found

    @property
    def fullness(self) -> float:
        """As `Recorder.fullness`."""
        return self._recorder.fullness

    def publish(self) -> None:
        """Write up to when all is known. Before, the events up to then must have been sent."""
        self._slots.publish(self._known_ns)

    @property
    def pauses(self) -> bool:
        """Whether it has just reported that it is overloaded, and leaves the records in the rings."""
        return 0 < time.perf_counter_ns() - self._overloaded_ns < PAUSE_NS

    def _is_overloaded(self, switches: int, losses: Collection[Lost]) -> bool:
        """Whether judging so many records costs too much; this is reported, once, and they can wait."""
        if self._overloaded_ns:
            return False
        now_ns = time.perf_counter_ns()
        lost_ns = sum(each.until_ns - each.time_ns for each in losses)
        batch = Batch(now_ns, time.process_time_ns(), self._idle.ns(), switches, len(losses), lost_ns)
        switches_hz = self._load.add(batch)
        if switches_hz is None:
            return False
        self._overloaded_ns = now_ns
        self._report("overloaded", switches_hz=switches_hz)
        return True

    @property
    def rests(self) -> bool:
        """Whether no thread has run since all were found to be blocked: then nothing that could be sampled changes."""
        return self._were_blocked and self._recorder.is_quiet

    def _are_blocked(self) -> bool:
        """Whether all threads are blocked now."""
        return all(process.is_blocked for process in self._processes.values())

    @property
    def needs_samples(self) -> bool:
        """Whether records don't say what threads are blocked in, or not for certain which one holds a GIL."""
        is_unknown = self._is_sampled or any(process.needs_samples for process in self._processes.values())
        return is_unknown and not self.rests

    @property
    def is_new(self) -> bool:
        """Whether a process is new: users wait for its first lanes."""
        return time.perf_counter_ns() - self._last_new_ns < NEW_NS

    @property
    def has_new_threads(self) -> bool:
        """Whether a thread is new: others like it may follow, and live for a moment only."""
        return time.perf_counter_ns() - self._last_thread_ns < NEW_NS

    @property
    def has_few_samples(self) -> bool:
        """Whether a new process needs samples and has few."""
        has_few = self.is_new and any(process.has_few_samples for process in self._processes.values())
        return has_few and not self.rests

    @property
    def probes_locks(self) -> bool:
        """Whether locks are read from memory, while threads wait for them."""
        return any(process.probes_locks for process in self._processes.values())

    def sample(self) -> None:
        """Sample what the records don't have."""
        self._sample(MOST_SAMPLED)

    def _sample(self, most: int) -> None:
        """`most`: of more threads, some are drawn."""
        if self.rests:
            return
        began_ns = time.perf_counter_ns()
        self._sample_clocks()
        self.sample_holders()
        for process in self._processes.values() if self._is_sampled else ():
            process.sample_blocked(most)
        took_ns = time.perf_counter_ns() - began_ns
        self._next_sample_ns = began_ns + max(PERIOD_NS, round(took_ns / MOST_SAMPLING))

    def _sample_meanwhile(self) -> None:
        """Sample between the steps of judging records: a program that has a core less then waits for other things."""
        self._sample_clocks()
        if self.needs_samples and time.perf_counter_ns() >= self._next_sample_ns:
            self.sample()

    @property
    def needs_more_samples(self) -> bool:
        """Whether a process is so new that it may end soon, or has few samples."""
        is_young = time.perf_counter_ns() - self._last_new_ns < YOUNG_NS
        return (is_young and not self.rests) or self.has_few_samples

    def sample_more(self) -> None:
        """Sample what is known of new processes only while they live, or of which there are few samples."""
        self._sample_clocks()
        if self.has_few_samples:
            self.sample_holders()

    def _sample_clocks(self) -> None:
        """Not without registers: which waits are for the GIL is known only when the records have been judged."""
        now_ns = time.perf_counter_ns()
        if now_ns >= self._next_clocks_ns and not self._is_sampled:
            self._next_clocks_ns = now_ns + CLOCKS_NS
            for process in self._processes.values():
                process.sample_clocks()

    def sample_holders(self) -> None:
        """Sample which threads hold GILs, which is fast."""
        for process in self._processes.values():
            process.sample_holders()

    def close(self) -> None:
        """End recording."""
        for process in self._processes.values():
            process.close()
        self._recorder.close()
        self._idle.close()

    def _started(self, record: Fork) -> None:
        """A thread was started, and perhaps a process with it."""
        parent = self._processes.get(record.parent_pid)
        if parent is None:
            return
        process = self._processes.get(record.pid) or self._add(record.pid, parent, record.time_ns)
        by = parent.threads.get(record.parent_tid)
        self._last_thread_ns = time.perf_counter_ns()
        process.start_thread(record.tid, record.time_ns, by.id if by is not None else 0)

    def _missed(self, now_ns: int) -> set[tuple[int, int]]:
        """Add threads whose start was among lost records; returns those that have ended, as `_gone`."""
        for thread in living_threads(self._root):
            # A main thread that has ended is listed as long as others go on.
            if thread.tid != thread.pid or thread.pid not in self._processes:
                self._add_living(thread._replace(since_ns=now_ns))
        known = {pid: set(process.threads) for pid, process in self._processes.items()}
        return {(pid, tid) for pid, tids in known.items() for tid in tids.difference(thread_ids(pid))}

    def _add_living(self, thread: Living) -> None:
        """A thread is there of whose start there is no record."""
        process = self._processes.get(thread.pid) or self._add(
            thread.pid, self._processes.get(thread.parent), thread.since_ns
        )
        process.add_living_thread(thread.tid, thread.since_ns)

    def _add(self, pid: int, parent: ObservedProcess | None, started_ns: int) -> ObservedProcess:
        self._last_new_ns = time.perf_counter_ns()
        process = self._processes[pid] = ObservedProcess(pid, parent, self._slots, self._report, started_ns)
        return process


_SWITCHES = frozenset({Slice, Switch})
_pid = itemgetter(1)
