"""Trace events for other programs: names, slices, hand-offs as arrows, counters, log lines and marks. Pure.

Each function returns lines of the JSON array, with the comma. A lane is a thread whose id is the worker's, since
several tasks may share a thread. Times are in microseconds since the recording began, with all digits of the ns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from pconc_tui.measurement import Counters
from pconc_tui.protocol.block import State
from pconc_tui.recording.file_format import microseconds
from pconc_tui.recording.handoff_finder import Change
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import Span

STATE_NAMES = {
    State.STARTING: "starting",
    State.RUNNING: "running",
    State.RELEASED: "running without the GIL",
    State.ASKING: "asking for the GIL",
    State.WAITING: "waiting",
    State.GIL_WAIT: "waiting for the GIL",
    State.CORE_WAIT: "waiting for a core",
    State.IO: "I/O, sleep",
    State.BLOCKED_WITH_GIL: "blocked with the GIL",
    State.LOCK: "waiting for a lock",
    State.ENDED: "ended",
    State.UNKNOWN: "unknown",
}
"""The names of slices."""
PROGRAM = 0
"""The process and thread under which everything is shown that belongs to no worker."""
_MIXED = {False: "", True: ',"cat":"mixed"'}
LONGEST_NAME = 200
"""Log lines are cut to this many characters; frames have them whole."""

SLICE = re.compile(
    rb'^\{"name":"([^"\n]{1,40})","ph":"X","pid":\d{1,18},"tid":(\d{1,18}),'
    rb'"ts":(-?)(\d{1,16})\.(\d{3}),"dur":(\d{1,16})\.(\d{4})(,"cat":"mixed")?\},\n',
    re.MULTILINE,
)
"""A slice, as `slices` writes it."""
TAKEN = re.compile(rb'^\{"name":"hand-off","ph":"f",[^\n]*"ts":(-?)(\d{1,16})\.(\d{3}),"cat":"GIL"\},\n', re.MULTILINE)
"""The end of a hand-off's arrow, as `arrows` writes it."""


def slices(worker: int, pid: int, spans: Iterable[Span], began_ns: int) -> Iterator[str]:
    """A slice for each of these spans."""
    where = f'","ph":"X","pid":{pid},"tid":{worker},"ts":'
    for start_ns, end_ns, state, mixed in spans:
        # 0.4 ns short, so that the sum of two floats never reaches the next slice: speedscope nests slices that overlap
        # by a rounding error, and loses some.
        tenths = (end_ns - start_ns) * 10 - 4
        yield (
            f'{{"name":"{STATE_NAMES[state]}{where}{microseconds(start_ns - began_ns)}'
            f',"dur":{tenths // 10_000}.{tenths % 10_000:04d}{_MIXED[mixed]}}},\n'
        )


def duration_ns(digits: bytes) -> int:
    """The length in ns, from the digits that `slices` writes, without the point."""
    return (int(digits) + 4) // 10


def arrows(changes: Iterable[Change], pids: dict[int, int], first_id: int, began_ns: int) -> Iterator[str]:
    """An arrow for each hand-off, from the end of the giver's run to the taker's; `pids` are those of the lanes."""
    for id, (given_ns, giver, taken_ns, taker) in enumerate(changes, first_id):
        if giver in pids and taker in pids:
            yield (
                f'{{"name":"hand-off","ph":"s","id":{id},"pid":{pids[giver]},"tid":{giver},'
                f'"ts":{microseconds(given_ns - began_ns)},"cat":"GIL"}},\n'
                f'{{"name":"hand-off","ph":"f","bp":"e","id":{id},"pid":{pids[taker]},"tid":{taker},'
                f'"ts":{microseconds(taken_ns - began_ns)},"cat":"GIL"}},\n'
            )


def counters(snapshot: Snapshot) -> dict[str, float]:
    """The values of the counters that other programs draw as curves, by name; those that are known."""
    found: dict[str, float] = {}
    if snapshot.cores_busy is not None:
        found["cores busy"] = round(snapshot.cores_busy, 3)
    for each in snapshot.counters:
        for name, value in (("shared counter", each.value), ("lost updates", each.lost), ("queue depth", each.depth)):
            if value is not None:
                found[f"{name}, {_what(each)}"] = value
    return found


def _what(each: Counters) -> str:
    return " ".join((each.experiment, each.variant, each.model, each.python))


def counter(name: str, value: float, time_ns: int, began_ns: int) -> str:
    """A new value of a counter."""
    return _event(name, "C", PROGRAM, PROGRAM, ts=_ts(time_ns - began_ns), args={"value": value})


def instant(text: str, pid: int, tid: int, time_ns: int, began_ns: int) -> str:
    """A moment in a lane; the program's own lane is that of all processes."""
    scope = "p" if pid == tid == PROGRAM else "t"
    return _event(text[:LONGEST_NAME], "i", pid, tid, ts=_ts(time_ns - began_ns), s=scope)


def program_name() -> str:
    """The names of the process and thread under which everything is shown that belongs to no worker."""
    found = (
        ("process_name", {"name": "pconc-tui"}),
        ("process_sort_index", {"sort_index": -1}),
        ("thread_name", {"name": "launches and results"}),
    )
    return "".join(_event(name, "M", PROGRAM, PROGRAM, ts=0, args=args) for name, args in found)


def names(worker: Worker, pid: int) -> Iterator[str]:
    """The names and the order of a worker's process and lane."""
    lane = " ".join(filter(None, (worker.name, worker.experiment, worker.variant, worker.role)))
    order = {"sort_index": worker.id}
    if pid != PROGRAM:
        yield _event("process_name", "M", pid, PROGRAM, ts=0, args={"name": f"Python {worker.python} {worker.model}"})
        yield _event("process_sort_index", "M", pid, PROGRAM, ts=0, args=order)
    yield _event("thread_name", "M", pid, worker.id, ts=0, args={"name": lane})
    yield _event("thread_sort_index", "M", pid, worker.id, ts=0, args=order)


def _event(name: str, phase: str, pid: int, tid: int, **more: object) -> str:
    """The line of an event. Perfetto shows escapes as they are, so there are none but those that JSON needs."""
    event = {"name": name, "ph": phase, "pid": pid, "tid": tid, **more}
    return json.dumps(event, separators=(",", ":"), allow_nan=False, ensure_ascii=False) + ",\n"


def _ts(ns: int) -> float:
    """The same in a float: exact enough for what is not read again."""
    return ns / 1000
