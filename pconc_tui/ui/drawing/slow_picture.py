"""The lanes of slow motion as a picture: the moment as a line through all lanes, a token on the lane of each GIL's
holder, an arrow for each hand-off, a tick for each request, and for how long each worker has done what it does. Pure.

The moment stands in one column, and the lanes move under it. What lies before it is bright, what comes is dim.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter

from rich.color import Color
from rich.style import Style

from pconc_tui.protocol.block import RUNS, State
from pconc_tui.text.numbers import duration
from pconc_tui.text.step_sentences import duration as lasting
from pconc_tui.timeline.turns import LaneSpans, Turn
from pconc_tui.ui.drawing.lane_layout import LaneLayout
from pconc_tui.ui.drawing.legend import SAMPLED_MARK
from pconc_tui.ui.drawing.lines import Line, fit, put, text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, STATE_STYLES, TEXT, TOKEN, VERMILLION, YELLOW
from pconc_tui.ui.drawing.slow_lanes import rows, solid
from pconc_tui.ui.drawing.slow_motion import PAST, SlowMotion

MOMENT = "┃"
INFERRED, MEASURED = "◇", "◆"
"""A request, by whether it was measured."""
DOES = {
    State.RUNNING: "runs",
    State.RELEASED: "runs, no GIL",
    State.GIL_WAIT: "waits: GIL",
    State.CORE_WAIT: "waits: core",
    State.IO: "I/O, sleep",
    State.BLOCKED_WITH_GIL: "blocked+GIL",
    State.LOCK: "waits: lock",
    State.STARTING: "starts",
}
"""What a worker does, beside its lane."""
NAME_WIDTH, DOES_WIDTH, TIME_WIDTH = 11, 13, 8
WITH_WORDS = 100
"""From this width on there is room for what a worker does in words."""
TRANSIT_NS = 2_000_000
"""A GIL that is released and taken again within this is drawn on its way; else it is free."""
_PAST_ARROW, _NEXT_ARROW = Style(color=YELLOW), Style(color="#8b96a1")
_ASKED = Style(color=VERMILLION, bold=True)
_START = attrgetter("start_ns")


class Picture:
    """The lanes at one moment, drawn into this width."""

    def __init__(self, slow: SlowMotion, layout: LaneLayout, width: int) -> None:
        self._slow, self._layout = slow, layout
        self._names = {each.id: f"{each.name} {each.role}".rstrip() for each in slow.snapshot.workers}
        self._label = label_width(slow, width)
        self.cells = max(2, width - self._label - 1)
        self._now = round(PAST * self.cells)
        """The column of the moment."""
        self._cell_ns = slow.span_ns / self.cells
        self._shown = slow.scene.lanes[layout.first : layout.first + layout.count]
        self._place = {lane.worker: index for index, lane in enumerate(slow.scene.lanes)}

    def lines(self) -> list[Line]:
        """A row with the moment's mark, then the lanes."""
        cells = [line for lane in self._shown for line in self._lane(lane)]
        if not self._layout.gap:
            cells = cells[: self._layout.count * self._layout.height]
        for of in self._slow.scene.turns.values():
            in_sight = self._in_sight(of)
            for before, after in pairwise(in_sight):
                self._draw_handoff(cells, before, after)
            for turn in in_sight:
                self._draw_request(cells, turn)
        head = put(text(" " * (self.cells + 1)), self._now, ("▼", BRIGHT))
        for number, gil in enumerate(self._slow.scene.turns, 1):
            head = self._draw_token(cells, head, gil, number if len(self._slow.scene.turns) > 1 else 0)
        labels = self._labels(len(cells))
        return [
            (*text(" " * self._label), *head),
            *((*label, *line) for label, line in zip(labels, cells, strict=True)),
        ]

    def axis(self) -> Line:
        """A tick for each switch interval."""
        step_ns = self._slow.switch_ns * self._slow.intervals // 5
        return (*text(" " * self._label), *_axis(self.cells, self._now, self._cell_ns, step_ns))

    # Lanes

    def _lane(self, lane: LaneSpans) -> Iterator[Line]:
        """The rows of a lane, and of the gap below it."""
        position_ns, height = self._slow.position_ns, self._layout.height
        start_ns = position_ns - round(self._now * self._cell_ns)
        past = rows(lane, start_ns, self._cell_ns, self._now, True, height)
        coming = rows(lane, position_ns, self._cell_ns, self.cells - self._now, False, height)
        span = lane.span_at(position_ns)
        moment = MOMENT, _moment(span.state if span else None)
        made: dict[tuple[int, int], Line] = {}
        for left, right in zip(past, coming, strict=True):
            key = id(left), id(right)
            if key not in made:
                made[key] = (*left, moment, *right)
            yield made[key]
        for _ in range(self._layout.gap):
            yield (" " * self._now, TEXT), ("│", DIM), (" " * (self.cells - self._now), TEXT)

    def _labels(self, count: int) -> list[Line]:
        blank = text(" " * self._label)
        found = [blank] * count
        for index, lane in enumerate(self._shown):
            found[index * self._pitch + self._middle] = self._label_of(lane)
        return found

    def _label_of(self, lane: LaneSpans) -> Line:
        """The worker's name, what it does, and for how long it has done that."""
        span = lane.span_at(self._slow.position_ns)
        name = self._names[lane.worker].replace("Process-", "Proc-") + (SAMPLED_MARK if lane.blur_ns else "")
        holds = any(self._slow.scene.holder(gil, self._slow.position_ns) == lane.worker for gil in (lane.gil,) if gil)
        state = span.state if span else State.UNKNOWN
        since = lasting(self._slow.position_ns - span.start_ns) if span else ""
        with_words = self._label > NAME_WIDTH + TIME_WIDTH + DOES_WIDTH
        words = f"{DOES.get(state, STATE_STYLES[state].word) if span else '':<{DOES_WIDTH}}" if with_words else ""
        room = self._label - TIME_WIDTH - 1 - (DOES_WIDTH if with_words else 0)
        colour = _waiting(state) if span and span.state not in RUNS else TEXT
        return (*_name(name, BRIGHT if holds else TEXT, room), (words, colour), (f"{since:>{TIME_WIDTH}} ", DIM))

    # What lies over the lanes

    @property
    def _pitch(self) -> int:
        """Rows from one lane to the next."""
        return self._layout.height + self._layout.gap

    @property
    def _middle(self) -> int:
        return (self._layout.height - 1) // 2

    def _row(self, worker: int) -> int:
        """The middle row of a worker's lane, perhaps above or below those in sight."""
        return (self._place[worker] - self._layout.first) * self._pitch + self._middle

    def _column(self, time_ns: int) -> int:
        """The column of a time; that of the moment is the moment's own."""
        off_ns = time_ns - self._slow.position_ns
        if abs(off_ns) < self._cell_ns / 2:
            return self._now
        return self._now + int(off_ns // self._cell_ns) + (off_ns > 0)

    def _in_sight(self, of: Sequence[Turn]) -> Sequence[Turn]:
        """Those of these turns that are in sight, with the one before."""
        start_ns = self._slow.position_ns - round((self._now + 1) * self._cell_ns)
        end_ns = self._slow.position_ns + round((self.cells - self._now + 1) * self._cell_ns)
        first = bisect_left(of, start_ns, key=_START) - 1
        return of[max(0, first) : bisect_left(of, end_ns, key=_START)]

    def _draw_handoff(self, cells: list[Line], before: Turn, after: Turn) -> None:
        """An arrow from the giver's lane to the taker's."""
        column = self._column(after.start_ns)
        if after.giver is None or not 0 <= column <= self.cells:
            return
        style = _PAST_ARROW if after.start_ns <= self._slow.position_ns else _NEXT_ARROW
        giver, taker = self._row(before.worker), self._row(after.worker)
        down = taker > giver
        first, last = sorted((giver, taker))
        between = range(first + self._layout.height - self._middle, last - self._middle)
        for row in between:
            if 0 <= row < len(cells):
                head = row == between[-1 if down else 0]
                cells[row] = over(cells[row], column, ("▼" if down else "▲") if head else "│", style)

    def _draw_request(self, cells: list[Line], turn: Turn) -> None:
        """A tick on the lane of the worker that asks."""
        asked = turn.request
        if asked is None:
            return
        column, row = self._column(asked.time_ns), self._row(asked.worker)
        if 0 <= column <= self.cells and 0 <= row < len(cells):
            past = asked.time_ns <= self._slow.position_ns
            glyph = MEASURED if asked.measured else INFERRED
            cells[row] = over(cells[row], column, glyph, _ASKED if past else _NEXT_ARROW)

    def _draw_token(self, cells: list[Line], head: Line, gil: int, number: int) -> Line:
        """The token on the holder's lane, on its way to the next, or above all lanes; returns the row above them."""
        now_ns = self._slow.position_ns
        turn = self._slow.scene.turn_at(gil, now_ns)
        if turn is None:
            return head
        token = f" GIL {number} " if number else " GIL "
        column = max(0, self._now - len(token))
        row: int | None = self._row(turn.worker)
        if now_ns >= turn.end_ns:
            after = self._slow.scene.next_turn(gil, now_ns)
            row = None
            if after is not None and after.start_ns - turn.end_ns <= TRANSIT_NS:
                share = (now_ns - turn.end_ns) / max(1, after.start_ns - turn.end_ns)
                begin, end = self._row(turn.worker), self._row(after.worker)
                row = round(begin + share * (end - begin))
        if row is None:
            return head if number else put(head, max(0, self._now - 13), (" GIL is free ", DIM))
        half = min(1, self._middle)
        for place in range(max(0, row - half), min(len(cells), row + half + 1)):
            cells[place] = put(cells[place], column, (token if place == row else " " * len(token), TOKEN))
        return head


def label_width(slow: SlowMotion, width: int) -> int:
    """Columns of the names, with what the workers do in words where there is room."""
    longest = max((len(worker.name) + len(worker.role) + 1 for worker in slow.snapshot.workers), default=0)
    name = max(NAME_WIDTH, min(longest + 2, 21))
    return name + TIME_WIDTH + 2 + (DOES_WIDTH if width >= WITH_WORDS else 0)


def over(line: Line, at: int, glyph: str, style: Style) -> Line:
    """The line with this glyph at this column, on the background that is there."""
    here = 0
    for content, behind in line:
        here += len(content)
        if at < here:
            return put(line, at, (glyph, _on(style, behind.bgcolor)))
    return line


@lru_cache(maxsize=64)
def _axis(cells: int, now: int, cell_ns: float, step_ns: int) -> Line:
    """A tick for each step before and after this column."""
    line = text(" " * (cells + 1), DIM)
    for number in range(-4, 4):
        column = now + (number > 0) + round(number * step_ns / cell_ns)
        label = f"{'+' if number > 0 else '-'}{duration(abs(number) * step_ns / 1e9)}" if number else "now"
        if column >= 0 and column + 1 + len(label) <= cells:
            line = put(line, column, (f"╵{label}", DIM if number else BRIGHT))
    return line


@lru_cache(maxsize=1024)
def _name(name: str, style: Style, width: int) -> Line:
    return fit(((f" {name}", style),), width)


# A style takes as long to be made as a strip.


@lru_cache(maxsize=64)
def _moment(state: State | None) -> Style:
    return Style(color="#ffffff", bgcolor=solid(state, True))


@lru_cache(maxsize=64)
def _waiting(state: State) -> Style:
    return Style(color=STATE_STYLES[state].style.color)


@lru_cache(maxsize=256)
def _on(style: Style, background: Color | None) -> Style:
    return style + Style(bgcolor=background)
