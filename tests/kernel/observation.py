"""Records a program for a while, as the sampler's process does: for tests and benchmarks."""

from __future__ import annotations

import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import pairwise

from pconc_tui.cpython import GilLocks, NotReadableError, Runtime
from pconc_tui.kernel.episodes import Episodes, Request, Transition
from pconc_tui.kernel.gathering import Gathering
from pconc_tui.kernel.gil import Gil, Hold
from pconc_tui.kernel.outside import BlockedSample, ClockSample, HolderSample, Outside, blocked_in
from pconc_tui.kernel.perf_event import KERNEL
from pconc_tui.kernel.recorder import Recorder
from pconc_tui.kernel.records import Lost, Record, switches
from pconc_tui.protocol.block import RUNS, State
from pconc_tui.sampler.observed_process import no_pause

COMPUTE = """
import sys, threading
def work():
    while True:
        len(str(1))
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""
"""Three threads that compute."""
PERIOD_S = 0.01
SAMPLES_PER_READING = 4
CLOCKS_NS = 200_000_000
FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(os.uname().machine)


@dataclass
class Observation:
    """What was found of one process."""

    pid: int
    source: str = ""
    locks: tuple[GilLocks, ...] = ()
    records: list[Record] = field(default_factory=list)
    outside: list[Outside] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    handoffs: int = 0
    """From the beginning to the end; records go on until the end is known."""
    counted: int | None = None
    """Hand-offs by CPython's count."""
    began_ns: int = 0
    ended_ns: int = 0
    clocks_ns: dict[int, int] = field(default_factory=dict)
    """CPU time of each thread meanwhile, by the kernel's account."""
    clocks_read_ns: int = 0
    samples_blocked: bool = False
    cpu_s: float = 0
    """CPU time that observing took."""

    def lanes(self) -> dict[int, list[tuple[int, int, State]]]:
        """For each thread `(start_ns, end_ns, state)` from the beginning to the end."""
        by_thread: defaultdict[int, list[Transition]] = defaultdict(list)
        for transition in self.transitions:
            by_thread[transition.tid].append(transition)
        lanes = {}
        for tid, found in by_thread.items():
            ends = [each.time_ns for each in found[1:]] + [self.ended_ns]
            spans = zip(found, ends, strict=True)
            clipped = [(max(t.time_ns, self.began_ns), min(end, self.ended_ns), t.state) for t, end in spans]
            lanes[tid] = [each for each in clipped if each[0] < each[1]]
        return lanes

    def shares(self, tid: int) -> Counter[State]:
        """Nanoseconds of a thread in each state."""
        found: Counter[State] = Counter()
        for start_ns, end_ns, state in self.lanes().get(tid, ()):
            found[state] += end_ns - start_ns
        return found

    def running_ns(self, tid: int) -> int:
        """How long a thread ran."""
        shares = self.shares(tid)
        return sum(shares[state] for state in RUNS)


class Judge:
    """Gathers and judges the records of a process."""

    def __init__(self, episodes: Episodes, gils: Sequence[Gil]) -> None:
        self.episodes = episodes
        self._gathering = Gathering(episodes)
        self._gathering.know(gils)

    def add(self, found: Observation, recorder: Recorder, outside: list[Outside], keep: bool) -> None:
        """Add what was recorded and sampled since the last call to what was found."""
        decoded = [each for each in recorder.read() if isinstance(each, Lost) or each.pid == found.pid]
        records = self._gathering.gather(decoded, no_pause)
        new = self.episodes.add(records, recorder.watermark_ns, outside)
        found.transitions += new.transitions
        found.requests += new.requests
        found.holds += new.holds
        if keep:
            found.records += switches(decoded)
            found.outside += outside


def observe(
    pid: int, done: Callable[[Observation], object], keep_records: bool = False, sample: bool = True
) -> Observation:
    """Record a process until a condition holds, or it ends. Raises NotAllowedError."""
    found = Observation(pid, samples_blocked=keep_records)
    with closing(Recorder(pid)) as recorder:
        found.source = recorder.source
        runtime = None
        with suppress(NotReadableError):
            runtime = Runtime(pid)
            found.locks = runtime.locks()
        interval_ns = found.locks[0].interval_ns if found.locks else 5_000_000
        gils = [Gil(*locks[2:]) for locks in found.locks]
        judge = Judge(Episodes(pid, gils, interval_ns), gils)
        counted = _handoffs(runtime)
        found.began_ns = time.perf_counter_ns()
        clocks_ns = _clocks_ns(pid)
        began_s = time.process_time()
        while not done(found) and _lives(pid):
            outside: list[Outside] = []
            for _ in range(SAMPLES_PER_READING):
                time.sleep(PERIOD_S * random.uniform(0.5, 1.5))
                outside += _sampled(found, runtime) if sample else []
            judge.add(found, recorder, outside, keep_records)
        found.cpu_s = time.process_time() - began_s
        found.clocks_ns = {tid: ns - clocks_ns.get(tid, 0) for tid, ns in _clocks_ns(pid).items()}
        found.ended_ns = time.perf_counter_ns()
        after = _handoffs(runtime)
        if counted is not None and after is not None:
            found.counted = after - counted
        while recorder.watermark_ns < found.ended_ns + 2_000_000:
            time.sleep(0.001)
            judge.add(found, recorder, [], keep_records)
        found.holds += judge.episodes.holding()
        found.handoffs = sum(
            before.tid != after.tid and found.began_ns < after.began_ns <= found.ended_ns
            for before, after in pairwise(sorted(found.holds))
        )
        if runtime is not None:
            runtime.close()
    return found


def _sampled(found: Observation, runtime: Runtime | None) -> list[Outside]:
    """What records do not say: holders of GILs and CPU clocks; without registers also what threads are blocked in."""
    samples: list[Outside] = []
    with suppress(NotReadableError):
        if runtime is not None:
            before_ns = time.perf_counter_ns()
            gils = [each for each in runtime.sample() if each.enabled]
            error_ns = (time.perf_counter_ns() - before_ns) // 2
            for number, gil in enumerate(gils):
                tid = (gil.holder or -1) if gil.locked else 0
                samples.append(HolderSample(before_ns + error_ns, tid, number, error_ns))
    now_ns = time.perf_counter_ns()
    if now_ns - found.clocks_read_ns > CLOCKS_NS:
        found.clocks_read_ns = now_ns
        samples += [ClockSample(time.perf_counter_ns(), tid, ns) for tid, ns in _clocks_ns(found.pid).items()]
    if found.source != KERNEL or found.samples_blocked:
        for tid in _threads(found.pid):
            with suppress(OSError), open(f"/proc/{found.pid}/task/{tid}/syscall", "rb") as file:
                now_ns, futex = time.perf_counter_ns(), blocked_in(file.read(), FUTEX)
                if futex is not None:
                    samples.append(BlockedSample(now_ns, tid, futex))
    return samples


def _threads(pid: int) -> set[int]:
    with suppress(OSError):
        return set(map(int, os.listdir(f"/proc/{pid}/task")))
    return set()


def _lives(pid: int) -> bool:
    with suppress(OSError), open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] not in "ZX"
    return False


def _clocks_ns(pid: int) -> dict[int, int]:
    found = {}
    for tid in _threads(pid):
        with suppress(OSError), open(f"/proc/{pid}/task/{tid}/schedstat") as file:
            found[tid] = int(file.read().split()[0])
    return found


def _handoffs(runtime: Runtime | None) -> int | None:
    with suppress(NotReadableError):
        if runtime is not None:
            return sum(each.switch_number or 0 for each in runtime.sample())
    return None
