"""What a thread is asked besides its records."""

from __future__ import annotations

import os
from contextlib import closing
from itertools import count
from threading import get_native_id

from pconc_tui.kernel.outside import ClockSample
from pconc_tui.kernel.records import BLOCKED, IN, NO_FUTEX, Record, Switch
from pconc_tui.sampler.thread_samples import ThreadSamples

WAKE_UPS = 5000


def test_the_clock_of_a_thread_that_wakes_up_often_is_read_too() -> None:
    """Unless the reader loses its core just then, as it may a few times: dividing the waits takes longer."""
    pid, tid = os.getpid(), get_native_id()
    times_ns = count(1_000_000, 10_000)
    with closing(ThreadSamples(pid)) as samples:
        found: list[ClockSample] = []
        for _ in range(50):
            ways = [(IN, 0), (BLOCKED, NO_FUTEX)] * WAKE_UPS
            records: list[Record] = [Switch(next(times_ns), pid, tid, 0, way, futex) for way, futex in ways]
            found += samples.read(records, (), 5_000_000)
            if found:
                break
    assert [each.tid for each in found] == [tid]
