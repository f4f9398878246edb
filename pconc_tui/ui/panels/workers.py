"""The workers' table: columns that keep their places, the less important ones gone where it is narrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from rich.style import Style

from pconc_tui.models import POOLS
from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Worker, WorkerProcess
from pconc_tui.text import sentences
from pconc_tui.text.numbers import UNKNOWN, digits, percent, seconds, short, version, whole
from pconc_tui.text.sentences import HelperUse
from pconc_tui.text.table import Column, aligned, cut, fitting, total_width
from pconc_tui.timeline.spans import Times
from pconc_tui.ui.drawing.lines import Line, middle, plain, text
from pconc_tui.ui.drawing.palette import DIM, KEY, SELECTED, STATE_STYLES, TEXT
from pconc_tui.ui.panels.timeline import mixed


def share(part: Callable[[Times], float]) -> Callable[[Worker], str]:
    """A state's share: of the last second while the worker lives, of its whole life afterwards."""

    def value(worker: Worker) -> str:
        times = worker.recent if worker.alive else worker.total
        return UNKNOWN if times is None or not times.wall else percent(part(times) / times.wall)

    return value


def state_of(worker: Worker) -> str:
    if worker.ending is not None:
        return plain(worker.ending)
    look = STATE_STYLES[worker.state]
    queued = worker.state is State.STARTING and worker.model in POOLS
    return f"{look.glyph} {'queued' if queued else look.short}"


def _cpu(worker: Worker) -> str:
    if worker.alive:
        return percent(worker.cpu)
    return UNKNOWN if worker.cpu_s is None or not worker.total.wall else percent(worker.cpu_s / worker.total.wall)


def _launch(worker: Worker) -> str:
    """From its launch to its first instruction."""
    if worker.started_ns is None:
        return UNKNOWN
    return seconds((worker.started_ns - worker.launched_ns) / 1e9)


def _rate(worker: Worker) -> str:
    if not worker.iterations_known:
        return UNKNOWN
    if worker.alive:
        return short(worker.rate)
    return short(worker.iterations / worker.total.wall) if worker.total.wall else UNKNOWN


COLUMNS: tuple[Column[Worker], ...] = (
    Column("name", 11, 1, lambda worker: worker.name, left=True),
    Column("model", 16, 10, lambda worker: worker.model, left=True),
    Column("python", 6, 2, lambda worker: version(worker.python) or UNKNOWN, left=True),
    Column("start", 10, 2, lambda worker: worker.start_method or UNKNOWN, left=True),
    Column("PID", 8, 4, lambda worker: digits(worker.pid)),
    Column("TID", 8, 5, lambda worker: digits(worker.native_id)),
    Column("state", 18, 1, state_of, left=True),
    Column("core", 4, 7, lambda worker: digits(worker.core)),
    Column("CPU%", 4, 2, _cpu),
    Column("run%", 4, 1, share(lambda times: times.running)),
    Column("GIL%", 4, 1, share(lambda times: times.gil_wait)),
    Column("core%", 5, 3, share(lambda times: times.core_wait)),
    Column("I/O%", 4, 6, share(lambda times: times.io)),
    Column("lock%", 5, 6, share(lambda times: times.lock_wait)),
    Column("launch", 7, 9, _launch),
    Column("it/s", 6, 3, _rate),
    Column("count", 13, 8, lambda worker: whole(worker.iterations) if worker.iterations_known else UNKNOWN),
)
GAP = 1
STATE_SPARE, STATE_MOST = 8, 48


@dataclass(frozen=True)
class Table:
    """The columns that fit, with the widths that they have at this width."""

    columns: tuple[Column[Worker], ...]
    gap: int


def table(width: int, several: bool = False, methods: bool = False) -> Table:
    """The less important columns go first; what is left over goes to the state, which may be an exception's message.

    Interpreters and start methods have a column where there are several.
    """
    left_out = {*(() if several else ("python",)), *(() if methods else ("start",))}
    room = width - 1
    shown = fitting((column for column in COLUMNS if column.title not in left_out), room, GAP)
    gap = next((gap for gap in (4, 3, 2) if total_width(shown, gap) + STATE_SPARE <= room), GAP)
    spare = max(0, room - total_width(shown, gap))
    widest = tuple(
        replace(column, width=min(STATE_MOST, column.width + spare)) if column.title == "state" else column
        for column in shown
    )
    return Table(widest, gap)


def header(shape: Table) -> Line:
    return text(_row(shape, " ", [column.title for column in shape.columns]), DIM)


def _row(shape: Table, mark: str, values: list[str]) -> str:
    pairs = zip(shape.columns, values, strict=True)
    return mark + "".join(aligned(cut(value, column.width), column) + " " * shape.gap for column, value in pairs)


def row(worker: Worker, shape: Table, selected: bool) -> Line:
    """One worker: its state in the state's colour, all of it dimmed once it has ended."""
    values = [column.value(worker) for column in shape.columns]
    content = _row(shape, "▸" if selected else " ", values)
    base = (TEXT if worker.alive else DIM) + (SELECTED if selected else Style.null())
    at = 1
    for column in shape.columns:
        end = at + column.width
        if column.title == "state" and worker.alive:
            colour = Style(color=STATE_STYLES[worker.state].style.color)
            return ((content[:at], base), (content[at:end], base + colour), (content[end:], base))
        at = end + shape.gap
    return ((content, base),)


def first_row(workers: int, selected: int, rows: int, scrolled_to: int) -> int:
    """The first worker in sight: where it was, unless the selected one would be out of sight."""
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
    """The rows in sight. Helpers stand under the last worker of their process, unless that hides the selected one."""
    helpers = {process.workers[-1]: sentences.helpers(process) for process in processes}
    found: list[TableRow] = []
    for index in range(first, len(workers)):
        found.append(TableRow(index))
        found += [TableRow(index, each) for each in helpers.get(workers[index].id, ())]
    if TableRow(selected) in found[:count] or not first <= selected < first + count:
        return found[:count]
    return [each for each in found if each.helpers is None][:count]


def _helpers_row(helpers: HelperUse, shape: Table) -> Line:
    """The name may reach over empty columns; the CPU use stands in its own."""
    cells = ["" if column.title != "CPU%" else percent(helpers.cores) for column in shape.columns]
    empty, name = _row(shape, " ", cells), f"   {helpers.name}"
    return text(name + empty[len(name) :], DIM)


EMPTY: Line = (
    ("No workers. ", DIM),
    ("t", KEY),
    (" thread   ", DIM),
    ("p", KEY),
    (" process   ", DIM),
    ("m", KEY),
    (" measure", DIM),
)


def lines(
    workers: tuple[Worker, ...],
    processes: tuple[WorkerProcess, ...],
    selected: int,
    first: int,
    width: int,
    height: int,
) -> list[Line]:
    """What stands inside the panel: the header, then as many rows as fit."""
    if not workers:
        return middle([EMPTY], width, height)
    methods = {worker.start_method for worker in workers if worker.start_method}
    shape = table(width, mixed(workers), len(methods) > 1)
    return [
        header(shape),
        *(
            _helpers_row(helpers, shape) if helpers else row(workers[index], shape, index == selected)
            for index, helpers in rows(workers, processes, selected, first, height - 1)
        ),
    ]
