"""What threads wait for altogether, from times made by hand."""

from __future__ import annotations

import pytest

from pconc_tui.measurement import LockShares
from pconc_tui.monitor.lock_names import lock_name
from pconc_tui.monitor.lock_shares import LockTimes, RecentLocks, lock_shares
from pconc_tui.protocol.observer_slots import ALL_STOPPED, AN_EVENT

S = 10**9


def test_locks_are_counted_together_and_events_are_not() -> None:
    joins = LockTimes({AN_EVENT: S}, 0, 1.0, 1.0)
    works = LockTimes({0: 44 * S // 100, 1: 4 * S // 100}, 0, 0.6, 1.0)
    assert lock_shares([joins, works, works]) == LockShares(0.6, 44 / 48, 0.0, 0.0)


def test_a_lock_for_which_one_thread_waits_is_none_that_several_share() -> None:
    each = [LockTimes({number: S}, 0, 0.9, 1.0) for number in range(4)]
    assert lock_shares(each) == LockShares(0.9, 0.0, 0.0, 0.0)


def test_stops_of_all_threads_are_told_apart() -> None:
    found = lock_shares([LockTimes({0: S // 4, ALL_STOPPED: 3 * S // 4}, 90, 0.8, 2.0)] * 2)
    assert found is not None
    assert tuple(found) == pytest.approx((0.1, 1.0, 0.3, 45.0))


def test_few_readings_do_not_say_which_lock_it_is() -> None:
    assert lock_shares([LockTimes({0: S // 10}, 0, 0.5, 1.0)] * 2) == LockShares(0.5, None, 0.0, 0.0)
    assert lock_shares([]) is None


def test_the_last_second_is_what_has_come_since() -> None:
    found = RecentLocks()
    for n in range(11):
        waited_s = max(0.0, n / 2 - 4)
        times = LockTimes({0: round(waited_s * S)}, 10 * n, waited_s, n / 2)
        found.add(n * S // 2, {1: times, 2: times})
    assert found.recent == LockShares(1.0, 1.0, 0.0, 20.0)
    assert found.all == LockShares(0.2, 1.0, 0.0, 20.0)


def test_names_of_locks_go_on_after_z() -> None:
    assert [lock_name(number) for number in (0, 1, 25, 26, 27, 52, 701)] == ["A", "B", "Z", "AA", "AB", "BA", "ZZ"]
