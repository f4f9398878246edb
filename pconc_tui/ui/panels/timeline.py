"""The timeline: a lane for each worker, all on one clock, an axis and a legend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from textual.message import Message

from pconc_tui.experiments import load
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text.glossary import STATES, Entry
from pconc_tui.text.headline import Kind, subject
from pconc_tui.text.numbers import version, whole
from pconc_tui.text.sentences import agree
from pconc_tui.text.table import cut_name
from pconc_tui.ui.drawing.axis import RULE, axis
from pconc_tui.ui.drawing.lane_layout import LaneLayout, lane_layout
from pconc_tui.ui.drawing.lane_order import with_helpers
from pconc_tui.ui.drawing.lanes import LaneCache, current_glyph
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.legend import SAMPLED_MARK, is_sampled, legend, sources
from pconc_tui.ui.drawing.lines import BLANK, Line, center_block, fit, flow, heading, put, text, width_of
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, FROZEN, SELECTED, STATE_STYLES, TEXT
from pconc_tui.ui.drawing.timeline_window import TimelineWindow, clock, split_ns
from pconc_tui.ui.explanations import character_at, entry
from pconc_tui.ui.hints import hint, pressed
from pconc_tui.ui.panels.first_screen import NOTHING, FirstScreen, is_shown
from pconc_tui.ui.panels.panel import Frame, TimelineScrolled, TitledPanel, WorkerClicked

NAME_WIDTH, ROLE_WIDTH = 11, 9
BORDER_WIDTH = 5
"""Columns of a title line that the frame takes."""
ROWS_BELOW = 2
"""Rows of the axis and the legend."""
START_HINTS = (
    (*pressed(text("Press "), "t"), *hint("t", " to start a thread,", TEXT)),
    hint("p", " to start a process,", TEXT),
    hint("m", " to measure", TEXT),
)
NO_WORKER = "No worker is there at this moment of the recording."
NO_THREAD = "No thread of the program is known at this moment."
FIRST = FirstScreen()


class TimelinePanel(TitledPanel):
    """Which worker ran when, and what the others waited for."""

    name = "Timeline"
    topics = (STATES.name,)
    area = Area.TIMELINE

    def depends_on(self, frame: Frame) -> object:
        shown, figures = frame.timeline, frame.timeline if frame.window.frozen else frame.figures
        if any(worker.alive for worker in shown.workers):
            return None
        lanes = [(worker.id, worker.ended_ns, worker.history) for worker in (*shown.workers, *shown.helpers)]
        handoffs = figures.handoffs_per_s, figures.switches_per_s, figures.switches_problem
        chosen = frame.settings, frame.selection, frame.has_run, frame.walk is None, frame.replay is None
        program = shown.program is None
        return frame.window, lanes, handoffs, chosen, program, frame.latest.workers == (), frame.latest.measurements

    def lines(self, frame: Frame, width: int, height: int) -> list[Line]:
        return FIRST.lines(frame, width, height) if is_shown(frame) else super().lines(frame, width, height)

    def title(self, frame: Frame, width: int, height: int) -> tuple[Line, Line]:
        figures = frame.timeline if frame.window.frozen else frame.figures
        lanes = _layout(frame, height)
        return title(
            frame.window, with_helpers(frame.timeline), figures, lanes, frame.latest, width, frame.replay is not None
        )

    def body(self, frame: Frame, width: int, height: int) -> list[Line]:
        if not frame.timeline.workers:
            return _without_workers(_empty(frame), width, height)
        drawn = with_helpers(frame.timeline)
        return lines(drawn, frame.window, frame.lanes, _layout(frame, height), _place(frame), width, height)

    def clicked(self, frame: Frame, width: int, height: int, x: int, y: int) -> Iterable[Message]:
        if worker := _worker_at(frame, height, y):
            yield WorkerClicked(worker.helper_of or worker.id)

    def explained(self, frame: Frame, lines: Sequence[Line], x: int, y: int) -> Entry | None:
        if _worker_at(frame, len(lines), y) is None:
            return super().explained(frame, lines, x, y)
        glyph = character_at(lines[y], x)
        words = (style.word for style in STATE_STYLES.values() if style.glyph == glyph != " ")
        return entry((STATES.name, self.name), next(words, glyph))

    def scrolled(self, by: int) -> Iterable[Message]:
        yield TimelineScrolled(by * 0.1)


def _place(frame: Frame) -> int:
    workers = frame.timeline.workers
    place = frame.selection.place(workers)
    drawn = with_helpers(frame.timeline).workers
    return place if drawn is workers else next(n for n, each in enumerate(drawn) if each.id == workers[place].id)


def _layout(frame: Frame, height: int) -> LaneLayout:
    # The one run of a measurement is in the first lane.
    around = 0 if frame.window.fit and frame.selection.worker_id is None else _place(frame)
    return lane_layout(len(with_helpers(frame.timeline).workers), around, height - ROWS_BELOW, frame.projector)


def _worker_at(frame: Frame, height: int, y: int) -> Worker | None:
    """The worker whose lane is in this row of a panel of this height."""
    lanes = _layout(frame, frame.inner_size(0, height)[1])
    place = lanes.worker_at(y - 1)
    return with_helpers(frame.timeline).workers[place] if y >= 1 and place < lanes.first + lanes.count else None


def several_interpreters(workers: tuple[Worker, ...]) -> bool:
    """Whether the workers run under different interpreters, so that each must name its own."""
    return len({worker.python for worker in workers if worker.python}) > 1


def names_width(width: int, workers: tuple[Worker, ...]) -> int:
    """Columns for the names in a timeline of this width, with roles and interpreters where workers have several."""
    roles = ROLE_WIDTH + 1 if any(worker.role for worker in workers) else 0
    names = (
        NAME_WIDTH if width < 90 else max([NAME_WIDTH, *(min(len(each.name), 20) for each in workers if each.thread)])
    )
    return (names + 4 if width >= 70 else 13) + roles + (6 if several_interpreters(workers) else 0)


def cell_count(width: int, workers: tuple[Worker, ...]) -> int:
    """How many cells fit beside the names."""
    return max(1, width - names_width(width, workers) - 1)


def advanced(window: TimelineWindow, snapshot: Snapshot, chosen: Kind, width: int) -> TimelineWindow:
    """The window for this snapshot in a timeline of this width; the same object if it has not changed."""
    experiment = load(subject(snapshot, chosen).kind.experiment)
    return window.suited(experiment.window_ms, snapshot).advanced(snapshot, cell_count(width, snapshot.workers))


def lane_label(worker: Worker, selected: bool, width: int, with_python: bool) -> Line:
    """Mark, name, sampled mark, interpreter and present state of a worker, `width` columns in all."""
    if with_python:
        label = lane_label(worker, selected, width - 6, False)
        return (label[0], (f" {version(worker.python):<5}", DIM), *label[1:])
    style = BRIGHT + SELECTED if selected else TEXT if worker.alive else DIM
    role = f" {worker.role}".rstrip()
    name = worker.name if len(worker.name + role) <= width - 4 else worker.name.replace("Process-", "Proc-")
    name = cut_name(name, max(3, width - 4 - len(role))) + role
    mark = "▸" if selected else " "
    sampled = SAMPLED_MARK if is_sampled(worker) else ""
    return (f"{mark}{name[: width - 4] + sampled:<{width - 3}}", style), current_glyph(worker), (" ", TEXT)


def title(
    window: TimelineWindow,
    snapshot: Snapshot,
    figures: Snapshot,
    lanes: LaneLayout,
    latest: Snapshot,
    width: int,
    recorded: bool = False,
) -> tuple[Line, Line]:
    """The window's width and mode, workers that have no lane on screen; at the right, hand-offs per second."""
    span, mode = window.described(clock(latest))
    # As long as the word of the live screen, so that the same figures fit beside it.
    mode = "past" if recorded and mode == "live" else mode
    hidden = len(snapshot.workers) - lanes.count
    if width < 95 or (hidden and width < 110):
        mode = mode.replace(", renewed every second", "")
    left: Line = heading("Timeline", span)
    left = (*left, (" · ", DIM), (f" {mode} ", FROZEN)) if window.frozen else (*left, (f" · {mode}", DIM))
    if hidden:
        range = f"{lanes.first + 1}-{lanes.first + lanes.count}, " if width >= 72 else ""
        left = (*left, (f" · {range}+{hidden} more", TEXT))
    room = width - BORDER_WIDTH - width_of(left)
    rights = _counted(latest) if window.fit else _handoffs(figures)
    right = next((right for right in rights if width_of(right) <= room), BLANK)
    lanes_from = snapshot.program.source if snapshot.program is not None else sources(snapshot.workers)
    named: Line = ((f" · lanes: {lanes_from}", DIM),) if lanes_from else ()
    return (*left, *named) if width_of(named) + width_of(right) <= room else left, right


