"""A worker's own transitions and the records of its thread become one lane."""

from __future__ import annotations

import pytest

from pconc_tui.protocol.block import State, pack
from pconc_tui.timeline.recorded_transitions import LATE_NS, RecordedTransitions

RUN, WAIT, IO, GIL, ENDED = State.RUNNING, State.WAITING, State.IO, State.GIL_WAIT, State.ENDED


def words(*pairs: tuple[int, State]) -> list[int]:
    return [pack(time_ns, state) for time_ns, state in pairs]


def test_records_count_between_its_start_and_its_end() -> None:
    own = words((20, RUN), (90, ENDED))
    recorded = words((10, RUN), (35, GIL), (50, State.ASKING), (51, GIL), (60, RUN), (92, IO))
    merged = RecordedTransitions().merged(own, recorded, 100)
    assert merged == words((20, RUN), (35, GIL), (50, State.ASKING), (51, GIL), (60, RUN), (90, ENDED))


def test_both_wait_until_all_is_known() -> None:
    merge = RecordedTransitions()
    assert merge.merged(words((20, RUN), (90, ENDED)), words((35, IO)), 30) == words((20, RUN))
    assert merge.merged([], words((60, RUN)), 70) == words((35, IO), (60, RUN))
    assert merge.merged([], [], 100) == words((90, ENDED))


def test_a_start_that_is_written_late_misses_nothing() -> None:
    merge = RecordedTransitions()
    assert merge.merged([], words((10, RUN), (21, State.CORE_WAIT)), 30) == []
    assert merge.merged([], words((35, RUN), (40, GIL)), 50) == []
    own = words((20, RUN), (60, ENDED))
    expected = words((20, RUN), (21, State.CORE_WAIT), (35, RUN), (40, GIL), (60, ENDED))
    assert merge.merged(own, words((65, IO)), 70) == expected


def test_what_the_thread_of_a_task_that_awaits_does_is_kept_for_a_while_only() -> None:
    merge = RecordedTransitions()
    merge.merged(words((10, RUN), (20, IO)), words((25, GIL)), 30)
    late = 25 + LATE_NS
    assert merge.merged([], [], late) == []
    assert merge.merged(words((22, RUN)), [], late + 10) == words((22, RUN))


@pytest.mark.parametrize("late", [False, True])
def test_a_worker_that_starts_where_records_are_lost_is_unknown_until_the_next(late: bool) -> None:
    merge = RecordedTransitions()
    found = merge.merged([], words((10, State.UNKNOWN)), 15) if late else []
    found += merge.merged(words((20, RUN)), [] if late else words((10, State.UNKNOWN)), 30)
    found += merge.merged(words((90, ENDED)), words((50, GIL), (60, RUN)), 100)
    assert found == words((20, State.UNKNOWN), (50, GIL), (60, RUN), (90, ENDED))


def test_a_task_that_goes_on_where_records_are_lost_is_unknown_until_the_next() -> None:
    merge = RecordedTransitions()
    merge.merged(words((10, RUN)), [], 15)
    found = merge.merged([], words((20, State.UNKNOWN)), 25)
    found += merge.merged(words((30, IO), (40, RUN)), words((50, GIL)), 60)
    assert found == words((20, State.UNKNOWN), (30, IO), (40, State.UNKNOWN), (50, GIL))


def test_of_two_records_at_the_same_time_the_later_counts() -> None:
    own, recorded = words((10, RUN)), words((20, GIL), (30, State.RELEASED), (30, GIL), (40, RUN))
    assert RecordedTransitions().merged(own, recorded, 100) == [*own, *recorded]


def test_a_task_that_awaits_does_not_do_what_its_thread_does() -> None:
    own = words((10, RUN), (20, IO), (50, RUN), (60, ENDED))
    recorded = words((15, GIL), (17, RUN), (25, IO), (30, RUN), (55, GIL), (57, RUN))
    expected = words((10, RUN), (15, GIL), (17, RUN), (20, IO), (50, RUN), (55, GIL), (57, RUN), (60, ENDED))
    assert RecordedTransitions().merged(own, recorded, 100) == expected


def test_what_the_worker_reports_itself_while_it_lives_counts_less() -> None:
    own = words((10, RUN), (20, WAIT), (30, RUN), (60, ENDED))
    assert RecordedTransitions().merged(own, words((22, GIL), (31, RUN)), 100) == words(
        (10, RUN), (22, GIL), (31, RUN), (60, ENDED)
    )


def test_an_end_that_is_written_late_is_no_earlier_than_what_was_shown() -> None:
    merge = RecordedTransitions()
    assert merge.merged(words((10, RUN)), words((40, IO)), 50) == words((10, RUN), (40, IO))
    assert merge.merged(words((39, ENDED)), [], 60) == words((40, ENDED))


def test_a_thread_that_is_killed_ends_its_worker_once() -> None:
    merge = RecordedTransitions()
    assert merge.merged(words((10, RUN)), words((40, ENDED)), 50) == words((10, RUN), (40, ENDED))
    assert merge.merged(words((70, ENDED)), [], 80) == []


def test_while_it_lives_the_records_count_as_far_as_all_is_known() -> None:
    merge = RecordedTransitions()
    merge.merged(words((20, RUN)), [], 20)
    assert merge.merged([], words((35, GIL), (35, RUN), (60, IO)), 50) == words((35, GIL), (35, RUN))
    assert merge.merged([], words((70, RUN), (80, ENDED), (90, State.UNKNOWN)), 100) == words(
        (60, IO), (70, RUN), (80, ENDED)
    )
    assert merge.merged([], words((110, RUN)), 200) == []


def test_records_of_before_its_start_that_is_written_late_are_not_earlier_than_what_was_shown() -> None:
    merge = RecordedTransitions()
    merge.merged(words((20, RUN)), [], 20)
    assert merge.merged([], words((15, GIL), (40, RUN)), 50) == words((20, GIL), (40, RUN))
