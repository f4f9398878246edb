"""Observes a process tree by the kernel's scheduling records: reads them 16 times a second."""

from __future__ import annotations

import gc
import os
import select
import time
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from pconc_tui.kernel.episodes import LOOKAHEAD_NS
from pconc_tui.kernel.perf_event import KERNEL, Access, NotAllowedError, access
from pconc_tui.kernel.recorder import DELAY_NS, Recorder
from pconc_tui.kernel.records import Comm, Fork, Lost, Record, Switch
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.json_lines import JsonLinesReader, encode_line, write_all
from pconc_tui.protocol.process_stat import descendants
from pconc_tui.sampler.observed_process import ObservedProcess
from pconc_tui.sampler.record_load import Batch, RecordLoad
from pconc_tui.sampler.scheduling import request_short_slices
from pconc_tui.sampler.thread_slots import ThreadSlots

PERIOD_S = 0.02
"""From one sample to the next."""
SAMPLES = 3
"""Samples from one reading of the records to the next."""
PAUSE_NS = 1_000_000_000
"""An overloaded observer leaves the cores to what will replace it for so long, if anything will."""
BEHIND_NS = DELAY_NS + LOOKAHEAD_NS
"""What happens is known this much later."""


class Events:
    """Sends events to the monitor."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, True)
        self._fd = fd
        self._lines: list[bytes] = []

    def report(self, event: str, **fields: Any) -> None:
        """Send an event with the next `flush`."""
        self._lines.append(encode_line({"event": event, **fields}))

    def flush(self) -> None:
        """Send the events."""
        if self._lines:
            write_all(self._fd, b"".join(self._lines))
            self._lines.clear()


class ObservedTree:
    """All processes of the tree."""

    def __init__(self, pid: int, block: Block, events: Events) -> None:
        """Begin to record a process and all below it. Raises NotAllowedError, ProcessLookupError."""
        self._recorder = Recorder(pid)
        self._report = events.report
        self._slots = ThreadSlots(block, events.report)
        self._processes: dict[int, ObservedProcess] = {}
        self._is_sampled = self._recorder.source != KERNEL
        """Whether records don't say what threads are blocked in."""
        self._early: list[Record] = []
        """Records of the time in which living processes were still being attached to."""
        self._attach_to_living(pid)
        self._load = RecordLoad()
        self._overloaded_ns = 0
        """When it was reported that it is overloaded; 0: it was not."""

    @property
    def source(self) -> str:
        """What the records have."""
        return self._recorder.source

    def read(self) -> None:
        """Read all records, and write what they say."""
        records, self._early = [*self._early, *self._recorder.read()], []
        if self._is_overloaded(records):
            self._early = records
            return
        watermark_ns = self._recorder.watermark_ns
        by_process: defaultdict[int, list[Record]] = defaultdict(list)
        for record in records:
            if type(record) is Switch:
                by_process[record.pid].append(record)
                continue
            if isinstance(record, Lost):
                self._report("lost", start_ns=record.time_ns, end_ns=record.until_ns, records=record.records)
                for pid in self._processes:
                    by_process[pid].append(record)
                continue
            by_process[record.pid].append(record)
            if isinstance(record, Fork):
                self._started(record)
            elif isinstance(record, Comm) and record.pid in self._processes:
                self._processes[record.pid].named(record)
        now_ns = time.perf_counter_ns()
        for pid, process in list(self._processes.items()):
            process.add(by_process.get(pid, ()), watermark_ns, now_ns)
            if not process.threads:
                process.close()
                del self._processes[pid]
                self._report("process_ended", pid=pid, ended_ns=watermark_ns)
        self._slots.publish(watermark_ns - LOOKAHEAD_NS)

    @property
    def pauses(self) -> bool:
        """Whether it has just reported that it is overloaded, and leaves the records in the rings."""
        return 0 < time.perf_counter_ns() - self._overloaded_ns < PAUSE_NS

    def _is_overloaded(self, records: Collection[Record]) -> bool:
        """Whether judging these records costs too much; this is reported, once, and they can wait."""
        if self._overloaded_ns:
            return False
        losses = sum(type(each) is Lost and each.until_ns > each.time_ns for each in records)
        now_ns = time.perf_counter_ns()
        switches_hz = self._load.add(Batch(now_ns, time.process_time_ns(), len(records), losses))
        if switches_hz is None:
            return False
        self._overloaded_ns = now_ns
        self._report("overloaded", switches_hz=switches_hz)
        return True

    def sample(self) -> None:
        """Sample what the records don't have."""
        for process in self._processes.values():
            process.sample(self._is_sampled)

    def close(self) -> None:
        """End recording."""
        for process in self._processes.values():
            process.close()
        self._recorder.close()

    def _started(self, record: Fork) -> None:
        """A thread was started, and perhaps a process with it."""
        parent = self._processes.get(record.parent_pid)
        if parent is None:
            return
        process = self._processes.get(record.pid) or self._add(record.pid, parent, record.time_ns)
        by = parent.threads.get(record.parent_tid)
        process.start_thread(record.tid, record.time_ns, by.id if by is not None else 0)

    def _attach_to_living(self, root: int) -> None:
        """Attach to all processes that live below the first. What an attached one has started since is recorded."""
        self._add_living(root, None)
        tried = {root}
        while True:
            # The records of the last moment come with the next reading.
            time.sleep(2 * DELAY_NS / 1e9)
            self._early += self._recorder.read()
            started = {record.pid for record in self._early if isinstance(record, Fork)}
            found = {pid: stat.parent for pid, stat in descendants(root).items() if stat.running}
            new = [pid for pid in found if pid not in tried and pid not in started]
            if not new:
                return
            for pid in new:
                tried.add(pid)
                with suppress(ProcessLookupError, FileNotFoundError):
                    self._recorder.attach(pid)
                    self._add_living(pid, self._processes.get(found[pid]))

    def _add_living(self, pid: int, parent: ObservedProcess | None) -> None:
        now_ns = time.perf_counter_ns()
        process = self._add(pid, parent, now_ns)
        for name in os.listdir(f"/proc/{pid}/task"):
            process.add_living_thread(int(name), now_ns)

    def _add(self, pid: int, parent: ObservedProcess | None, started_ns: int) -> ObservedProcess:
        process = self._processes[pid] = ObservedProcess(pid, parent, self._slots, self._report, started_ns)
        return process


