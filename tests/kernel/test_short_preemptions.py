"""Short preemptions become one, and nothing is lost or gained by that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pconc_tui.kernel.records import BLOCKED, IN, PREEMPTED, Exit, Lost, Record, Switch
from pconc_tui.kernel.short_preemptions import NEAR_NS, SHORT_NS, gather

PID, TID, OTHER = 100, 101, 102
US = 1000


def switch(us: int, way: int, tid: int = TID) -> Switch:
    return Switch(us * US, PID, tid, 0, way)


def shown(records: Iterable[Record], tid: int = TID) -> list[tuple[float, int]]:
    return [(each.time_ns / US, each.way) for each in records if isinstance(each, Switch) and each.tid == tid]


def test_the_example_of_the_module() -> None:
    ways = (0, IN), (1000, PREEMPTED), (1010, IN), (2000, PREEMPTED), (2012, IN), (4000, BLOCKED)
    found, left_out = gather([switch(*each) for each in ways], {TID: 4 * US})
    assert shown(found) == [(0, IN), (1994, PREEMPTED), (2012, IN), (4000, BLOCKED)]
    assert left_out == Counter({TID: 1})


def test_longer_ones_stay_where_they_were() -> None:
    longer = SHORT_NS // US + 1
    ways = (0, IN), (1000, PREEMPTED), (1010, IN), (2000, PREEMPTED), (2000 + longer, IN), (3000, PREEMPTED)
    records = [switch(*each) for each in ways]
    assert gather(records, {}) == (records, Counter())


def test_none_is_moved_further_than_said() -> None:
    late = (1000 * US + NEAR_NS) // US
    records = [switch(*each) for each in ((0, IN), (1000, PREEMPTED), (1010, IN), (late, PREEMPTED), (late + 5, IN))]
    assert gather(records, {}) == (records, Counter())


def test_those_soon_after_a_wake_up_stay_where_they_were() -> None:
    ways = (0, IN), (90, PREEMPTED), (95, IN), (97, PREEMPTED), (98, IN), (200, PREEMPTED), (210, IN), (400, PREEMPTED)
    found, left_out = gather([switch(*each) for each in (*ways, (420, IN))], {})
    assert shown(found) == [*ways[:5], (390, PREEMPTED), (420, IN)]
    assert left_out == Counter({TID: 1})


def test_what_blocks_meanwhile_is_not_gathered() -> None:
    ways = (0, IN), (110, PREEMPTED), (120, IN), (130, BLOCKED), (140, IN), (250, PREEMPTED), (260, IN)
    records = [switch(*each) for each in ways]
    assert gather(records, {}) == (records, Counter())


def test_each_thread_has_its_own() -> None:
    mine = [switch(*each) for each in ((0, IN), (110, PREEMPTED), (120, IN), (130, PREEMPTED), (145, IN))]
    others = [switch(*each, OTHER) for each in ((110, IN), (119, PREEMPTED), (131, IN), (144, BLOCKED))]
    found, left_out = gather(sorted(mine + others), {})
    assert shown(found) == [(0, IN), (120, PREEMPTED), (145, IN)]
    assert shown(found, OTHER) == shown(others, OTHER)
    assert left_out == Counter({TID: 1})


def test_a_loss_and_an_end_are_not_passed() -> None:
    ways = (0, IN), (110, PREEMPTED), (120, IN), (130, PREEMPTED)
    for end in (Lost(140 * US, 150 * US, 0, 3), Exit(140 * US, PID, TID, 0)):
        records: list[Record] = [*(switch(*each) for each in ways), end, switch(160, IN)]
        assert gather(records, {}) == (records, Counter())


def test_a_thread_has_as_much_time_on_cores_as_before() -> None:
    records = [switch(0, IN)]
    for number in range(1, 200):
        records += [switch(700 * number, PREEMPTED), switch(700 * number + number % 100, IN)]
    found, left_out = gather(records, {})
    assert _off_ns(found) == _off_ns(records)
    assert len(found) + 2 * left_out[TID] == len(records)
    assert left_out[TID] > 100
    assert [each[0] for each in shown(found)] == sorted(each[0] for each in shown(found))


def _off_ns(records: Iterable[Record]) -> int:
    """How long it had no core."""
    return sum(each.time_ns * (1 if each.way == IN else -1) for each in records if isinstance(each, Switch))
