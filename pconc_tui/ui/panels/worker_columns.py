"""The columns of the table of workers: what each shows, and which of them fit a width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pconc_tui.models import POOLS
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Worker
from pconc_tui.text import lock_words
from pconc_tui.text.hold_text import length
from pconc_tui.text.numbers import UNKNOWN, digits, percent, seconds, short, version, whole
from pconc_tui.text.printable import printable
from pconc_tui.text.table import Column, aligned, cut, cut_name, fitting, total_width
from pconc_tui.timeline.spans import Times
from pconc_tui.ui.drawing.palette import STATE_STYLES
from pconc_tui.ui.drawing.state_cell import cut_state
from pconc_tui.ui.panels.timeline import ROLE_WIDTH, several_interpreters


def _life(worker: Worker) -> tuple[float | None, Times]:
    """CPU seconds and times of a worker that has ended, both over its whole life.

    If its CPU time at its end is unknown, both are of the stretch that ended when it was last read.
    """
    return worker.last_cpu if worker.cpu_s is None and worker.last_cpu else (worker.cpu_s, worker.total)


def share(part: Callable[[Times], float]) -> Callable[[Worker], str]:
    """A state's share of the last second, or, once the worker has ended, of its whole life."""

    def value(worker: Worker) -> str:
        times = worker.recent if worker.alive else _life(worker)[1]
        return UNKNOWN if times is None or not times.wall else percent(part(times) / times.wall)

    return value


def state_text(worker: Worker) -> str:
    """The worker's state, or how it ended."""
    if worker.ending is not None:
        return printable(worker.ending)
    style = STATE_STYLES[worker.state]
    if worker.thread is not None and worker.thread.halted:
        return f"{style.glyph} {worker.thread.halted}"
    if worker.lock is not None:
        return f"{style.glyph} {printable(lock_words.short(worker.lock))}"
    if worker.thread is not None and worker.thread.waits_for:
        return f"{style.glyph} {printable(worker.thread.waits_for)}"
    queued = worker.state is State.STARTING and worker.model in POOLS
    return f"{style.glyph} {'queued' if queued else style.short}"


def _cpu(worker: Worker) -> str:
    if worker.alive:
        return percent(worker.cpu)
    cpu_s, times = _life(worker)
    return UNKNOWN if cpu_s is None or not times.wall else percent(cpu_s / times.wall)


def _place(worker: Worker) -> str:
    """Where the thread of a watched program is."""
    place = worker.thread.place if worker.thread is not None and worker.alive else None
    return UNKNOWN if place is None else printable(str(place))


def _launch(worker: Worker) -> str:
    """The time from its launch to its first instruction."""
    return seconds(worker.starting_s)


def _rate(worker: Worker) -> str:
    if not worker.iterations_known:
        return UNKNOWN
    if worker.alive:
        return short(worker.rate)
    return short(worker.iterations / worker.total.wall) if worker.total.wall else UNKNOWN


