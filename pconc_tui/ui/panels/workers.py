"""The table of workers. Columns keep their places; where it is narrow, the less important ones are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rich.style import Style
from textual.message import Message

from pconc_tui.models import POOLS
from pconc_tui.protocol.block import State
from pconc_tui.protocol.lane_source import Source
from pconc_tui.snapshot import Snapshot, Worker, WorkerProcess
from pconc_tui.text import lock_words, sentences
from pconc_tui.text.glossary import STATES, Entry
from pconc_tui.text.hold_text import length
from pconc_tui.text.numbers import UNKNOWN, digits, percent, seconds, short, version, whole
from pconc_tui.text.printable import printable
from pconc_tui.text.sentences import HelperUse
from pconc_tui.text.table import Column, aligned, cut, cut_name, fitting, total_width
from pconc_tui.timeline.spans import Times
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, heading, text, width_of
from pconc_tui.ui.drawing.palette import DIM, SELECTED, STATE_STYLES, TEXT
from pconc_tui.ui.drawing.state_cell import cut_state
from pconc_tui.ui.explanations import Explained, entry
from pconc_tui.ui.hints import hint
from pconc_tui.ui.panels.panel import Frame, TabPanel, WorkerClicked
from pconc_tui.ui.panels.timeline import ROLE_WIDTH, several_interpreters


class WorkersPanel(TabPanel):
    """The table of workers.

    With 16 rows whose values all change 10 times a second it takes 12 % of a core, a `DataTable` 57 %.
    """

    name = "Workers"
    area = Area.MIDDLE
    wheel_rows = 1

    def belongs(self, snapshot: Snapshot) -> bool:
        return True

    def has_content(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.workers or snapshot.progress)

    def depends_on(self, frame: Frame) -> object:
        return frame.figures, frame.selection, frame.first_row

    def title(self, frame: Frame, width: int, height: int) -> tuple[Line, Line]:
        workers = frame.figures.workers
        more = [f"{sum(worker.alive for worker in workers)} alive"] if workers else []
        if len(workers) > height - 1:
            first = _first(frame, height)
            more.append(f"{first + 1}-{min(len(workers), first + height - 1)} of {len(workers)}")
        return heading("Threads" if frame.figures.program else self.name, *more), BLANK

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        workers, processes = frame.figures.workers, frame.figures.processes
        return lines(workers, processes, frame.selection.place(workers), _first(frame, height), width, height)

    def clicked(self, frame: Frame, width: int, height: int, x: int, y: int) -> Iterable[Message]:
        yield from super().clicked(frame, width, height, x, y)
        workers, inner_height = frame.figures.workers, frame.inner_size(width, height)[1]
        selected, first = frame.selection.place(workers), _first(frame, inner_height)
        shown = rows(workers, frame.figures.processes, selected, first, inner_height - 1)
        if 0 <= y - 2 < len(shown):
            yield WorkerClicked(workers[shown[y - 2].worker].id)

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        if sign := Explained((self.name, STATES.name), lines).sign_at(x, y):
            return sign
        fitted = fit_columns(frame.inner_size(sum(map(width_of, lines[:1])), 0)[0], frame.figures.workers)
        return entry((self.name,), _title_at(fitted, x - (2 if frame.boxed else 1)))


def _first(frame: Frame, height: int) -> int:
    workers = frame.figures.workers
    return first_row(len(workers), frame.selection.place(workers), height - 1, frame.first_row)


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
    Column("I/O%", 4, 6, share(lambda times: times.io)),
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
    Column("I/O%", 4, 5, share(lambda times: times.io)),
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


def _title_at(fitted: FittedColumns, x: int) -> str:
    """The title of the column at this place of a row, which starts with a mark."""
    start = 1
    for column in fitted.columns:
        start += column.width + fitted.gap
        if x < start:
            return column.title
    return ""


def header(fitted: FittedColumns) -> Line:
    """The titles of the columns."""
    return text(_row(fitted, " ", [column.title for column in fitted.columns]), DIM)


def _row(fitted: FittedColumns, mark: str, values: list[str]) -> str:
    pairs = zip(fitted.columns, values, strict=True)
    shown = ((column, CUTS.get(column.title, cut)(value, column.width)) for column, value in pairs)
    return mark + "".join(aligned(value, column) + " " * fitted.gap for column, value in shown)


def row(worker: Worker, fitted: FittedColumns, selected: bool) -> Line:
    """A worker's row: the state in its colour, or all dimmed once the worker has ended."""
    content = _row(fitted, "▸" if selected else " ", [column.value(worker) for column in fitted.columns])
    base = (TEXT if worker.alive else DIM) + (SELECTED if selected else Style.null())
    start = 1
    for column in fitted.columns:
        end = start + column.width
        if column.title == "state" and worker.alive:
            colour = Style(color=STATE_STYLES[worker.state].style.color)
            return ((content[:start], base), (content[start:end], base + colour), (content[end:], base))
        start = end + fitted.gap
    return ((content, base),)


def first_row(workers: int, selected: int, rows: int, scrolled_to: int) -> int:
    """The index of the first worker in sight, changed only as far as is needed to show the selected one."""
    if rows <= 0:
        return 0
    first = min(scrolled_to, max(0, workers - rows))
    return min(max(first, selected - rows + 1), selected) if workers else 0


class TableRow(NamedTuple):
    """A row of the table: a worker, or what the helpers of its process use."""

    worker: int
    """Number of the worker, to which a row of helpers belongs."""
    helpers: HelperUse | None = None


def rows(
    workers: tuple[Worker, ...], processes: tuple[WorkerProcess, ...], selected: int, first: int, count: int
) -> list[TableRow]:
    """The rows in sight. Helpers follow the last worker of their process, unless that hides the selected one."""
    helpers = {process.workers[-1]: sentences.helpers(process) for process in processes}
    found: list[TableRow] = []
    for index in range(first, len(workers)):
        found.append(TableRow(index))
        found += [TableRow(index, each) for each in helpers.get(workers[index].id, ())]
    if TableRow(selected) in found[:count] or not first <= selected < first + count:
        return found[:count]
    return [each for each in found if each.helpers is None][:count]


def _helpers_row(helpers: HelperUse, fitted: FittedColumns) -> Line:
    """The name may extend over empty columns; the CPU use is in its own column."""
    cells = ["" if column.title != "CPU%" else percent(helpers.cores) for column in fitted.columns]
    empty, name = _row(fitted, " ", cells), f"   {helpers.name}"
    return text(name + empty[len(name) :], DIM)


EMPTY: list[Line] = [
    text("No workers.", DIM),
    (*hint("t", " thread   "), *hint("p", " process   "), *hint("m", " measure")),
]


def lines(
    workers: tuple[Worker, ...],
    processes: tuple[WorkerProcess, ...],
    selected: int,
    first: int,
    width: int,
    height: int,
) -> list[Line]:
    """The header, then as many rows as fit."""
    if not workers:
        return center_block(EMPTY, width, height)
    fitted = fit_columns(width, workers)
    return [
        header(fitted),
        *(
            _helpers_row(helpers, fitted) if helpers else row(workers[index], fitted, index == selected)
            for index, helpers in rows(workers, processes, selected, first, height - 1)
        ),
    ]
