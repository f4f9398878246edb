"""Hand-offs found frame by frame: each once, and from a run whose end is known."""

from __future__ import annotations

from pconc_tui.protocol.block import State
from pconc_tui.recording.handoff_finder import Change, HandoffFinder, NewSpans
from pconc_tui.timeline.spans import Span

RUN, WAIT, CORE, IO = State.RUNNING, State.GIL_WAIT, State.CORE_WAIT, State.IO


def spans(*edges: tuple[int, State], start: int = 0) -> list[Span]:
    """Spans that end at these times."""
    starts = [start, *(end for end, _ in edges)]
    return [Span(began, end, state) for began, (end, state) in zip(starts, edges, strict=False)]


def frames(finder: HandoffFinder, *lanes: list[list[Span]]) -> list[list[Change]]:
    """What is found frame by frame in lanes none of whose spans is final, given as their spans in each frame."""
    before: tuple[list[Span], ...] = tuple([] for _ in lanes)
    found = []
    for tails in zip(*lanes, strict=True):
        both = enumerate(zip(tails, before, strict=True), 1)
        found.append(finder.find([NewSpans(worker, 1, [], tail, earlier) for worker, (tail, earlier) in both]))
        before = tails
    return found


def test_the_example_of_the_module() -> None:
    giver = [spans((10, RUN)), spans((8, RUN), (20, WAIT)), spans((8, RUN), (30, WAIT))]
    taker = [spans((9, WAIT), (10, RUN)), spans((9, WAIT), (20, RUN)), spans((9, WAIT), (25, RUN), (30, IO))]
    finder = HandoffFinder()
    assert frames(finder, giver, taker) == [[], [], [Change(7, 1, 9, 2)]]
    assert finder.find([NewSpans(1, 1, [], giver[-1], giver[-1]), NewSpans(2, 1, [], taker[-1], taker[-1])]) == []


def test_a_run_that_is_found_to_have_ended_before_a_wait_for_a_core_gives_at_its_end() -> None:
    giver = [
        spans((8, RUN), (10, WAIT)),
        spans((3, RUN), (8, CORE), (20, WAIT)),
        spans((3, RUN), (8, CORE), (30, WAIT)),
    ]
    taker = [spans((9, WAIT), (10, RUN)), spans((9, WAIT), (20, RUN)), spans((9, WAIT), (30, RUN))]
    assert frames(HandoffFinder(), giver, taker) == [[], [], [Change(2, 1, 9, 2)]]


def test_a_run_that_is_found_not_to_have_been_takes_nothing() -> None:
    giver = [spans((8, RUN), (n, IO)) for n in (10, 20, 30)]
    taker = [spans((9, WAIT), (10, RUN)), spans((20, WAIT)), spans((30, WAIT))]
    assert frames(HandoffFinder(), giver, taker) == [[], [], []]


def test_final_runs_are_read_once_what_began_before_them_is_known() -> None:
    finder = HandoffFinder()
    taker = NewSpans(2, 1, spans((5, WAIT), (6, RUN), (7, IO)), spans((10, IO), start=7), [])
    assert finder.find([NewSpans(1, 1, [], spans((10, RUN)), []), taker]) == []
    giver, rest = spans((4, RUN), (20, IO)), spans((20, IO), start=7)
    assert finder.find([NewSpans(1, 1, [], giver, spans((10, RUN))), NewSpans(2, 1, [], rest, rest)]) == []
    assert finder.find([NewSpans(1, 1, [], giver, giver), NewSpans(2, 1, [], rest, rest)]) == [Change(3, 1, 5, 2)]


def test_nothing_waits_for_a_lane_that_is_gone() -> None:
    finder = HandoffFinder()
    first = spans((10, RUN))
    finder.find([NewSpans(1, 1, [], first, first)])
    assert finder.find([NewSpans(2, 1, spans((12, RUN), start=11), [], [])]) == [Change(9, 1, 11, 2)]


def test_gils_are_apart_and_a_worker_takes_nothing_from_itself() -> None:
    finder = HandoffFinder()
    lanes = [
        NewSpans(1, 1, spans((3, RUN), (4, IO), (6, RUN), (7, IO)), [], []),
        NewSpans(2, 2, spans((2, IO), (5, RUN), (7, IO)), [], []),
        NewSpans(3, 1, spans((6, WAIT), (9, RUN)), [], []),
    ]
    assert finder.find(lanes) == [Change(5, 1, 6, 3)]
