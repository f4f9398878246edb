"""Lanes from the kernel's records: the GIL's holder, running against the CPU clock, hand-offs, what recording costs."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pconc_tui.kernel.perf_event import access
from pconc_tui.protocol.block import RUNS, State
from tests.bench.figures import Figure
from tests.bench.sampled_running import busy
from tests.bench.truth import HeldLock, Sample, agreement, verdict
from tests.kernel.observation import Observation, observe
from tests.support import interpreters

HERE = Path(__file__).parent
FUNCTIONS = HERE.parent / "own_code" / "kinds.py"
FLAG_VERSION = "3.15"
NEAR_NS = 50_000
NAMES = (
    *("pure_python", "json_text", "yields", "short_sleeps", "long_sleeps", "logs", "sockets"),
    *("compresses", "hashes", "sqlite", "locks", "queues", "files"),
)


class Extent(NamedTuple):
    """How much is measured."""

    threads: tuple[int, ...]
    loads: tuple[int, ...]
    """CPU-bound programs beside."""
    seconds: float
    """For each number of threads and load."""
    functions: tuple[str, ...]
    versions: bool
    """Under every interpreter."""
    intervals_us: tuple[float, ...]
    """Switch intervals other than the usual one."""


FULL = Extent((2, 4, 8, 16, 32, 64), (0, 4), 8, NAMES, True, (500, 50, 1))
SMOKE = Extent((2,), (0,), 0.2, ("pure_python",), False, (50,))


def figures(extent: Extent) -> Iterator[Figure]:
    """Truth, then cost."""
    allowed = access()
    if allowed.source is None:
        yield Figure("all", "-", "", allowed.reason)
        return
    yield from _holders(extent)
    yield from _versions(extent)
    yield from _functions(extent)
    yield from _costs(extent)


def _holders(extent: Extent) -> Iterator[Figure]:
    """The GIL's holder by the records and by CPython's own flag."""
    python = interpreters().get(FLAG_VERSION)
    if python is None:
        yield Figure("agreement", "-", ">= 99.9 %", f"no Python {FLAG_VERSION} found")
        return
    everything: Counter[str] = Counter()
    failed = 0
    for load in extent.loads:
        for threads in extent.threads:
            with busy(load):
                found, verdicts, failures = _compared(python, threads, extent.seconds)
            yield agreement(f"{threads} threads, load {load}", verdicts, failures, ">= 99.9 %")
            yield _handoffs(f"hand-offs, {threads} threads, load {load}", found)
            everything += verdicts
            failed += failures
    yield agreement("all", everything, failed, ">= 99.9 %")
    for interval_us in extent.intervals_us:
        for threads in extent.threads[:2]:
            found, verdicts, failures = _compared(python, threads, extent.seconds, interval_us)
            yield agreement(f"{threads} threads, switch interval {interval_us} us", verdicts, failures, "")
            yield _handoffs(f"hand-offs, {threads} threads, {interval_us} us", found)


def _compared(
    python: str, threads: int, seconds: float, interval_us: float = 5000
) -> tuple[Observation, Counter[str], int]:
    """Threads that compute: what was recorded, the verdicts on samples of the flag, and how many of these failed."""
    with computing(python, threads, interval_us) as process:
        found, seen = with_flag(python, process.pid, seconds)
    samples = [Sample(before, after, tuple(held)) for before, after, held in seen["samples"]]
    return found, judged(found, samples), seen["failed"]


def with_flag(python: str, pid: int, seconds: float, keep_records: bool = False) -> tuple[Observation, dict[str, Any]]:
    """Record a process, and sample CPython's own flag meanwhile."""
    with tempfile.TemporaryFile() as output:
        command = [python, "-P", str(HERE / "sampler.py"), str(pid), str(seconds)]
        with subprocess.Popen(command, stdout=output) as sampler:
            found = observe(pid, lambda _: sampler.poll() is not None, keep_records)
        assert sampler.returncode == 0, "the sampler failed"
        output.seek(0)
        return found, json.load(output)


def judged(found: Observation, samples: list[Sample]) -> Counter[str]:
    """The verdicts on these samples."""
    holds = [HeldLock(*hold) for hold in found.holds if hold.began_ns < hold.ended_ns]
    if not holds:
        return Counter()
    first, last = holds[0].start_ns, holds[-1].end_ns
    inside = [each for each in samples if first <= each.before_ns and each.after_ns <= last]
    return Counter(verdict(holds, each, NEAR_NS) for each in inside)