def main(block_fd: int, events_fd: int, pid: int) -> None:
    """Observe until the monitor closes standard input."""
    events, commands = Events(events_fd), JsonLinesReader(0)
    request_short_slices()
    try:
        tree = ObservedTree(pid, Block(block_fd), events)
    except NotAllowedError as error:
        _refused(events, commands, problem(access()) or str(error))
        return
    except (ProcessLookupError, FileNotFoundError):
        _refused(events, commands, f"process {pid} has ended")
        return
    events.report("ready", source=tree.source, problem=problem(access()))
    gc.disable()  # There are no cycles here, and searching for them costs CPU time.
    samples = 0
    while True:
        events.flush()
        if select.select([0], [], [], PERIOD_S)[0]:
            batch = commands.read()
            if batch is None:
                break
            asked_ns = max(command["until_ns"] for command in batch)
            time.sleep(max(0.0, (asked_ns + BEHIND_NS + 100_000 - time.perf_counter_ns()) / 1e9))
            tree.read()
            events.report("read")
            samples = 0
        else:
            tree.sample()
            samples += 1
            if samples >= SAMPLES and not tree.pauses:
                tree.read()
                samples = 0
    tree.close()


def problem(allowed: Access) -> str | None:
    """What is in the way of records with registers, and how to remove it; None: nothing."""
    if not allowed.reason:
        return None
    how = f"; for exact ones: {allowed.how[0]}" if allowed.how else ""
    return f"{allowed.reason}{how} (more ways: pconc-tui doctor)"


def _refused(events: Events, commands: JsonLinesReader, problem: str) -> None:
    """Report that nothing can be observed, and why; wait for the monitor to end this process."""
    events.report("ready", source=None, problem=problem)
    events.flush()
    while commands.read() is not None:
        pass
