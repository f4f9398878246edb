"""Lanes of users' functions, judged from one stream of records with registers, and again without: what these say more.

Only the observer runs beside the function, as for its user; `functions` shows both with two observers and the monitor.
Without registers, what was sampled meanwhile is used, as by an unprivileged user's observer.
"""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from unittest.mock import patch

from pconc_tui.cpython import GilLocks
from pconc_tui.kernel.outside import HolderSample, Outside
from pconc_tui.kernel.perf_event import KERNEL, access
from pconc_tui.kernel.records import UNKNOWN, Decoded, Exit, Fork, Lost, Slice, Switch
from pconc_tui.protocol.block import RING, RING_AT, Block
from pconc_tui.protocol.observer_slots import OBSERVER_SLOTS
from pconc_tui.sampler import observed_tree, thread_samples, tree_loop
from pconc_tui.sampler.observed_process import ObservedProcess, no_pause
from pconc_tui.sampler.observed_tree import PERIOD_NS, ObservedTree
from pconc_tui.sampler.scheduling import request_short_slices
from pconc_tui.sampler.thread_slots import ThreadSlot
from pconc_tui.sampler.tree_loop import SAMPLES
from tests.bench.figures import Figure
from tests.bench.functions import STATES, WORKERS, functions, send_line, times
from tests.bench.kernel import HERE
from tests.support import interpreters

VERSION = "3.14"


class Extent(NamedTuple):
    """What is measured."""

    functions: tuple[str, ...]
    """Empty: all."""
    seconds: float


FULL, SMOKE = Extent((), 2), Extent(("pure_python",), 0.1)


class Reading(NamedTuple):
    """What the observer gave one process after reading the rings."""

    pid: int
    records: list[Decoded]
    watermark_ns: int
    outside: list[Outside]
    locks: tuple[GilLocks, ...]
    native_tids: frozenset[int]
    clocks: dict[int, tuple[int, int] | None]
    """The CPU clock and the queue clock of each thread."""
    clocks_ns: int
    """When these were read."""


def figures(extent: Extent) -> Iterator[Figure]:
    """PCONC_FUNCTIONS: others than all."""
    if access().source != KERNEL:
        yield Figure("lanes without registers", "-", "", "needs records with registers")
        return
    request_short_slices()
    files = functions()
    for name in os.environ.get("PCONC_FUNCTIONS", "").split() or extent.functions or list(files):
        readings, results = _recorded(name, files[name], extent.seconds)
        without, having = (_shares(_lanes(readings, registers), results) for registers in (False, True))
        yield _figure(name, without, having, readings, results)


