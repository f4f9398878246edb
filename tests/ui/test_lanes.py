"""The cells of the timeline show shares in true proportion."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Sampling
from pconc_tui.timeline.spans import PackedSpans, Span, Times
from pconc_tui.ui.drawing.lanes import Cell, LaneCache, cell_glyph, cells_of
from pconc_tui.ui.drawing.legend import legend
from pconc_tui.ui.drawing.palette import LEGEND, STATE_STYLES
from pconc_tui.ui.drawing.timeline_window import DEFAULT, TimelineWindow
from tests.ui import samples
from tests.ui.samples import MS
from tests.ui.screens import text_of


def history(*spans: tuple[int, int, State]) -> tuple[tuple[Span, ...], ...]:
    return (tuple(Span(start * MS, end * MS, state) for start, end, state in spans),)


def test_a_cell_wholly_in_one_state_has_its_glyph() -> None:
    for state in LEGEND:
        (cell,) = cells_of(history((0, 10, state)), 0, 1, 10 * MS)
        assert cell_glyph(cell, 0, 1, True)[0] == STATE_STYLES[state].glyph


def test_a_mixed_cell_shows_the_running_share_as_height_over_what_it_waited_for() -> None:
    spans = history((0, 25, State.RUNNING), (25, 90, State.GIL_WAIT), (90, 100, State.CORE_WAIT))
    (cell,) = cells_of(spans, 0, 1, 100 * MS)
    assert cell == Cell(0.25, State.GIL_WAIT, True)
    glyph, style = cell_glyph(cell, 0, 1, True)
    assert glyph == "▂"
    assert style.color == STATE_STYLES[State.RUNNING].style.color
    assert style.bgcolor == STATE_STYLES[State.GIL_WAIT].style.bgcolor


@pytest.mark.parametrize(("share", "glyph"), [(0.001, "▁"), (0.5, "▄"), (0.9, "▇"), (0.98, "█")])
def test_neither_a_little_running_nor_a_little_waiting_disappears(share: float, glyph: str) -> None:
    assert cell_glyph(Cell(share, State.GIL_WAIT), 0, 1, True)[0] == glyph


def test_a_taller_lane_stacks_the_same_share() -> None:
    cell = Cell(0.5, State.GIL_WAIT)
    assert [cell_glyph(cell, row, 2, True)[0] for row in range(2)] == ["·", "█"]
    assert [cell_glyph(Cell(0.25, State.GIL_WAIT), row, 2, True)[0] for row in range(2)] == ["·", "▄"]


def test_four_threads_at_ten_seconds_across_each_show_a_quarter() -> None:
    window = TimelineWindow(zoom=8, cells=85).at_newest(samples.THREADS)
    for worker in samples.THREADS.workers:
        cells = LaneCache().cells(worker, window.last - 10, window.last - 2, window.cell_ns)
        assert {cell_glyph(cell, 0, 1, True)[0] for cell in cells} <= {"▂", "▃"}


def test_mixed_spans_are_drawn_by_their_shares_at_any_zoom() -> None:
    run, wait = State.RUNNING, State.GIL_WAIT
    clean = (Span(0, 10 * MS, run),)
    mixed = tuple(Span(start * MS, (start + 5) * MS, run if start % 2 else wait, True) for start in range(10, 60, 5))
    cells = cells_of((clean + mixed,), 0, 60, MS)
    assert [cell_glyph(cell, 0, 1, True)[0] for cell in cells] == ["█"] * 10 + ["·"] * 5 + ["▄"] * 40 + ["█"] * 5
    assert cells_of((clean + mixed,), 20, 30, MS) == cells[20:30]


def test_the_legend_explains_mixed_cells_if_there_are_any() -> None:
    worker = samples.thread(1, 4)
    mixed = replace(worker, sampling=Sampling(400.0, False, None, 0.5 * worker.total.wall))
    assert text_of(legend(140, (mixed,))).rstrip().endswith("▄ mixed")
    assert "mixed" not in text_of(legend(140, (replace(mixed, sampling=Sampling(400.0, False, None)),)))


def test_cells_before_the_first_and_after_the_last_span_are_blank() -> None:
    cells = cells_of(history((10, 20, State.RUNNING), (20, 30, State.ENDED)), 0, 4, 10 * MS)
    assert [cell_glyph(cell, 0, 1, True)[0] for cell in cells] == [" ", "█", " ", " "]


def test_an_unknown_cell_is_shown_as_unknown_and_not_cached() -> None:
    worker = samples.thread(1, 4)
    waiting = history((0, 10, State.RUNNING), (10, 20, State.WAITING))
    known = history((0, 10, State.RUNNING), (10, 20, State.GIL_WAIT))
    lanes = LaneCache()
    before = lanes.cells(replace(worker, history=waiting), 0, 2, 10 * MS)
    after = lanes.cells(replace(worker, history=known), 0, 2, 10 * MS)
    assert cell_glyph(before[1], 0, 1, True)[0] == "?"
    assert cell_glyph(after[1], 0, 1, True)[0] == "·"


def test_the_legend_is_shorter_where_it_is_narrow() -> None:
    assert [text_of(legend(width)).rstrip() for width in (107, 98, 78, 58)] == [
        "█ running   · waiting for the GIL   ▒ waiting for a core   ╳ waiting for a lock   ~ I/O, sleep   » starting",
        "█ running   · waiting for the GIL   ▒ waiting for a core   ╳ waiting for a lock   ~ I/O, sleep",
        "█ running  waiting for · the GIL  ▒ a core  ╳ a lock  ~ I/O, sleep  » starting",
        "█ running  waiting for · the GIL  ▒ a core  ╳ a lock",
    ]


def test_a_narrow_legend_keeps_the_states_that_workers_have_been_in_and_never_shortens_waiting_for_the_gil() -> None:
    sleeper = replace(samples.thread(1, 4), total=Times(running=0.1, io=1.9))
    assert text_of(legend(58, (sleeper,))).rstrip() == "█ running  waiting for · the GIL  ▒ a core  ~ I/O, sleep"
    for width in range(40, 120):
        shown = text_of(legend(width, (sleeper,)))
        assert "waiting for the GIL" in shown.replace("waiting for · the GIL", "waiting for the GIL"), width


def test_the_glyphs_of_the_states_differ() -> None:
    glyphs = [STATE_STYLES[state].glyph for state in LEGEND]
    assert len(set(glyphs)) == len(glyphs)


def test_the_lanes_of_cleared_workers_are_dropped() -> None:
    lanes = LaneCache()
    window = TimelineWindow(cells=10).at_newest(samples.THREADS)
    for worker in samples.THREADS.workers:
        lanes.rows(worker, window, 1)
    lanes.keep({2})
    assert set(lanes.known) == set(lanes.drawn) == {2}


def test_pieces_within_a_cell_count_as_their_spans_do() -> None:
    spans = [Span(at, at + 1 + at % 3, State.RUNNING if at % 7 else State.IO) for at in range(4000)]
    spans = [span._replace(end_ns=after.start_ns) for span, after in pairwise(spans)]
    pieces = [spans[at : at + 64] for at in range(0, len(spans), 64)]
    packed = tuple(map(PackedSpans, pieces))
    for cell_ns in (7, 64, 100, 1000):
        found = cells_of(packed, 0, 3000 // cell_ns, cell_ns)
        expected = cells_of(tuple(map(tuple, pieces)), 0, 3000 // cell_ns, cell_ns)
        assert [cell.running for cell in found] == pytest.approx([cell.running for cell in expected])
        assert [cell[1:] for cell in found] == [cell[1:] for cell in expected]


def test_a_lane_is_as_its_snapshot_says_whatever_was_drawn_before() -> None:
    """In a window that is held, what runs at first turns out to have waited, and the lane goes on."""
    window = TimelineWindow(cells=10, last=20, zoom=DEFAULT)  # 100 to 200 ms
    worker, cache = samples.thread(1, 2), LaneCache()
    running, waiting = State.RUNNING, State.CORE_WAIT
    for spans in (
        [(0, 100, waiting), (100, 170, running)],
        [(0, 100, waiting), (100, 130, running), (130, 190, waiting)],
        [(0, 100, waiting), (100, 130, running), (130, 192, waiting), (192, 400, running)],
        [(0, 100, waiting), (100, 130, running), (130, 192, waiting), *((n, n + 1, running) for n in range(192, 400))],
    ):
        known = replace(worker, history=history(*spans))
        assert cache.rows(known, window, 1) == LaneCache().rows(known, window, 1)
        assert cache.cells(known, 10, 20, 10 * MS) == LaneCache().cells(known, 10, 20, 10 * MS)
