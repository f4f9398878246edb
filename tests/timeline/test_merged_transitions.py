"""A worker's own transitions and the sampler's, merged into one line."""

from __future__ import annotations

from pconc_tui.protocol.block import State, pack, unpack
from pconc_tui.timeline.merged_transitions import Overlay

MS = 1_000_000
RUN, GAP, GIL, IO, END = State.RUNNING, State.WAITING, State.GIL_WAIT, State.IO, State.ENDED
Steps = list[tuple[float, State]]


def words(steps: Steps) -> list[int]:
    return [pack(int(ms * MS), state) for ms, state in steps]


def steps(found: list[int]) -> Steps:
    return [(time_ns / MS, state) for time_ns, state in map(unpack, found)]


def merged(*takes: tuple[Steps, Steps], since: float = 0) -> Steps:
    """All that is merged of transitions that arrive take by take; `since`: when the code calls `probe` first."""
    overlay = Overlay()
    found: Steps = []
    for own, sampled in takes:
        found += steps(overlay.merged(words(own), words(sampled), int(since * MS)))
    return found


def test_between_start_and_end_the_sampler_counts() -> None:
    takes: list[tuple[Steps, Steps]] = [([(1, RUN)], []), ([], [(2, IO), (3, RUN)]), ([(4, END)], [(5, IO)])]
    assert merged(*takes) == [(1, RUN), (2, IO), (3, RUN), (4, END)]


def test_what_was_sampled_late_counts_from_then_on() -> None:
    assert merged(([(1, RUN)], [(3, IO)]), ([], [(2, GIL)])) == [(1, RUN), (3, IO), (3, GIL)]


def test_a_task_that_awaits_does_so_whatever_its_thread_does() -> None:
    own: Steps = [(1, RUN), (2, IO), (5, RUN), (6, END)]
    assert merged((own, [(1.5, GIL), (3, RUN)])) == [(1, RUN), (1.5, GIL), (2, IO), (5, RUN), (6, END)]


def test_a_worker_that_reports_is_believed_except_where_it_was_blocked() -> None:
    own: Steps = [(1, RUN), (2, RUN), (4, GAP), (5, RUN), (9, END)]
    sampled: Steps = [(1.5, GIL), (3, GIL), (4.5, RUN), (6, IO), (7, RUN)]
    assert merged((own, sampled), since=2) == [
        (1, RUN), (1.5, GIL), (2, RUN), (4, GAP), (5, RUN), (6, IO), (7, RUN), (9, END),
    ]  # fmt: skip


def test_a_sampled_stretch_ends_where_the_worker_ends_or_awaits() -> None:
    overlay = Overlay()
    until: list[int | None] = []
    takes: list[Steps] = [[(1, RUN)], [], [(3, IO)], [(5, RUN)], [(6, IO), (8, RUN)], [(9, END)]]
    for own in takes:
        overlay.merged(words(own), words([(2, IO)]) if not own else [], 0)
        until.append(overlay.sampled_until_ns)
    assert until == [None, None, 3 * MS, None, None, 9 * MS]
    overlay.merged(words([(10, RUN)]), [], 0)
    overlay.merged(words([(11, END)]), [], 10 * MS)
    assert overlay.sampled_until_ns is None, "it reported when it ran"


def test_nothing_is_invented_where_nothing_could_be_sampled() -> None:
    assert merged(([(1, RUN)], [(1, State.UNKNOWN)]), ([(9, END)], []))[-2:] == [(1, State.UNKNOWN), (9, END)]


def test_mixed_stretches_stay_mixed() -> None:
    overlay = Overlay()
    overlay.merged(words([(1, RUN)]), [], 0)
    mixed = [pack(2 * MS, RUN, True), pack(3 * MS, GIL, True), pack(4 * MS, GIL)]
    assert overlay.merged([], mixed, 0) == mixed
