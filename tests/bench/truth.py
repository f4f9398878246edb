"""How far the timeline can be trusted: the GIL's holder by it and by CPython 3.15's own account, seen from outside."""

from __future__ import annotations

import json
import subprocess
import tempfile
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker
from tests.bench.figures import Figure
from tests.support import ended, interpreters, running, until

VERSION = "3.15"
NEAR_NS = 150_000
"""Samples closer than this to a hand-off do not count."""


class Extent(NamedTuple):
    """How much is measured."""

    threads: tuple[int, ...]
    seconds: float
    """For each number of threads."""


FULL, SMOKE = Extent((2, 4, 8, 16), 4), Extent((2,), 0.2)


@dataclass
class HeldLock:
    """A stretch in which one worker held the GIL, by the timeline."""

    start_ns: int
    end_ns: int
    native_id: int | None


@dataclass(frozen=True)
class Sample:
    """What the interpreter was sampled as: at some time between `before` and `after` these threads held the GIL."""

    before_ns: int
    after_ns: int
    holders: tuple[int, ...]


def figures(extent: Extent) -> Iterator[Figure]:
    """One number of threads after another."""
    python = interpreters().get(VERSION)
    if python is None:
        yield Figure("agreement", "-", ">= 99.5 %", f"no Python {VERSION} found")
        return
    for threads in extent.threads:
        snapshot, seen = observe(python, threads, extent.seconds)
        timeline = holdings(snapshot.workers)
        verdicts = Counter(verdict(timeline, sample) for sample in seen["samples"])
        yield agreement(f"{threads} threads", verdicts, seen["failed"])
        yield handoffs(f"{threads} threads", *counted(timeline, seen["switches"]))


def observe(python: str, threads: int, seconds: float) -> tuple[Snapshot, dict[str, Any]]:
    """Run so many threads, and sample them from another process: the whole timeline, and what was sampled."""
    with closing(Monitor(python, history_pieces=None)) as monitor, tempfile.TemporaryFile() as output:
        for _ in range(threads):
            monitor.launch(Request("cpu-bound", "calls", "threads"))
        pid = until(monitor, running).workers[0].pid
        sampler = Path(__file__).with_name("sampler.py")
        with subprocess.Popen([python, "-P", str(sampler), str(pid), str(seconds)], stdout=output) as process:
            until(monitor, lambda _: process.poll() is not None)
        assert process.returncode == 0, "the sampler failed"
        monitor.stop_all()
        snapshot = until(monitor, ended)
        output.seek(0)
        seen = json.load(output)
    seen["samples"] = [Sample(before, after, tuple(holders)) for before, after, holders in seen["samples"]]
    return snapshot, seen


def holdings(workers: Iterable[Worker]) -> list[HeldLock]:
    """The stretches in which a worker held the GIL, by the timeline, in order. Waiting for a core, it keeps the GIL."""
    held = [
        HeldLock(span.start_ns, span.end_ns, worker.native_id)
        for worker in workers
        for piece in worker.history
        for span in piece
        if span.state in (State.RUNNING, State.CORE_WAIT)
    ]
    found: list[HeldLock] = []
    for each in sorted(held, key=lambda holding: holding.start_ns):
        if found and found[-1].native_id == each.native_id:
            found[-1].end_ns = each.end_ns
        else:
            found.append(each)
    return found


def verdict(timeline: list[HeldLock], sample: Sample, near_ns: int = NEAR_NS) -> str:
    """Whether the timeline names the holder that was sampled: `agree`, `disagree`, `free` or `near` a hand-off.

    `free`: no thread held it, since a worker had released it and the next had no core to take it; the timeline can't
    distinguish that from a worker that lost its core and kept the GIL.
    """
    first = bisect_right(timeline, sample.before_ns - near_ns, key=lambda holding: holding.end_ns)
    last = bisect_left(timeline, sample.after_ns + near_ns, key=lambda holding: holding.start_ns)
    around = timeline[first:last]
    whole = [
        each
        for each in around
        if each.start_ns <= sample.before_ns - near_ns and sample.after_ns + near_ns <= each.end_ns
    ]
    if len(around) > len(whole):
        return "near"
    if tuple(each.native_id for each in whole) == sample.holders:
        return "agree"
    return "disagree" if sample.holders else "free"


def agreement(what: str, verdicts: Counter[str], failed: int, target: str = ">= 99.5 %") -> Figure:
    """How often the timeline named the holder."""
    of = verdicts["agree"] + verdicts["disagree"]
    agreed = f"{100 * verdicts['agree'] / of:.2f} %" if of else "-"
    remark = (
        f"of {of:,} samples with a holder {verdicts['disagree']} disagree; "
        f"in {verdicts['free']} more no thread held it; "
        f"not counted: {verdicts['near']} near a hand-off, {failed} failed reads"
    )
    return Figure(f"agreement, {what}", agreed, target, remark)


def counted(timeline: list[HeldLock], switches: list[list[int]]) -> tuple[int, int]:
    """Hand-offs by the timeline and by CPython, between two reads of its count."""
    (start_ns, before), (end_ns, after) = switches
    return sum(start_ns < holding.start_ns <= end_ns for holding in timeline), after - before


def handoffs(what: str, ours: int, theirs: int) -> Figure:
    """The one by the other."""
    ratio = f"{ours / theirs:.4f}" if theirs else "-"
    return Figure(f"hand-offs / CPython's switches, {what}", ratio, "0.95 to 1.05", f"{ours:,} of {theirs:,}")