BLOCKED = "≈GIL%"
"""The title of a column that is there once any worker has been blocked with the GIL."""
COLUMNS: tuple[Column[Worker], ...] = (
    Column("name", 11, 1, lambda worker: worker.name, left=True),
    Column("role", ROLE_WIDTH, 1, lambda worker: worker.role, left=True),
    Column("model", 16, 10, lambda worker: worker.model, left=True),
    Column("python", 6, 2, lambda worker: version(worker.python) or UNKNOWN, left=True),
    Column("start", 10, 2, lambda worker: worker.start_method or UNKNOWN, left=True),
    Column("PID", 8, 4, lambda worker: digits(worker.pid)),
    Column("TID", 8, 5, lambda worker: digits(worker.native_id)),
    Column("state", 18, 1, state_text, left=True),
    Column("core", 4, 7, lambda worker: digits(worker.core)),
    Column("CPU%", 4, 2, _cpu),
    Column("run%", 4, 1, share(lambda times: times.running)),
    Column("GIL%", 4, 1, share(lambda times: times.gil_wait)),
    Column("core%", 5, 3, share(lambda times: times.core_wait)),
    Column("I/O%", 4, 6, share(lambda times: times.io_without_gil)),
    Column(BLOCKED, 5, 6, share(lambda times: times.blocked_with_gil)),
    Column("lock%", 5, 6, share(lambda times: times.lock_wait)),
    Column("lanes", 16, 12, lambda worker: worker.source or UNKNOWN, left=True),
    Column("launch", 7, 9, _launch),
    Column("it/s", 6, 3, _rate),
    Column("count", 13, 8, lambda worker: whole(worker.iterations) if worker.iterations_known else UNKNOWN),
)
THREAD_COLUMNS: tuple[Column[Worker], ...] = (
    Column("name", 14, 1, lambda worker: printable(worker.name), left=True),
    Column("PID", 8, 2, lambda worker: digits(worker.pid)),
    Column("TID", 8, 8, lambda worker: digits(worker.native_id)),
    Column("state", 12, 1, state_text, left=True),
    Column("in", 18, 1, _place, left=True),
    Column("core", 4, 7, lambda worker: digits(worker.core)),
    Column("CPU%", 4, 3, _cpu),
    Column("run%", 4, 1, share(lambda times: times.running)),
    Column("GIL%", 4, 1, share(lambda times: times.gil_wait)),
    Column("core%", 5, 4, share(lambda times: times.core_wait)),
    Column("I/O%", 4, 5, share(lambda times: times.io_without_gil)),
    Column(BLOCKED, 5, 1, share(lambda times: times.blocked_with_gil)),
    Column("lock%", 5, 3, share(lambda times: times.lock_wait)),
    Column("longest", 8, 2, lambda worker: length(worker.thread.longest) if worker.thread else UNKNOWN),
)
"""Of the threads of a program that is watched."""
GAP = 1
STATE_SPARE, THREAD_SPARE = 8, 60
"""Columns that the state gets in addition before gaps are widened; of a thread, name, place and state together."""
WORKER_WIDTHS, THREAD_WIDTHS = {"state": 48}, {"name": 24, "in": 40, "state": 56}
"""The columns that get room to spare, the first first, and their greatest widths."""
CUTS: dict[str, Callable[[str, int], str]] = {"name": cut_name, "state": cut_state}


@dataclass(frozen=True)
class FittedColumns:
    """The columns that fit, and the gap after each."""

    columns: tuple[Column[Worker], ...]
    gap: int


def fit_columns(width: int, workers: tuple[Worker, ...] = ()) -> FittedColumns:
    """The columns for this width. Room to spare goes to the state first, which may be the message of an exception."""
    watched = any(worker.thread is not None for worker in workers)
    methods = {worker.start_method for worker in workers if worker.start_method}
    left_out = {
        *(() if any(worker.role for worker in workers) else ("role",)),
        *(() if several_interpreters(workers) else ("python",)),
        *(() if any(worker.source != Source.REPORTED for worker in workers) else ("lanes",)),
        *(() if len(methods) > 1 else ("start",)),
        *(() if not watched or any(worker.role for worker in workers) else ("PID",)),
        *(() if any(worker.total.blocked_with_gil for worker in workers) else (BLOCKED,)),
    }
    room = width - 1
    shown = THREAD_COLUMNS if watched else COLUMNS
    columns = fitting((column for column in shown if column.title not in left_out), room, GAP)
    least = THREAD_SPARE if watched else STATE_SPARE
    gap = next((gap for gap in (4, 3, 2) if total_width(columns, gap) + least <= room), GAP)
    for title, most in (THREAD_WIDTHS if watched else WORKER_WIDTHS).items():
        spare = max(0, room - total_width(columns, gap))
        columns = tuple(
            replace(column, width=min(most, column.width + spare)) if column.title == title else column
            for column in columns
        )
    return FittedColumns(columns, gap)


def title_at(fitted: FittedColumns, x: int) -> str:
    """The title of the column at this place of a row, which starts with a mark."""
    start = 1
    for column in fitted.columns:
        start += column.width + fitted.gap
        if x < start:
            return column.title
    return ""


def row_text(fitted: FittedColumns, mark: str, values: list[str]) -> str:
    """A mark, then these values, each in its column."""
    pairs = zip(fitted.columns, values, strict=True)
    shown = ((column, CUTS.get(column.title, cut)(value, column.width)) for column, value in pairs)
    return mark + "".join(aligned(value, column) + " " * fitted.gap for column, value in shown)
