"""What recording costs the program that is recorded: CPU time of the same work, recorded and not, by turns.

The program has one core for itself, so that neither a change of cores nor what records takes part in its CPU time; what
records has the others. Many short rounds say more than a few long ones, since what disturbs lasts longer than a round.
The kernel writes a record at each switch of a thread; so beside a program that computes stands one that does nothing
but switch, which shows what a switch costs more. A null control compares rounds that are not recorded with each other.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import NamedTuple

from pconc_tui.monitor.tree_client import TreeObserver
from tests.bench.figures import Figure, spread


class Extent(NamedTuple):
    """How much is measured."""

    trials: int
    """Pairs of rounds, of each kind of work."""
    threads: tuple[int, ...]
    """Of those that compute."""
    computed: int
    """Additions of all of them in a round."""
    switches: int
    """Round trips between two threads in a round."""


class Round(NamedTuple):
    """What one took."""

    cpu_s: float
    switches: int
    """Of its threads, off a core."""


FULL, SMOKE = Extent(80, (4, 64), 1_000_000, 3_000), Extent(2, (4,), 4000, 10)

ROUNDS = """
import os, resource, sys, threading, time
def switches():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_nvcsw + usage.ru_nivcsw
def compute(times):
    total = 0
    for number in range(times):
        total += number
def switch(times, reads, writes):
    for _ in range(times):
        os.write(writes, b"x")
        os.read(reads, 1)
(a, b), (c, d) = os.pipe(), os.pipe()
kind, count, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
begin, done = threading.Barrier(count + 1), threading.Barrier(count + 1)
def work(*arguments):
    while True:
        begin.wait()
        globals()[kind](*arguments)
        done.wait()
for each in [(times,)] * count if kind == "compute" else [(times, a, d), (times, c, b)]:
    threading.Thread(target=work, args=each, daemon=True).start()
for line in sys.stdin:
    cpu_s, before = time.process_time(), switches()
    begin.wait()
    done.wait()
    print(time.process_time() - cpu_s, switches() - before, flush=True)
"""


def figures(extent: Extent) -> Iterator[Figure]:
    """Threads that compute, then threads that switch."""
    per_s: dict[int, float] = {}
    for threads in extent.threads:
        recorded, null, _, per_s[threads] = _ratios("compute", threads, extent.computed // threads, extent.trials)
        yield _ratio(f"{threads} threads that compute, recorded / not", recorded, "<= 1.005")
        yield _ratio("the same, not / not", null, "1")
    recorded, null, each_us, _ = _ratios("switch", 2, extent.switches, extent.trials)
    yield _ratio("2 threads that only switch, recorded / not", recorded, "")
    yield _ratio("the same, not / not", null, "1")
    low, high = interval(each_us)
    remark = f"95 % interval of the median {low:.2f} to {high:.2f} us; {len(each_us)} pairs"
    yield Figure("CPU time that a switch costs more", f"{statistics.median(each_us):.2f} us", "", remark)
    for threads, switches in per_s.items():
        least, middle, most = (1 + us * switches / 1e6 for us in (low, statistics.median(each_us), high))
        remark = f"{least:.4f} to {most:.4f}: {switches:,.0f} switches in a second of CPU time"
        yield Figure(f"{threads} threads that compute, by their switches", f"{middle:.4f}", "<= 1.005", remark)


def _ratio(what: str, ratios: Sequence[float], target: str) -> Figure:
    low, high = interval(ratios)
    remark = f"95 % interval of the median {low:.4f} to {high:.4f}; {len(ratios)} pairs, middle half {spread(ratios)}"
    return Figure(what, f"{statistics.median(ratios):.4f}", target, remark)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % confidence interval of the median, by the ranks of the values. Pure."""
    ordered, half = sorted(values), 0.98 * math.sqrt(len(values))
    middle = (len(values) - 1) / 2
    return ordered[max(0, math.floor(middle - half))], ordered[min(len(values) - 1, math.ceil(middle + half))]


def _ratios(kind: str, threads: int, times: int, trials: int) -> tuple[list[float], list[float], list[float], float]:
    """Of CPU times, recorded and then null; how many us more a switch took in recorded rounds; their switches in a
    second of CPU time.
    """
    recorded: list[float] = []
    null: list[float] = []
    each_us: list[float] = []
    per_s: list[float] = []
    with program(kind, threads, times) as process:
        for number in range(trials):
            # What drifts while a machine is used falls on all three kinds alike.
            turn = number % 3
            order = ("first", "second", "recorded")[turn:] + ("first", "second", "recorded")[:turn]
            took = {each: _recorded(process) if each == "recorded" else one_round(process) for each in order}
            bare_s = (took["first"].cpu_s + took["second"].cpu_s) / 2
            recorded.append(took["recorded"].cpu_s / bare_s)
            null.append(took["first"].cpu_s / took["second"].cpu_s)
            per_s.append(took["recorded"].switches / took["recorded"].cpu_s)
            each_us.append(1e6 * (took["recorded"].cpu_s - bare_s) / max(1, took["recorded"].switches))
    return recorded, null, each_us, statistics.median(per_s)


@contextmanager
def program(kind: str, threads: int, times: int) -> Iterator[subprocess.Popen[bytes]]:
    """A program that does rounds of such work, on a core of its own if there are several; it has done one."""
    command = [sys.executable, "-c", ROUNDS, kind, str(threads), str(times)]
    with _other_cores() as first, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        os.sched_setaffinity(process.pid, first)
        one_round(process)
        yield process
        process.kill()


@contextmanager
def _other_cores() -> Iterator[set[int]]:
    """All but one core for this process and what it starts, if there are several; yields that one."""
    usable = os.sched_getaffinity(0)
    first = {min(usable)}
    os.sched_setaffinity(0, usable - first or usable)
    try:
        yield first
    finally:
        os.sched_setaffinity(0, usable)


def _recorded(process: subprocess.Popen[bytes]) -> Round:
    with closing(TreeObserver(process.pid)) as observer:
        while not observer.ready:
            time.sleep(0.01)
            observer.receive()
        assert observer.source is not None, observer.problem
        return one_round(process)


def one_round(process: subprocess.Popen[bytes]) -> Round:
    """Let it do one round."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    process.stdin.flush()
    cpu_s, switches = process.stdout.readline().split()
    return Round(float(cpu_s), int(switches))
