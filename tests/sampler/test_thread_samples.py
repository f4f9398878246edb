"""What a thread is asked besides its records."""

from __future__ import annotations

import os
from contextlib import closing
from itertools import count
from threading import Event, Thread, get_native_id
from time import monotonic, perf_counter_ns

from pconc_tui.kernel.outside import ClockSample
from pconc_tui.kernel.records import BLOCKED, IN, NO_FUTEX, Exit, Fork, Record, Switch
from pconc_tui.sampler.thread_samples import ThreadSamples
from tests.support import LONG_S

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
            samples.divide({}, 5_000_000)
            if found:
                break
    assert [each.tid for each in found] == [tid]


def test_a_thread_that_runs_is_ready_and_one_that_waits_or_has_ended_is_not() -> None:
    event = Event()
    waiting = Thread(target=event.wait)
    computing = Thread(target=lambda: [None for _ in iter(event.is_set, True)])
    with closing(ThreadSamples(os.getpid())) as samples:
        for thread, is_ready in ((waiting, False), (computing, True)):
            thread.start()
            until_ready_is(samples, thread, is_ready)
        event.set()
        for thread in (waiting, computing):
            thread.join()
            until_ready_is(samples, thread, False)


def until_ready_is(samples: ThreadSamples, thread: Thread, is_ready: bool) -> None:
    """Await it: a thread that is started has not blocked yet, and one that has been joined is about to end."""
    end_s = monotonic() + LONG_S
    while samples.is_ready(thread.native_id or 0) is not is_ready:
        assert monotonic() < end_s


def test_the_clocks_of_a_new_thread_are_read_before_its_records_are() -> None:
    stop, pid = Event(), os.getpid()
    thread = Thread(target=lambda: [None for _ in iter(lambda: stop.wait(1e-4), True)])
    before_ns = perf_counter_ns()
    thread.start()
    tid = thread.native_id or 0
    with closing(ThreadSamples(pid)) as samples:
        ways: list[Record] = [Fork(before_ns, pid, tid, 0, pid, pid), Switch(before_ns, pid, tid, 0, IN)]
        list(samples.read([*ways, Switch(before_ns + 1, pid, tid, 0, BLOCKED, NO_FUTEX)], (), 5_000_000))
        early_ns = perf_counter_ns()
        samples.read_early()
        stop.set()
        thread.join()
        found = list(samples.read([Exit(perf_counter_ns(), pid, tid, 0)], (), 5_000_000))
    assert [each.tid for each in found] == [tid]
    assert early_ns <= found[0].time_ns < perf_counter_ns()
    assert found[0].cpu_ns > 0
