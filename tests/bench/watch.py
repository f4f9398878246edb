"""Watching: from the start to the first lanes, and what it costs this program and the one that is watched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

from pconc_tui.monitor.watch import Watch
from pconc_tui.protocol.process_stat import descendants, process_stat
from pconc_tui.snapshot import Snapshot
from tests.bench.figures import Figure

CODE = """
import sys, threading, time
all_started = threading.Event()
def crunch():
    all_started.wait()
    value = 0
    while True:
        for step in range(100_000):
            value += step
def sleeps():
    all_started.wait()
    while True:
        time.sleep(0.05)
for n in range(int(sys.argv[1])):
    threading.Thread(target=sleeps if n % 4 else crunch, daemon=True).start()
print("up", flush=True)
all_started.set()
sys.stdin.read()
"""
"""Threads of which each fourth computes, and the others wake up 20 times a second."""


class Extent(NamedTuple):
    """How much is measured."""

    threads: tuple[int, ...]
    seconds: float
    """For which the cost is measured."""


FULL, SMOKE = Extent((4, 16, 64, 256), 5), Extent((4,), 0.3)


def figures(extent: Extent) -> Iterator[Figure]:
    """For each number of threads."""
    for threads in extent.threads:
        with program(threads) as process:
            began_s = time.perf_counter()
            with closing(Watch(process.pid)) as watch:
                snapshot = until_all_have_lanes(watch, threads + 1)
                first_s = time.perf_counter() - began_s
                source = snapshot.program.source if snapshot.program else None
                yield Figure(f"first lanes, {threads} threads", f"{first_s:.2f} s", "<= 0.5 s", f"lanes: {source}")
                yield _cost(watch, process.pid, threads, extent.seconds)


def _cost(watch: Watch, pid: int, threads: int, seconds: float) -> Figure:
    """CPU time of this process and of all that it has started, without the program."""
    before_ns, began_s, frames = _own_cpu_ns(pid), time.perf_counter(), 0
    while time.perf_counter() - began_s < seconds:
        watch.poll()
        frames += 1
        time.sleep(0.1)
    share = (_own_cpu_ns(pid) - before_ns) / 1e9 / (time.perf_counter() - began_s)
    return Figure(f"cost, {threads} threads", f"{share:.1%}", "", f"of a core: observer, stacks and {frames} polls")


def _own_cpu_ns(pid: int) -> int:
    """CPU time of this process and its descendants, ended ones included, without the program's."""
    found = {os.getpid(): process_stat(os.getpid()), **descendants(os.getpid())}
    program = descendants(pid).keys() | {pid}
    return sum(stat.cpu_ns + stat.reaped_ns for id, stat in found.items() if stat is not None and id not in program)


def until_all_have_lanes(watch: Watch, threads: int) -> Snapshot:
    """Poll until so many threads have lanes."""
    while True:
        snapshot = watch.poll()
        if sum(bool(each.history and each.history[-1]) for each in snapshot.workers) >= threads:
            return snapshot
        time.sleep(0.01)


@contextmanager
def program(threads: int) -> Iterator[subprocess.Popen[bytes]]:
    """A program with so many threads; `CODE` says what they do."""
    command = [sys.executable, "-c", CODE, str(threads)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()
