"""The timeline's lines: a lane a worker on one clock, an axis, a legend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text.numbers import UNKNOWN, duration, version, whole
from pconc_tui.text.sentences import agree
from pconc_tui.ui.drawing.lanes import Lanes, now_mark
from pconc_tui.ui.drawing.lines import BLANK, Line, fitted, heading, middle, text, width_of
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, FROZEN, KEY, LEGEND, SELECTED, STATE_STYLES, TEXT
from pconc_tui.ui.drawing.timeline_window import TimelineWindow, clock

NAME_WIDTH = 11
SAMPLED = "*"
"""Behind the name of a lane that was seen from outside; the legend says so."""
FRAMING = 5
"""What a panel's head needs beside its title and what stands at its right."""
HINT: Line = (
    ("Press ", TEXT),
    ("t", KEY),
    (" to start a thread,", TEXT),
    (" p", KEY),
    (" to start a process,", TEXT),
    (" m", KEY),
    (" to measure", TEXT),
)


def mixed(workers: tuple[Worker, ...]) -> bool:
    """Whether they run under different interpreters, so that each has to tell its own."""
    return len({worker.python for worker in workers if worker.python}) > 1


def sampled(worker: Worker) -> bool:
    """Whether its lane was seen from outside."""
    return worker.sampling is not None and not worker.sampling.calls_probe


def names_width(width: int, mixed: bool = False) -> int:
    return (NAME_WIDTH + 4 if width >= 70 else 13) + (6 if mixed else 0)


def cells_across(width: int, mixed: bool = False) -> int:
    """How many cells fit beside the names."""
    return max(1, width - names_width(width, mixed) - 1)


@dataclass(frozen=True)
class LaneLayout:
    """Which workers have a lane on screen, and how tall the lanes are."""

    first: int
    count: int
    tall: int
    gap: int

    def worker_at(self, row: int) -> int:
        return self.first + row // (self.tall + self.gap)


