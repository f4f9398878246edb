"""Observes a process tree by the kernel's scheduling records: reads them a few times a second."""

from __future__ import annotations

import gc
import os
import select
import time
from collections.abc import Callable
from typing import Any

from pconc_tui.kernel.perf_event import Access, NotAllowedError, access
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.json_lines import JsonLinesReader, encode_line, write_all
from pconc_tui.sampler.observed_tree import BEHIND_NS, NEW_NS, PERIOD_NS, ObservedTree
from pconc_tui.sampler.scheduling import request_short_slices

MORE = 4
"""So many times as often it is sampled which threads hold GILs, as long as there are few samples of a new process; and
for how long its threads have waited for cores, as long as it may end soon.
"""
SAMPLES = 13
"""The longest time until it is read again how full the rings are, in samples."""
SAMPLES_AT_REST = 5
"""The same while no thread runs: the first threads that do are sampled so late."""
SAMPLES_WHILE_NEW = 2
"""Samples from one reading of the records to the next, at most, while a process is new: it may live for a moment only,
and how long its threads have waited for a core can be read while they live.
"""
SAMPLES_FOR_LOCKS = 3
"""The same while locks are found by where threads wait: that can be read only beside records that are new."""
FULL = 0.1
"""The part of a ring that may be full at a reading: more could overflow it while records are judged."""


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


def main(block_fd: int, events_fd: int, pid: int, idle_budget_ns: int, period_ns: int, while_new_ns: int) -> None:
    """Observe until the monitor closes standard input. `idle_budget_ns`: as for `RecordLoad`; `period_ns`: from one
    reading of the records to the next, where nothing calls for more; `while_new_ns`: the same while threads are new.
    """
    events, commands = Events(events_fd), JsonLinesReader(0)
    request_short_slices()
    try:
        tree = ObservedTree(pid, Block(block_fd), events.report, idle_budget_ns)
    except NotAllowedError as error:
        _refused(events, commands, problem(access()) or str(error))
        return
    except (ProcessLookupError, FileNotFoundError):
        _refused(events, commands, f"process {pid} has ended")
        return
    events.report("ready", source=tree.source, problem=problem(access()))
    gc.disable()  # There are no cycles here, and searching for them costs CPU time.
    samples, room, asked_ns = 0, 1, 0
    while True:
        events.flush()
        tree.publish()
        # Who asks has started workers, or waits for some that end.
        changes = tree.has_new_threads or time.perf_counter_ns() - asked_ns < NEW_NS
        longest = round((while_new_ns if changes else period_ns) / PERIOD_NS)
        most = min(room, SAMPLES_WHILE_NEW if tree.is_new else SAMPLES_FOR_LOCKS if tree.probes_locks else longest)
        # Programs can begin to switch more often at any time, so in a longer period too it is seen how full rings are.
        at_once = 1 if tree.needs_samples or tree.is_new else SAMPLES_AT_REST if tree.rests else SAMPLES
        step = min(max(1, most - samples), at_once)
        if is_asked(0, step * PERIOD_NS / 1e9, tree.sample_more, MORE if tree.needs_more_samples else 1):
            batch = commands.read()
            if batch is None:
                break
            asked_ns = max(command["until_ns"] for command in batch)
            time.sleep(max(0.0, (asked_ns + BEHIND_NS + 100_000 - time.perf_counter_ns()) / 1e9))
            tree.read()
            events.report("read")
            samples = 0
        else:
            samples += step
            fullness = tree.fullness
            is_due = samples >= most or fullness > FULL
            if is_due and not tree.pauses:
                tree.read()
                room = most_samples(samples, fullness, longest)
            elif tree.needs_samples:
                tree.sample()
            else:
                tree.sample_more()
            if is_due:
                samples = 0
    tree.close()


def is_asked(fd: int, wait_s: float, sample: Callable[[], None], samples: int) -> bool:
    """Whether a command comes within this time, in which all but the last of so many samples are taken."""
    for number in range(samples):
        if number:
            sample()
        if select.select([fd], [], [], wait_s / samples)[0]:
            return True
    return False


def most_samples(samples: int, fullness: float, most: int) -> int:
    """How many samples until the next reading: `most`, or fewer where rings were so full after `samples`. Pure.

    One that was full to 0.4 after 10 is full to `FULL` after 2.
    """
    return most if fullness * most <= FULL * samples else max(1, int(FULL * samples / fullness))


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
