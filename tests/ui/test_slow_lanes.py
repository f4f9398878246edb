"""The cells of lanes in slow motion: edges to an eighth of a cell, soft ones in sampled lanes."""

from __future__ import annotations

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import Span
from pconc_tui.timeline.turns import LaneSpans
from pconc_tui.ui.drawing.slow_lanes import rows, solid
from tests.timeline.test_turns import IO, MS, RUN, WAIT, lane
from tests.ui.screens import text_of


def drawn(of: LaneSpans, start_ms: float = 0, cells: int = 10, height: int = 1) -> list[str]:
    """The rows of cells of a millisecond."""
    return [text_of(line) for line in rows(of, round(start_ms * MS), MS, cells, True, height)]


def test_an_edge_on_a_cell_s_border_is_none_in_a_cell() -> None:
    assert drawn(lane(1, 0, (4, RUN), (10, WAIT))) == ["████······"]
    assert drawn(lane(1, 0, (4, IO), (10, RUN))) == ["~~~~██████"]


@pytest.mark.parametrize(("eighths", "glyph"), [*enumerate("▏▎▍▌▋▊▉", 1)])
def test_an_edge_lies_where_it_belongs_within_its_cell(eighths: int, glyph: str) -> None:
    (line,) = rows(lane(1, 0, (4 + eighths / 8, RUN), (10, WAIT)), 0, MS, 10, True, 1)
    assert text_of(line) == f"████{glyph}·····"
    edge = line[1][1]
    assert edge.color is not None
    assert edge.bgcolor is not None
    assert (edge.color.name, edge.bgcolor.name) == (solid(RUN, True), solid(WAIT, True))


def test_it_moves_by_eighths() -> None:
    moving = lane(1, 0, (5, RUN), (20, WAIT))
    seen = [drawn(moving, eighths / 8)[0] for eighths in range(9)]
    assert [each[4] for each in seen] == [*"█▉▊▋▌▍▎▏·"]
    assert len(set(seen)) == 9


def test_a_cell_with_several_edges_is_a_bar_as_in_the_timeline() -> None:
    short = lane(1, 0, (4.25, WAIT), (4.75, RUN), (10, WAIT))
    assert drawn(short) == ["····▄·····"]
    assert drawn(short, height=2) == ["····" + "·" + "·····", "····█·····"]


def test_nothing_is_drawn_where_nothing_is_known() -> None:
    assert drawn(lane(1, 2, (4, RUN))) == ["  ██      "]
    assert drawn(LaneSpans(1, 1, ())) == [" " * 10]
    assert drawn(lane(1, 2, (4, RUN)), start_ms=50) == [" " * 10]


def test_the_edges_of_a_sampled_lane_are_soft_over_the_time_to_the_next_sample() -> None:
    sampled = lane(1, 0, (10, RUN), (20, WAIT))
    assert drawn(sampled._replace(blur_ns=3 * MS), cells=20) == ["█" * 9 + "▓▒░" + "·" * 8]
    assert drawn(sampled._replace(blur_ns=6 * MS), cells=20) == ["█" * 7 + "▓▓▒▒░░" + "·" * 7]
    assert drawn(sampled._replace(blur_ns=MS), cells=20) == ["█" * 9 + "▓▒░" + "·" * 8], "three cells at least"


def test_soft_edges_stay_within_the_row() -> None:
    for start_ms in range(30):
        for width in range(1, 30):
            sampled = lane(1, 0, (5, RUN), (6, WAIT), (15, RUN), (20, IO))._replace(blur_ns=8 * MS)
            assert [len(row) for row in drawn(sampled, start_ms, width)] == [width]


def test_where_the_order_of_states_is_unknown_their_shares_are_drawn() -> None:
    mixed = [Span(0, 5 * MS, RUN, True), Span(5 * MS, 10 * MS, State.GIL_WAIT, True)]
    assert drawn(LaneSpans(1, 1, mixed, blur_ns=MS)) == ["▄" * 10]
    assert drawn(LaneSpans(1, 1, mixed)) == ["▄" * 10]


def test_mixed_spans_are_drawn_as_one_where_some_are_out_of_sight() -> None:
    """Where they begin and end in sight changes nothing in between."""
    mixed = [Span(n * MS, (n + 1) * MS, RUN if n % 4 == 0 else State.GIL_WAIT, True) for n in range(20)]
    whole = LaneSpans(1, 1, [Span(-5 * MS, 0, IO), *mixed, Span(20 * MS, 25 * MS, IO)])
    (all_of_it,) = drawn(whole, -5, 30)
    assert all_of_it == "~" * 5 + "▂" * 20 + "~" * 5
    for start_ms in range(-5, 20):
        assert drawn(whole, start_ms, 5) == [all_of_it[start_ms + 5 : start_ms + 10]]
