"""The table of workers. Columns keep their places; where it is narrow, the less important ones are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.style import Style
from textual.message import Message

from pconc_tui.snapshot import Snapshot, Worker, WorkerProcess
from pconc_tui.text import sentences
from pconc_tui.text.glossary import STATES, Entry
from pconc_tui.text.numbers import percent
from pconc_tui.text.sentences import HelperUse
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, heading, text, width_of
from pconc_tui.ui.drawing.palette import DIM, SELECTED, STATE_STYLES, TEXT
from pconc_tui.ui.explanations import Explained, entry
from pconc_tui.ui.hints import hint
from pconc_tui.ui.panels.panel import Frame, TabPanel, WorkerClicked
from pconc_tui.ui.panels.worker_columns import FittedColumns, fit_columns, row_text, title_at


class WorkersPanel(TabPanel):
    """The table of workers.

    With 16 rows whose values all change 10 times a second it takes 12 % of a core, a `DataTable` 57 %.
    """

    name = "Workers"
    area = Area.MIDDLE
    wheel_rows = 1

    @classmethod
    def tab(cls, snapshot: Snapshot) -> str:
        return "Threads" if snapshot.program else cls.name

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
        return heading(self.tab(frame.figures), *more), BLANK

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
        return entry((self.name,), title_at(fitted, x - (2 if frame.boxed else 1)))


def _first(frame: Frame, height: int) -> int:
    workers = frame.figures.workers
    return first_row(len(workers), frame.selection.place(workers), height - 1, frame.first_row)


def header(fitted: FittedColumns) -> Line:
    """The titles of the columns."""
    return text(row_text(fitted, " ", [column.title for column in fitted.columns]), DIM)


def row(worker: Worker, fitted: FittedColumns, selected: bool) -> Line:
    """A worker's row: the state in its colour, or all dimmed once the worker has ended."""
    content = row_text(fitted, "▸" if selected else " ", [column.value(worker) for column in fitted.columns])
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
    empty, name = row_text(fitted, " ", cells), f"   {helpers.name}"
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
