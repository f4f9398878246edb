"""Finding the spans of a window in a history."""

from __future__ import annotations

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import History, PackedSpans, Span, pieces_between, spans_of

RUN = State.RUNNING


def spans_between(history: History, start_ns: int, end_ns: int) -> list[Span]:
    return [span for piece in pieces_between(history, start_ns, end_ns) for span in spans_of(piece, start_ns, end_ns)]


def test_spans_between_finds_all_spans_that_overlap_the_window() -> None:
    spans = [Span(10 * n, 10 * n + 10, RUN) for n in range(10)]
    history = (tuple(spans[:4]), tuple(spans[4:8]), tuple(spans[8:]))
    assert (spans_between(history, 35, 61)) == spans[3:7]
    assert (spans_between(history, 40, 60)) == spans[4:6]
    assert (spans_between(history, -5, 5)) == spans[:1]
    assert (spans_between(history, 100, 200)) == []
    assert (spans_between((), 0, 1)) == []
    assert (spans_between(((),), 0, 1)) == []
    assert (spans_between((*history, ()), -50, 61)) == spans[:7]


def test_packed_spans_are_the_spans() -> None:
    spans = [Span(start, start + 10, State.RUNNING if start % 20 else State.GIL_WAIT) for start in range(0, 100, 10)]
    packed = PackedSpans(spans)
    assert list(packed) == spans
    assert packed[-1] == spans[-1]
    assert packed[3:5] == spans[3:5]
    assert packed[7:] == spans[7:]
    assert packed[::-1] == spans[::-1]
    assert (packed.start_ns, packed.end_ns) == (0, 100)
    assert packed.shares == pytest.approx({State.GIL_WAIT: 0.5, State.RUNNING: 0.5})
    assert (spans_between((packed,), 35, 61)) == spans[3:7]


def test_packed_spans_stay_mixed() -> None:
    spans = [Span(0, 10, State.RUNNING, mixed=True), Span(10, 30, State.IO, mixed=True), Span(30, 40, State.LOCK)]
    assert list(PackedSpans(spans)) == spans
    assert PackedSpans(spans).mixed
    assert not PackedSpans(spans[2:]).mixed
