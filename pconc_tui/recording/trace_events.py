"""Trace events for other programs: names and order of processes and threads, slices, counters, instants. Pure.

Each function returns lines of the JSON array, with the comma. A lane is a thread whose id is the worker's, since
several tasks may share a thread. Times are in microseconds since the recording began, with all digits of the ns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from pconc_tui.protocol.block import State
from pconc_tui.recording.file_format import microseconds
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.spans import Span

STATE_NAMES = {
    State.STARTING: "starting",
    State.RUNNING: "running",
    State.RELEASED: "running without the GIL",
    State.WAITING: "waiting",
    State.GIL_WAIT: "GIL wait",
    State.CORE_WAIT: "core wait",
    State.IO: "I/O or sleep",
    State.LOCK: "lock wait",
    State.ENDED: "ended",
    State.UNKNOWN: "unknown",
}
"""The names of slices."""
MONITOR = 0
"""The process and thread under which everything is shown that belongs to no worker."""

SLICE = re.compile(
    rb'^\{"name":"([^"\n]{1,40})","ph":"X","pid":\d+,"tid":(\d{1,18}),'
    rb'"ts":(-?)(\d{1,18})\.(\d{3}),"dur":(\d{1,18})\.(\d{3})(,"cat":"mixed")?\},\n',
    re.MULTILINE,
)
"""A slice, as `slices` writes it."""


def slices(worker: int, pid: int, spans: Iterable[Span], began_ns: int) -> Iterable[str]:
    """A slice for each of these spans."""
    for start_ns, end_ns, state, mixed in spans:
        category = ',"cat":"mixed"' if mixed else ""
        yield (
            f'{{"name":"{STATE_NAMES[state]}","ph":"X","pid":{pid},"tid":{worker},'
            f'"ts":{microseconds(start_ns - began_ns)},"dur":{microseconds(end_ns - start_ns)}{category}}},\n'
        )


def names(worker: Worker, pid: int) -> Iterable[str]:
    """The names and the order of a worker's process and lane."""
    process = f"{worker.python} {worker.model}" if pid else f"{worker.python} {worker.model}, not started"
    lane = " ".join(filter(None, (worker.name, worker.experiment, worker.variant, worker.role)))
    yield _metadata("process_name", pid, MONITOR, name=process)
    yield _metadata("process_sort_index", pid, MONITOR, sort_index=worker.id)
    yield _metadata("thread_name", pid, worker.id, name=lane)
    yield _metadata("thread_sort_index", pid, worker.id, sort_index=worker.id)


def _metadata(name: str, pid: int, tid: int, /, **args: object) -> str:
    return json.dumps({"name": name, "ph": "M", "pid": pid, "tid": tid, "args": args}, separators=(",", ":")) + ",\n"