def _counted(latest: Snapshot) -> Iterator[Line]:
    """The hand-offs in the N runs of the newest measurement, if these need a GIL."""
    for measurement in latest.measurements[-1:]:
        count = measurement.handoffs if measurement.handoffs_source == "lanes" else measurement.switches
        if count or measurement.switches is not None:
            yield (whole(count), BRIGHT), (f" hand-offs in the {measurement.workers} runs", DIM)
            yield (whole(count), BRIGHT), (" hand-offs", DIM)


def _handoffs(figures: Snapshot) -> Iterator[Line]:
    """Hand-offs per second by the better source, the longest text first.

    CPython's own count stands beside the lanes' where the lanes show each hand-off and both agree, and instead of it
    where they don't.
    """
    lanes, cpython = figures.handoffs_per_s, figures.switches_per_s
    best: Line = ((f"{whole(lanes):>6}", BRIGHT), (" hand-offs/s", DIM))
    by_cpython = f"{whole(cpython):>6}"
    if cpython is not None and not all(worker.shows_handoffs for worker in figures.workers if worker.alive):
        best = ((by_cpython, BRIGHT), (" hand-offs/s", DIM))
        yield (*best, (" · counted by CPython", DIM))
    elif lanes is not None and cpython is not None and not agree(lanes, cpython):
        pass
    elif figures.switches_problem:
        yield (*best, (" · CPython: not readable", DIM))
        yield (*best, (" · not readable", DIM))
    else:
        yield (*best, (" · CPython counts ", DIM), (by_cpython, BRIGHT))
        yield (*best, (" · CPython ", DIM), (by_cpython, BRIGHT))
    yield best


