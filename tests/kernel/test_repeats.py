"""Records that come twice, made up."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.records import BLOCKED, IN, PREEMPTED, UNKNOWN, Decoded, Exit, Fork, Lost, Record, Switch
from pconc_tui.kernel.repeats import Repeats

PID, TID, CHILD = 1, 7, 8
Made = list[Record]


def slices(first_ns: int, cpu: int, count: int, tid: int = TID) -> Made:
    """A thread gets a core and loses it so many times."""
    found: Made = []
    for at in range(first_ns, first_ns + 100 * count, 100):
        found.append(Switch(at, PID, tid, cpu, IN, UNKNOWN))
        found.append(Switch(at + 50, PID, tid, cpu, BLOCKED if at % 200 else PREEMPTED, 0x7000 + at))
    return found


def times(records: Made, count: int) -> Made:
    """Each record comes so many times, a little later each."""
    return [each._replace(time_ns=each.time_ns + later) for each in records for later in range(count)]


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_each_record_is_kept_once(count: int, size: int) -> None:
    made, repeats = slices(1000, 0, 10), Repeats()
    repeats.expect(TID, [0, 1], 0)
    all_records, found = times(made, count), set()
    kept: list[Decoded] = []
    for at in range(0, len(all_records), size):
        some, repeated = repeats.without(all_records[at : at + size])
        kept += some
        found |= repeated
    assert kept == made
    assert found == {(0, TID)}


def test_a_core_without_repeats_keeps_all_and_is_not_searched_for_long() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0], 0)
    made = slices(1000, 0, 3)
    assert repeats.without(made) == (made, set())
    assert repeats.without(times(made, 2)) == (times(made, 2), set())


def test_what_was_recorded_before_the_second_event_was_opened_comes_once() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0], 1900)
    before, after = slices(1000, 0, 3), slices(2000, 0, 2)
    assert repeats.without([*before, *times(after, 2)]) == ([*before, *after], {(0, TID)})


def test_repeats_are_dropped_too_before_it_is_sure_that_both_events_are_open() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0], 2100)
    before, after = slices(1000, 0, 3), slices(2000, 0, 4)
    assert repeats.without([*before, *times(after, 2)]) == ([*before, *after], {(0, TID)})


def test_only_the_core_where_all_comes_twice_loses_records() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0, 1], 0)
    twice, once = slices(1000, 0, 2), slices(2000, 1, 2)
    assert repeats.without([*times(twice, 2), *once]) == ([*twice, *once], {(0, TID)})


def test_repeats_end_when_one_of_the_events_is_closed() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0], 0)
    before, after = slices(1000, 0, 2), slices(2000, 0, 3)
    assert repeats.without([*times(before, 2), *after])[0] == [*before, *after]
    later = times(slices(3000, 0, 1), 2)
    assert repeats.without(later)[0] == later


def test_what_a_thread_starts_has_its_events() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0], 0)
    fork: Made = [Fork(1500, PID, CHILD, 0, PID, TID)]
    own, child = slices(1000, 0, 1), slices(2000, 0, 2, CHILD)
    elsewhere = slices(3000, 1, 2, CHILD)
    made = [*times(own, 2), *times(fork, 2), *times(child, 2), *elsewhere]
    assert repeats.without(made) == ([*own, *fork, *child, *elsewhere], {(0, TID), (0, CHILD)})


def test_a_start_does_not_end_the_doubt_about_a_thread_that_was_attached_to() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0], 0)
    repeats.expect(CHILD, [0], 2500)
    fork: Made = [Fork(1500, PID, CHILD, 0, PID, TID)]
    before, after = slices(2000, 0, 2, CHILD), slices(3000, 0, 2, CHILD)
    assert repeats.without([*times(fork, 2), *before, *times(after, 3)])[0] == [*fork, *before, *after]


def test_nothing_is_kept_of_a_thread_that_has_ended() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0, 1], 0)
    end: Made = [*slices(1000, 0, 1), Exit(1200, PID, TID, 0)]
    assert repeats.without(times(end, 2))[0] == end
    new = slices(2000, 1, 2)
    assert repeats.without(times(new, 2))[0] == times(new, 2)


def test_a_loss_is_passed_on() -> None:
    repeats = Repeats()
    repeats.expect(TID, [0], 0)
    lost: Made = [Lost(1000, 2000, 0, 3), Lost(1000, 2000, 0, 3)]
    assert repeats.without(lost)[0] == lost