def shelved(workers: int, selected: int, rows: int, big: bool = False) -> LaneLayout:
    """As tall as there is room for; where there is not, as many as fit around the selected one."""
    rows = max(1, rows)
    if workers == 0:
        return LaneLayout(0, 0, 1, 0)
    per = rows // workers
    if per >= 2:
        most = 8 if big else 3
        per = min(per, most)
        return LaneLayout(0, workers, per - 1, 1)
    count = min(workers, rows)
    first = max(0, min(selected - count // 2, workers - count))
    return LaneLayout(first, count, 1, 0)


def _name(worker: Worker, selected: bool, width: int, mixed: bool) -> Line:
    if mixed:
        head = _name(worker, selected, width - 6, False)
        return (head[0], (f" {version(worker.python):<5}", DIM), *head[1:])
    style = BRIGHT + SELECTED if selected else TEXT if worker.alive else DIM
    name = worker.name if len(worker.name) <= width - 4 else worker.name.replace("Process-", "Proc-")
    mark = "▸" if selected else " "
    seen = SAMPLED if sampled(worker) else ""
    return (f"{mark}{name[: width - 4] + seen:<{width - 3}}", style), now_mark(worker), (" ", TEXT)


def axis(window: TimelineWindow, width: int, mixed: bool = False) -> Line:
    """Ticks at round times before the window's right edge."""
    cells = cells_across(width, mixed)
    steps = 5 if cells >= 45 else 2
    marks = [" "] * cells
    for step in range(steps + 1):
        at = round(step * (cells - 1) / steps)
        back = window.span_ns * (steps - step) / steps / 1e9
        label = "now" if not back and not window.held and not window.frozen else f"-{duration(back)}" if back else "0"
        start = min(at + 1, cells - len(label)) if step < steps else cells - len(label) - 1
        marks[start : start + len(label)] = label
        marks[at] = "╵" if step < steps else "╷"
    return ((" " * names_width(width, mixed), TEXT), ("".join(marks[:cells]), DIM))


def legend(width: int, workers: tuple[Worker, ...] = ()) -> Line:
    """Every state's glyph and word, as far as they fit, and the mark of lanes that were seen from outside."""
    line: Line = BLANK
    at_length, in_short = _sampled(workers)
    for short, states, seen, gap in (
        (False, LEGEND, at_length, 3),
        (True, LEGEND, at_length, 3),
        (True, LEGEND, in_short, 3),
        (True, LEGEND[:-1], in_short, 3),
        (True, LEGEND[:-1], in_short, 2),
    ):
        line = ((SAMPLED, TEXT), (f" {seen}", DIM)) if seen else BLANK
        for state in states:
            look = STATE_STYLES[state]
            word = look.word.removeprefix("waiting for the ").removeprefix("for a ") if short else look.word
            line = (*line, (" " * gap if line else "", DIM), (look.glyph, look.style), (f" {word}", DIM))
        if width_of(line) <= width:
            break
    return line


def title(
    window: TimelineWindow, snapshot: Snapshot, figures: Snapshot, shelf: LaneLayout, live: Snapshot, width: int
) -> tuple[Line, Line]:
    """Its name, width and manner; and hand-offs a second."""
    across, manner = window.described(clock(live))
    hidden = len(snapshot.workers) - shelf.count
    if width < 95 or (hidden and width < 110):
        manner = manner.replace(", renewed every second", "")
    left: Line = heading("Timeline", across)
    left = (*left, (" · ", DIM), (f" {manner} ", FROZEN)) if window.frozen else (*left, (f" · {manner}", DIM))
    if hidden:
        range = f"{shelf.first + 1}-{shelf.first + shelf.count}, " if width >= 72 else ""
        left = (*left, (f" · {range}+{hidden} more", TEXT))
    room = width - FRAMING - width_of(left)
    return left, next((right for right in _handoffs(figures) if width_of(right) <= room), BLANK)


def _sampled(workers: tuple[Worker, ...]) -> tuple[str, str]:
    """What the mark means: with how often a second those lanes were looked at, and without; nothing where none was."""
    seen = [worker.sampling for worker in workers if worker.sampling is not None and sampled(worker)]
    if not seen:
        return "", ""
    rates = [each.rate_hz for each in seen if each.rate_hz]
    return (f"sampled {whole(sum(rates) / len(rates))}/s" if rates else "sampled", "sampled")


def _handoffs(figures: Snapshot) -> Iterator[Line]:
    """Hand-offs per second by the better source, shorter and shorter, each of a width that stays.

    CPython's own count stands beside the lanes' where the lanes show each hand-off and both agree, and instead of it
    where they don't.
    """
    lanes, cpython = figures.handoffs_per_s, figures.switches_per_s
    rate = UNKNOWN if lanes is None else whole(lanes)
    told: Line = ((f"{rate:>6}", BRIGHT), (" hand-offs/s", DIM))
    own = UNKNOWN if cpython is None else whole(cpython)
    if cpython is not None and not all(worker.shows_handoffs for worker in figures.workers if worker.alive):
        told = ((f"{own:>6}", BRIGHT), (" hand-offs/s", DIM))
        yield (*told, (" · counted by CPython", DIM))
    elif lanes is not None and cpython is not None and not agree(lanes, cpython):
        pass
    elif figures.switches_problem:
        yield (*told, (" · CPython: not readable", DIM))
        yield (*told, (" · not readable", DIM))
    else:
        yield (*told, (" · CPython counts ", DIM), (f"{own:>6}", BRIGHT))
        yield (*told, (" · CPython ", DIM), (f"{own:>6}", BRIGHT))
    yield told


def lines(
    snapshot: Snapshot, window: TimelineWindow, lanes: Lanes, selected: int, width: int, height: int, big: bool = False
) -> list[Line]:
    """What stands inside the panel: lanes, axis, legend."""
    rows = height - 2
    workers = snapshot.workers
    if not workers:
        return middle([HINT] if width_of(HINT) <= width else [HINT[:3], HINT[3:5], HINT[5:]], width, rows)
    shelf = shelved(len(workers), selected, rows, big)
    body: list[Line] = []
    several = mixed(workers)
    names = names_width(width, several)
    for index in range(shelf.first, shelf.first + shelf.count):
        worker = workers[index]
        label = _name(worker, index == selected, names, several)
        below: Line = text(" " * names)
        for row, cells in enumerate(lanes.picture(worker, window, shelf.tall)):
            start = label if row == (shelf.tall - 1) // 2 else below
            body.append((*fitted(start, names), *cells))
        body += [BLANK] * shelf.gap
    if len(body) > rows:
        body = body[:rows]
    body += [BLANK] * (rows - len(body))
    return [*body, axis(window, width, several), legend(width, workers)]
