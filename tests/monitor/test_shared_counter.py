"""The shared counter while workers add to it: nothing that a lock keeps is shown as lost."""

from __future__ import annotations

import random

from pconc_tui.experiments import LOCKED
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.monitor.shared_counter import Read, SharedCounter
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from tests.support import until


def test_iterations_that_are_newer_than_the_value_are_not_lost() -> None:
    counter = SharedCounter()
    shown = []
    for iterations, value in ((10_000, 9_800), (20_000, 9_800), (30_000, 29_500), (40_000, 31_000), (50_000, 31_000)):
        counter.sample(iterations, [Read(1, value, iterations)])
        shown.append((counter.value, counter.expected))
    assert shown == [(9_800, 9_800), (9_800, 9_800), (29_500, 29_500), (31_000, 31_000), (31_000, 31_000)]


def test_what_is_lost_is_found() -> None:
    counter = SharedCounter()
    for sample in range(1, 11):
        counter.sample(10_000 * sample, [Read(1, 4_000 * sample, sample), Read(2, 3_000 * sample, sample - 1)])
    assert counter.value == 40_000
    assert counter.expected == 80_000, "two samples ago"


def test_whenever_samples_are_taken_no_update_under_a_lock_seems_lost() -> None:
    choices = random.Random(1)
    for _ in range(50):
        total, values = 0, [0] * 4
        done, counter = [0] * 4, SharedCounter()
        for _ in range(500):
            worker = choices.randrange(4)
            done[worker] += 2_000
            total += 2_000
            if choices.random() < 0.5:
                values[worker] = total
            if choices.random() < 0.05:
                reads = [Read(each, value, total) for each, value in enumerate(values) if value]
                counter.sample(sum(done), reads)
                assert counter.expected == (counter.value or 0)


def test_with_the_lock_none_is_lost_while_workers_run(monitor: Monitor) -> None:
    for _ in range(3):
        monitor.launch(Request("lost-update", LOCKED, "threads"))
    lost: list[int | None] = []

    def has_counted(now: Snapshot) -> bool:
        lost.extend(each.lost for each in now.counters)
        return bool(now.counters) and (now.counters[0].expected or 0) > 100_000

    until(monitor, has_counted)
    assert {*lost} <= {0, None}
    monitor.stop_all()