def _recorded(name: str, file: Path, seconds: float) -> tuple[list[Reading], list[tuple[int, int, int, int]]]:
    """What was read while the function ran; for each thread `(tid, began_ns, ended_ns, cpu_ns)`."""
    readings: list[Reading] = []

    class Logged(ObservedProcess):
        needs_ready_samples = True

        def add(
            self, records: Collection[Decoded], watermark_ns: int, now_ns: int, pauses: Callable[[], None] = no_pause
        ) -> None:
            self._interpreter.find(now_ns)
            clocks = {tid: self._samples._read_clocks(tid) for tid in self.threads}
            interpreter = self._interpreter
            known = interpreter.locks, interpreter.native_tids
            outside, self._outside = self._outside, []
            readings.append(Reading(self.pid, list(records), watermark_ns, outside, *known, clocks, _now_ns()))
            for record in records:
                if isinstance(record, Exit) and record.tid in self.threads:
                    self._samples.forget(record.tid)
                    self._slots.end(self.threads.pop(record.tid), record.time_ns)

    command = [interpreters().get(VERSION, sys.executable), str(HERE / "run_functions.py"), str(file), name]
    environment = {**os.environ, "PCONC_SECONDS": str(seconds), "PYTHONPATH": str(file.parent)}
    with (
        subprocess.Popen([*command, str(WORKERS)], stdin=-1, stdout=-1, env=environment) as process,
        patch.object(observed_tree, "ObservedProcess", Logged),
        closing(Block.create(OBSERVER_SLOTS)) as block,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        with closing(ObservedTree(process.pid, block, lambda *_, **__: None)) as tree:
            lines: list[bytes] = []
            reader = Thread(target=lambda: lines.append(process.stdout.readline()))  # type: ignore[union-attr]
            reader.start()
            gc.disable()
            send_line(process)
            samples = 0
            while not lines:
                time.sleep(PERIOD_NS / 1e9)
                for each in tree._processes.values():
                    each.sample_holders()
                    each.sample_blocked()
                samples += 1
                if tree.fullness > tree_loop.FULL or samples >= SAMPLES:
                    samples = 0
                    tree.read()
            for _ in range(2):
                time.sleep(PERIOD_NS / 1e9)
                tree.read()
            gc.enable()
        reader.join()
        process.kill()
    return readings, [tuple(each) for each in json.loads(lines[0])]


def _now_ns() -> int:
    return time.perf_counter_ns()


class _Words(dict[int, int]):
    """A slot's words, of whose ring all are kept."""

    def __init__(self, kept: list[int]) -> None:
        super().__init__()
        self._kept = kept

    def __setitem__(self, at: int, word: int) -> None:
        if RING_AT <= at < RING_AT + RING:
            self._kept.append(word)
        super().__setitem__(at, word)


class _Slots:
    """Slots of threads, by native id."""

    def __init__(self) -> None:
        self.lanes: defaultdict[int, list[int]] = defaultdict(list)

    def start(self, pid: int, tid: int, *_: object) -> ThreadSlot:
        lane = self.lanes[tid]
        slot = ThreadSlot(_Words(lane), tid, 0, pid, tid)  # type: ignore[arg-type]
        lane.clear()
        return slot

    def end(self, slot: ThreadSlot, time_ns: int) -> None:
        pass


class _Interpreter:
    """What was known of the interpreters at each reading."""

    found, problem, thread_states, parks = True, None, None, False

    def __init__(self) -> None:
        self.locks: tuple[GilLocks, ...] = ()
        self.native_tids: frozenset[int] = frozenset()

    def find(self, now_ns: int) -> bool:
        return True

    def thread_started(self, now_ns: int) -> None:
        pass

    def parked(self, semaphore: int) -> None:
        pass

    is_waited_at = parked

    def close(self) -> None:
        pass


def _lanes(readings: list[Reading], registers: bool) -> dict[int, list[int]]:
    """The transitions of each thread, by native id."""
    random.seed(0)
    slots = _Slots()
    processes: dict[int, ObservedProcess] = {}
    for each in readings:
        process: Any = processes.get(each.pid)
        if process is None:
            process = ObservedProcess(each.pid, None, slots, lambda *_, **__: None, 0)  # type: ignore[arg-type]
            processes[each.pid] = process
            process._interpreter = _Interpreter()
            for tid in each.clocks:
                process.start_thread(tid, 0, 0)
        process._samples._read_clocks = each.clocks.get
        process._interpreter.locks, process._interpreter.native_tids = each.locks, each.native_tids
        records, outside = each.records, each.outside
        for record in records:
            if isinstance(record, Fork):
                process.start_thread(record.tid, record.time_ns, 0)
        if registers:
            outside = [sample for sample in outside if isinstance(sample, HolderSample)]
        else:
            records = list(_without_registers(records))
        process._outside = list(outside)
        with patch.object(thread_samples, "perf_counter_ns", lambda ns=each.clocks_ns: ns):
            process.add(records, each.watermark_ns, each.clocks_ns)
    return slots.lanes


def _without_registers(records: list[Decoded]) -> Iterator[Decoded]:
    for record in records:
        if isinstance(record, Slice):
            yield record.on
            yield record.off._replace(futex=UNKNOWN)
        else:
            yield record._replace(futex=UNKNOWN) if isinstance(record, Switch) else record


def _shares(lanes: dict[int, list[int]], results: list[tuple[int, int, int, int]]) -> dict[str, float]:
    """Of all threads' time, in each state."""
    found = dict.fromkeys(STATES, 0.0)
    for tid, began_ns, ended_ns, _ in results:
        for state, seconds in times(lanes.get(tid, []), began_ns, ended_ns).items():
            found[state] += seconds
    total = sum(found.values()) or 1.0
    return {state: seconds / total for state, seconds in found.items()}


def _figure(
    name: str,
    without: dict[str, float],
    having: dict[str, float],
    readings: list[Reading],
    results: list[tuple[int, int, int, int]],
) -> Figure:
    far = max(STATES, key=lambda state: abs(without[state] - having[state]))
    cpu = sum(cpu_ns for *_, cpu_ns in results) / sum(ended_ns - began_ns for _, began_ns, ended_ns, _ in results)
    records = sum(2 if isinstance(rec, Slice) else 1 for each in readings for rec in each.records)
    hz = records / max(1e-9, (results[0][2] - results[0][1]) / 1e9)
    lost = sum(isinstance(rec, Lost) and rec.until_ns > rec.time_ns for each in readings for rec in each.records)
    pairs = ", ".join(
        f"{state} {100 * without[state]:.1f}/{100 * having[state]:.1f}"
        for state in STATES
        if without[state] + having[state] > 0.002
    )
    remark = f"{pairs}; running / CPU time {having['running'] / cpu:.4f}; {hz / 1000:.1f}k records/s"
    remark += f"; {lost} times lost" if lost else ""
    return Figure(f"{name}: {far}", f"{100 * (without[far] - having[far]):+.1f} points", "<= 3", remark)
