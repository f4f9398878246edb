"""Gathering of moments, on streams of records made by hand (times in microseconds) and on a recorded one."""

from __future__ import annotations

from collections import Counter

from pconc_tui.kernel.episodes import Episodes, Transition
from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.outside import ClockSample
from pconc_tui.kernel.records import BLOCKED, IN, NO_FUTEX, Decoded, Lost, Record, Slice, Switch
from pconc_tui.kernel.renewed_waits import RenewedWaits
from pconc_tui.protocol.block import RUNS, State
from tests.kernel.streams import COND, GIL, SWITCH_COND, A, B, C, blocked, judge, on, preempted
from tests.kernel.test_recorded import recorded, switches

SWITCH_US = 4


def gathered(*batches: list[Record]) -> list[Record]:
    waits = RenewedWaits()
    waits.know([GIL])
    return [
        each for batch in batches for each in sorted(waits.gather(batch, dict.fromkeys((A, B, C), 1000 * SWITCH_US)))
    ]


def of(records: list[Record], tid: int) -> list[tuple[int, int]]:
    """When the thread got and lost a core, in us."""
    mine = [each for each in records if isinstance(each, Switch) and each.tid == tid]
    assert [each.way == IN for each in mine[:2]] == [True, False][: len(mine)]
    ends = zip(mine[::2], mine[1::2], strict=False)
    return [(start.time_ns // 1000, end.time_ns // 1000) for start, end in ends]


def moments(tid: int, *starts_us: int, length_us: int = 10) -> list[Record]:
    """It begins to wait for the GIL, and wakes up at these times for so long each."""
    found: list[Record] = [on(0, tid), blocked(5, tid, COND)]
    return found + [each for us in starts_us for each in (on(us, tid), blocked(us + length_us, tid, COND))]


def given(*times_us: int) -> list[Record]:
    """The GIL changes hands between two others at these times."""
    found: list[Record] = []
    for number, us in enumerate(times_us):
        found += [on(us - 2, (B, C)[number % 2]), blocked(us, (B, C)[number % 2], SWITCH_COND)]
    return found


def in_order(*parts: list[Record]) -> list[Record]:
    return sorted(each for part in parts for each in part)


def test_moments_in_waits_in_which_the_gil_changed_hands_become_one() -> None:
    records = gathered(in_order(moments(A, 5100, 10200, 15300), given(3000, 8000, 13000)))
    assert of(records, A) == [(0, 5), (15310 - 3 * 10 - 2 * SWITCH_US, 15310)]


def test_the_first_request_of_a_turn_stays_where_it_was() -> None:
    turn: list[Record] = [on(2998, C), blocked(3000, C, SWITCH_COND)]
    records = gathered(in_order(moments(A, 5100, 10200, 15300), moments(B, 5200, 10300, 15400), turn))
    assert of(records, A) == [(0, 5), (5100, 5110), (10200, 10210), (15300, 15310)]  # It asks at 10200.
    assert of(records, B) == [(0, 5), (15410 - 3 * 10 - 2 * SWITCH_US, 15410)]


def test_what_shows_that_a_thread_has_blocked_with_the_gil_stays() -> None:
    blocks: list[Record] = [on(0, C), blocked(20, C, NO_FUTEX)]
    records = gathered(in_order(moments(A, 5100, 10200, 15300, 20400), moments(B, 5200, 10300, 15400), blocks))
    # The wait until 5100 began before C blocked, the one from 5110 to 10200 after that.
    assert of(records, A) == [(0, 5), (5100, 5110), (10200, 10210), (20410 - 2 * 10 - SWITCH_US, 20410)]
    assert of(records, B) == [(0, 5), (15410 - 3 * 10 - 2 * SWITCH_US, 15410)]
    found = Episodes(1, [GIL]).add(records, 40_000_000)
    lane = [(each.time_ns // 1000, each.state) for each in found.transitions if each.tid == C]
    assert lane[-2:] == [(20, State.IO), (10200, State.BLOCKED_WITH_GIL)]


def test_moments_are_never_shorter_than_recorded_and_each_threads_switches_take_their_own_time() -> None:
    """Of slices of 100 us, A's CPU clock counts 95, as where a host takes cores away, and B's 105."""
    tids = A, B
    slices = [
        each for n in range(130) for tid in tids for each in (on(1000 * n, tid), blocked(1000 * n + 100, tid, NO_FUTEX))
    ]
    clocks = [
        ClockSample(1_000_000 * n + 500_000, tid, counted_ns * (n + 1))
        for n in (0, 60)
        for tid, counted_ns in zip(tids, (95_000, 105_000), strict=True)
    ]
    episodes, _ = judge(slices, *clocks)
    waits = RenewedWaits()
    waits.know([GIL])
    short = [moments(tid, 5100, 10200, 15300, length_us=2) for tid in tids]
    turns: list[Record] = [each for us in (3000, 8000, 13000) for each in (on(us - 2, C), blocked(us, C, SWITCH_COND))]
    records = sorted(waits.gather(in_order(*short, turns), episodes.switches_ns))
    assert of(records, A)[-1] == (15302 - 3 * 2, 15302)
    assert of(records, B)[-1] == (15302 - 3 * 2 - 2 * 5, 15302)


def test_a_moment_that_takes_the_gil_stays() -> None:
    ends: list[Record] = [on(15300, A), blocked(19000, A, NO_FUTEX)]
    records = gathered(in_order(moments(A, 5100, 10200), given(3000, 8000, 13000), ends))
    assert of(records, A)[-1] == (15300, 19000)
    assert len(of(records, A)) == 3


def test_all_moments_that_are_left_out_count_also_where_a_thread_holds_the_gil_in_between() -> None:
    holds: list[Record] = [on(16000, A), blocked(19000, A, SWITCH_COND), on(19050, A), blocked(19060, A, COND)]
    again: list[Record] = [each for us in (24100, 29200) for each in (on(us, A), blocked(us + 10, A, COND))]
    waits = RenewedWaits()
    waits.know([GIL])
    waits.gather(in_order(moments(A, 5100, 10200, 15300), holds, again, given(3000, 8000, 13000, 22000, 27000)), {})
    assert waits.left_out == {A: 2 + 1}


def test_a_moment_that_loses_its_core_stays() -> None:
    lost: list[Record] = [on(15300, A), preempted(15303, A), on(15400, A), blocked(15402, A, COND)]
    records = gathered(in_order(moments(A, 5100, 10200), given(3000, 8000, 13000), lost))
    assert of(records, A)[-2:] == [(15300, 15303), (15400, 15402)]


def test_a_thread_on_a_core_at_the_end_of_a_reading_is_not_held_back() -> None:
    records = gathered(in_order(moments(A, 5100), given(3000)), [on(10200, A)], [blocked(14000, A, NO_FUTEX)])
    assert on(10200, A) in records
    assert of(records, A)[-1] == (10200, 14000)


def test_after_records_were_lost_nothing_is_taken_for_a_renewed_wait() -> None:
    lost = [Lost(9_000_000, 9_500_000, 0, 0)]
    later = [on(10200, A), blocked(10210, A, COND), on(15300, A), blocked(15310, A, COND)]
    records = gathered(in_order(moments(A, 5100), given(3000, 8000)), [*lost, *later])
    assert of(records, A)[-2:] == [(10200, 10210), (15300, 15310)]


def test_a_recorded_programs_threads_are_in_each_state_for_as_long() -> None:
    records, gil = switches(), Gil(*recorded()["gil"])
    waits, whole, fewer = RenewedWaits(), Episodes(recorded()["pid"], [gil]), Episodes(recorded()["pid"], [gil])
    waits.know([gil])
    end_ns = records[-1].time_ns
    times: list[Counter[tuple[int, bool]]] = []
    portions: list[list[Record]] = [[*records[first : first + 100]] for first in range(0, len(records), 100)]
    for episodes, given_to in ((whole, portions), (fewer, [waits.gather(each, {}) for each in portions])):
        found = [each for given in given_to for each in episodes.add(given, max(e.time_ns for e in given)).transitions]
        found += episodes.add([], end_ns + 10_000_000).transitions
        times.append(_times(found, end_ns))
    assert whole.handoffs == fewer.handoffs
    assert times[0].keys() == times[1].keys()
    wall_ns = end_ns - records[0].time_ns
    assert all(abs(times[0][each] - times[1][each]) < wall_ns / 5000 for each in times[0])


def test_slices_are_gathered_as_the_switches_that_they_consist_of() -> None:
    gil = Gil(*recorded()["gil"])
    by_switches, by_slices = RenewedWaits(), RenewedWaits()
    for waits in (by_switches, by_slices):
        waits.know([gil])
    records: list[Record] = [*switches()]
    switches_ns = {each.tid: 4000 for each in records if isinstance(each, Switch)}
    slices = 0
    for first in range(0, len(records), 500):
        some = records[first : first + 500]
        whole = in_slices(some)
        slices += len(some) - len(whole)
        assert sorted(by_slices.gather(whole, switches_ns)) == sorted(by_switches.gather(some, switches_ns))
        assert by_slices.left_out == by_switches.left_out
    assert slices > len(records) / 5


def in_slices(records: list[Record]) -> list[Decoded]:
    """The records, slices in one, ordered by the ends of these."""
    found: dict[int, Decoded] = {}
    last: dict[int, int] = {}
    """By core."""
    for number, record in enumerate(records):
        before = found.get(last.get(record.cpu, -1))
        if isinstance(record, Switch) and isinstance(before, Switch) and before.way == IN and record.way == BLOCKED:
            del found[last[record.cpu]]
            found[number] = Slice(record.time_ns, record.pid, record.tid, record.cpu, before.time_ns, record.futex)
        else:
            found[number] = record
        last[record.cpu] = number
    return [*found.values()]


def _times(found: list[Transition], end_ns: int) -> Counter[tuple[int, bool]]:
    """For how long each thread ran and did not run."""
    last: dict[int, tuple[int, State]] = {}
    times: Counter[tuple[int, bool]] = Counter()
    ends = [Transition(end_ns, tid, State.ENDED) for tid in {each.tid for each in found}]
    for time_ns, tid, state, _ in [*found, *ends]:
        if tid in last:
            since_ns, was = last[tid]
            times[tid, was in RUNS] += time_ns - since_ns
        last[tid] = time_ns, state
    return times
