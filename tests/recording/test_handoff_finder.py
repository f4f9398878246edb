"""Hand-offs found frame by frame: each once, and from a run whose end is known."""

from __future__ import annotations

from pconc_tui.protocol.block import State
from pconc_tui.recording.handoff_finder import Change, HandoffFinder, NewSpans
from pconc_tui.timeline.spans import Span

RUN, WAIT, IO = State.RUNNING, State.GIL_WAIT, State.IO


def spans(*edges: tuple[int, State], start: int = 0) -> list[Span]:
    """Spans that end at these times."""
    starts = [start, *(end for end, _ in edges)]
    return [Span(began, end, state) for began, (end, state) in zip(starts, edges, strict=False)]


def test_the_example_of_the_module() -> None:
    finder = HandoffFinder()
    first = [NewSpans(1, 1, [], spans((10, RUN))), NewSpans(2, 1, [], spans((9, WAIT), (10, RUN)))]
    assert finder.find(first) == []
    second = [NewSpans(1, 1, [], spans((8, RUN), (20, WAIT))), NewSpans(2, 1, [], spans((9, WAIT), (20, RUN)))]
    assert finder.find(second) == [Change(7, 1, 9, 2)]
    assert finder.find(second) == []


def test_final_runs_that_were_held_back_are_found_later() -> None:
    finder = HandoffFinder()
    taker = NewSpans(2, 1, spans((5, WAIT), (6, RUN), (7, IO)), spans((10, RUN), start=7))
    assert finder.find([NewSpans(1, 1, [], spans((10, RUN))), taker]) == []
    rest = NewSpans(2, 1, [], spans((11, RUN), (20, IO), start=7))
    assert finder.find([NewSpans(1, 1, [], spans((4, RUN), (20, IO))), rest]) == [Change(3, 1, 5, 2)]


def test_nothing_waits_for_a_lane_that_is_gone() -> None:
    finder = HandoffFinder()
    finder.find([NewSpans(1, 1, [], spans((10, RUN)))])
    assert finder.find([NewSpans(2, 1, [], spans((12, RUN), start=11))]) == [Change(9, 1, 11, 2)]


def test_gils_are_apart_and_a_worker_takes_nothing_from_itself() -> None:
    finder = HandoffFinder()
    lanes = [
        NewSpans(1, 1, spans((3, RUN), (4, IO), (6, RUN), (7, IO)), []),
        NewSpans(2, 2, spans((2, IO), (5, RUN), (7, IO)), []),
        NewSpans(3, 1, spans((6, WAIT), (9, RUN)), []),
    ]
    assert finder.find(lanes) == [Change(5, 1, 6, 3)]
