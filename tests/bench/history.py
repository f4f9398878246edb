"""The lanes of a measurement: what they take if they are as long as can be, how long they are, and how long to draw."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import psutil

from pconc_tui.monitor.measurement_run import HISTORY_PIECES
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State, pack
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.timeline.final_spans import PIECE
from pconc_tui.timeline.span_builder import SpanBuilder
from pconc_tui.ui.drawing.lanes import cells_of
from tests.bench.figures import Figure
from tests.support import LONG_S, until


class Extent(NamedTuple):
    """How much is measured."""

    workers: int
    pieces: int
    """Pieces of history of all lanes together."""
    seconds: float
    """How long real workers run."""
    experiments: tuple[str, ...]


FULL = Extent(256, HISTORY_PIECES, 60, ("cpu-bound", "convoy", "queue"))
SMOKE = Extent(2, 4, 0.1, ("cpu-bound",))
STEP_NS = 333_000
"""The length of a span: 180,000 are a minute, as of a process that works on a queue."""
CELLS = 100


def figures(extent: Extent) -> Iterator[Figure]:
    """Full lanes, then a long one, then those of real workers."""
    process = psutil.Process()
    before = process.memory_info().rss
    lanes = [_lane(extent.pieces // extent.workers) for _ in range(extent.workers)]
    grown_mb = (process.memory_info().rss - before) / 2**20
    count = sum(map(len, lanes[0].history(0)[1:]))
    yield Figure(f"memory of {extent.workers} full lanes", f"{grown_mb:.0f} MB", "", f"{count:,} spans each")
    history = _lane(extent.pieces // 46).history(0)[1:]
    count = sum(map(len, history))
    began = time.process_time()
    cells_of(history, 0, CELLS, count * STEP_NS // CELLS)
    cpu_ms = (time.process_time() - began) * 1e3
    yield Figure(f"to draw a lane of {count:,} spans", f"{cpu_ms:.0f} ms", "", f"CPU time, in {CELLS} cells")
    for experiment in extent.experiments:
        for model in "threads", "processes":
            counts = _real(experiment, model, extent)
            what = f"spans of {extent.workers} {model}, {experiment}, {extent.seconds:g} s"
            yield Figure(what, f"{sum(counts):,}", "", f"{max(counts):,} at most in a lane")


def _lane(pieces: int) -> SpanBuilder:
    """A lane that has seen a little more than it keeps."""
    lane = SpanBuilder(1, 0, pieces)
    for first in range(0, (pieces + 1) * PIECE, PIECE):
        times = range(first, first + PIECE)
        lane.add([pack((at + 1) * STEP_NS, State.RUNNING if at % 2 else State.IO) for at in times], 0)
        lane.finalize((first + PIECE) * STEP_NS)
    return lane


def _real(experiment: str, model: str, extent: Extent) -> list[int]:
    """The number of spans of each worker after this time."""
    variant = {"cpu-bound": "calls", "convoy": "heartbeat", "queue": "work"}[experiment]
    with closing(Monitor(sys.executable)) as monitor:
        monitor.measure(Request(experiment, variant, model, extent.workers, scale=100, single_run=False))
        began_ns = until(monitor, lambda snapshot: snapshot.workers).now_ns

        def is_over(snapshot: Snapshot) -> bool:
            return snapshot.now_ns - began_ns >= extent.seconds * 1e9

        snapshot = until(monitor, is_over, extent.seconds + LONG_S)
    return [sum(map(len, worker.history)) for worker in snapshot.workers]