def lines(
    snapshot: Snapshot,
    window: TimelineWindow,
    cache: LaneCache,
    lanes: LaneLayout,
    selected: int,
    width: int,
    height: int,
) -> list[Line]:
    """Lanes, axis and legend."""
    rows = height - ROWS_BELOW
    workers = snapshot.workers
    with_python = several_interpreters(workers)
    names = names_width(width, workers)
    split = _split(snapshot, window)
    left, no_cells = text(" " * names), text(" " * window.cells)
    body: list[Line] = []
    for index in range(lanes.first, lanes.first + lanes.count):
        label = lane_label(workers[index], index == selected, names, with_python)
        for row, cells in enumerate(cache.rows(_lane(snapshot, index), window, lanes.height)):
            start = fit(label, names) if row == (lanes.height - 1) // 2 else left
            body.append((*start, *_ruled(cells, split)))
        body += [(*left, *_ruled(no_cells, split))] * lanes.gap
    body = body[:rows] + [(*left, *_ruled(no_cells, split))] * (rows - len(body))
    runs = sum(worker.helper_of is None for worker in workers)
    return [*body, (*left, *axis(window, split, runs)), legend(width, workers)]


def _empty(frame: Frame) -> Sequence[Line]:
    """What stands in place of lanes: what to press, or why there are none."""
    if frame.timeline.program is not None:
        return (text(NO_THREAD, DIM),)
    return START_HINTS if frame.replay is None else (text(NO_WORKER if frame.has_run else NOTHING, DIM),)


def _without_workers(hints: Sequence[Line], width: int, height: int) -> list[Line]:
    return center_block(flow(hints, width, (" ", TEXT)), width, height - ROWS_BELOW)


def _lane(snapshot: Snapshot, index: int) -> Worker:
    """The worker of this lane. The first lane also has what the one run of a measurement did before."""
    worker = snapshot.workers[index]
    if index or snapshot.one_run is None:
        return worker
    return replace(worker, history=(*filter(None, snapshot.one_run.history), *worker.history))


def _split(snapshot: Snapshot, window: TimelineWindow) -> int | None:
    """The cell in which the N runs of a measurement begin; None: there is none in sight."""
    begin_ns = split_ns(snapshot)
    cell = -1 if begin_ns is None else (begin_ns - window.start_ns) // window.cell_ns
    return cell if 0 <= cell < window.cells else None


def _ruled(cells: Line, split: int | None) -> Line:
    """The cells with a rule between the one run and the N runs."""
    return cells if split is None else put(cells, split, (RULE, BRIGHT))