def _versions(extent: Extent) -> Iterator[Figure]:
    for version, python in interpreters().items() if extent.versions else ():
        with computing(python, 4) as process:
            end = time.monotonic() + extent.seconds
            found = observe(process.pid, lambda _, end=end: time.monotonic() >= end)  # type: ignore[misc]
        yield _handoffs(f"hand-offs, {version}, 4 threads", found)
        yield _running(f"running / CPU time, {version}, 4 threads", found)


def _functions(extent: Extent) -> Iterator[Figure]:
    """Running by the records and by each thread's own CPU clock."""
    python = list(interpreters().values())[-1]
    for name in extent.functions:
        found, results = function_observed(python, name, 2, extent.seconds / 3)
        lanes, clock_ns, running_ns, unknown_ns = found.lanes(), 0, 0, 0
        for tid, began_ns, ended_ns, cpu_ns in results:
            clock_ns += cpu_ns
            for start_ns, end_ns, state in lanes.get(tid, ()):
                ns = max(0, min(end_ns, ended_ns) - max(start_ns, began_ns))
                running_ns += ns if state in RUNS else 0
                unknown_ns += ns if state is State.UNKNOWN else 0
        wall_ns = sum(ended_ns - began_ns for _, began_ns, ended_ns, _ in results)
        remark = (
            f"{100 * (running_ns - clock_ns) / wall_ns:+.2f} points of the time; unknown {unknown_ns / wall_ns:.1%}"
        )
        yield Figure(f"running / CPU time, {name}", f"{running_ns / clock_ns:.4f}", "0.99-1.01", remark)


def function_observed(
    python: str, name: str, threads: int, seconds: float, file: Path = FUNCTIONS
) -> tuple[Observation, list[tuple[int, int, int, int]]]:
    """Record a function in threads; for each `(tid, began_ns, ended_ns, cpu_ns)` by its own clocks."""
    command = [python, str(HERE / "run_functions.py"), str(file), name, str(threads)]
    environment = {**os.environ, "PCONC_SECONDS": str(seconds)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        lines: list[bytes] = []
        reader = threading.Thread(target=lambda: lines.append(process.stdout.readline()))  # type: ignore[union-attr]
        reader.start()
        started = False

        def done(_: Observation) -> object:
            nonlocal started
            if not started:
                process.stdin.write(b"\n")  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
                started = True
            return lines

        found = observe(process.pid, done)
        process.kill()
        reader.join()
    return found, [tuple(each) for each in json.loads(lines[0])]


def _costs(extent: Extent) -> Iterator[Figure]:
    """CPU time of recording with all of decoding and judging, and of samples every 10 ms."""
    python = list(interpreters().values())[-1]
    for threads, target in ((4, 2), (16, 4), (64, 10)):
        with computing(python, threads) as process:
            end = time.monotonic() + extent.seconds
            found = observe(process.pid, lambda _, end=end: time.monotonic() >= end)  # type: ignore[misc]
        share = 1e9 * found.cpu_s / (found.ended_ns - found.began_ns)
        yield Figure(f"recorder, {threads} threads", f"{share:.1%}", f"<= {target} %", "of a core")


COMPUTING = """
import sys, threading
sys.setswitchinterval({interval_us} / 1e6)
def one_more(value):
    return value + 1
all_started = threading.Event()
def work():
    all_started.wait()
    value = 0
    while True:
        value = one_more(value)
for _ in range({threads}):
    threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
all_started.set()
sys.stdin.read()
"""


@contextmanager
def computing(python: str, threads: int, interval_us: float = 5000) -> Iterator[subprocess.Popen[bytes]]:
    """A program with so many threads that compute, which knows nothing of being recorded."""
    command = [python, "-c", COMPUTING.format(threads=threads, interval_us=interval_us)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def _handoffs(what: str, found: Observation) -> Figure:
    ratio = f"{found.handoffs / found.counted:.3f}" if found.counted else "-"
    return Figure(what, ratio, "0.99-1.01", f"{found.handoffs} by records, {found.counted} by CPython")


def _running(what: str, found: Observation) -> Figure:
    cpu_ns = sum(found.clocks_ns.values())
    running_ns = sum(found.running_ns(tid) for tid in found.clocks_ns)
    return Figure(what, f"{running_ns / cpu_ns:.4f}" if cpu_ns else "-", "0.99-1.01", found.source)
