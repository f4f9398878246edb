"""What threads are most likely blocked in, by the samples of waits that were alike."""

from __future__ import annotations

from collections import defaultdict

import pytest

from pconc_tui.kernel.thread import Place, Rivals
from pconc_tui.kernel.wait_kinds import AT_GIL, IN_CALL, INTERVAL, TOO_LONG, Found, Kind, WaitKinds, length_of

MS = 1_000_000
LOCK: Found = (Place.ELSEWHERE, 0x9000)
LONG = Kind(rivals=Rivals.READY, asked=False, length=2, asks=False)


def shares(kinds: WaitKinds, tid: int, kind: Kind, waits: list[int]) -> dict[Found, float]:
    """In what part of the time of these waits the thread is said to be blocked where."""
    found: defaultdict[Found, int] = defaultdict(int)
    for waited_ns in waits:
        found[kinds.decide(tid, kind, waited_ns)] += waited_ns
    return {each: ns / sum(waits) for each, ns in found.items()}


def learn(kinds: WaitKinds, tid: int, kind: Kind, found: Found) -> None:
    """A sample found the thread blocked here, in a wait of this kind."""
    kinds.sampled(tid, found)
    kinds.learn(tid, kind, found)


def test_without_samples_a_thread_waits_for_the_gil_if_another_may_hold_it() -> None:
    kinds = WaitKinds()
    assert kinds.decide(7, LONG, MS) == AT_GIL
    assert kinds.decide(7, LONG._replace(rivals=Rivals.NONE), MS) == IN_CALL


def count(kinds: WaitKinds, waits: int, begun: int) -> None:
    """So many waits, while so many for the GIL begin."""
    kinds.read(0)
    for _ in range(waits):
        kinds.gil_waits.blocks()
    kinds.read(begun)


def test_where_threads_hardly_wait_for_the_gil_they_are_in_a_call_even_if_another_may_hold_it() -> None:
    kinds = WaitKinds()
    count(kinds, 1000, 3)
    assert shares(kinds, 7, LONG, [MS] * 500)[IN_CALL] > 0.99


def test_where_threads_often_wait_for_the_gil_they_do_even_if_none_seems_to_hold_it() -> None:
    kinds = WaitKinds()
    count(kinds, 1000, 3000)
    alone = LONG._replace(rivals=Rivals.NONE)
    assert kinds.decide(7, alone, MS) == AT_GIL
    for _ in range(30):
        learn(kinds, 7, alone, LOCK)
    assert shares(kinds, 7, alone, [MS] * 50)[LOCK] > 0.9


def test_a_thread_that_only_asked_may_wait_for_the_gil_though_none_seems_to_hold_it() -> None:
    kinds = WaitKinds()
    asked = LONG._replace(rivals=Rivals.NONE, asked=True)
    for _ in range(20):
        learn(kinds, 7, asked, AT_GIL)
    assert kinds.decide(7, asked, MS) == AT_GIL


def test_waits_get_places_by_the_samples_shares() -> None:
    kinds = WaitKinds()
    for found in (AT_GIL, AT_GIL, AT_GIL, LOCK) * 12:
        learn(kinds, 7, LONG, found)
    decided = shares(kinds, 7, LONG, [1 * MS, 2 * MS, 1 * MS, 4 * MS] * 50)
    assert decided[AT_GIL] == pytest.approx(0.75, abs=0.03)
    assert decided[LOCK] == pytest.approx(0.25, abs=0.03)


def test_a_thread_that_is_found_at_the_gil_only_waits_for_it_though_none_seems_to_hold_it() -> None:
    kinds, other = WaitKinds(), WaitKinds()
    alone = LONG._replace(rivals=Rivals.NONE)
    for _ in range(10):
        kinds.sampled(7, AT_GIL)
        other.sampled(7, AT_GIL)
        other.sampled(7, LOCK)
    assert shares(kinds, 7, alone, [MS] * 50) == {AT_GIL: 1}
    assert shares(other, 7, alone, [MS] * 50) == {LOCK: 1}


def test_no_thread_waits_for_a_gil_that_none_can_hold() -> None:
    kinds = WaitKinds()
    for _ in range(20):
        learn(kinds, 7, LONG, AT_GIL)
        learn(kinds, 7, LONG, LOCK)
    assert shares(kinds, 7, LONG._replace(rivals=Rivals.NONE), [MS] * 50) == {LOCK: 1}


def test_what_is_known_of_other_threads_counts_until_more_is() -> None:
    kinds = WaitKinds()
    for _ in range(30):
        learn(kinds, 8, LONG, LOCK)
    assert shares(kinds, 7, LONG, [MS] * 50)[LOCK] > 0.9
    for _ in range(30):
        learn(kinds, 7, LONG, AT_GIL)
    assert shares(kinds, 7, LONG, [MS] * 50)[AT_GIL] > 0.8


def test_a_sample_counts_before_it_is_known_of_which_kind_its_wait_is() -> None:
    kinds = WaitKinds()
    for _ in range(3):
        kinds.sampled(7, LOCK)
    assert kinds.decide(7, LONG._replace(rivals=Rivals.NONE), MS) == LOCK


def test_samples_of_threads_that_run_other_code_count_less() -> None:
    kinds, alike = WaitKinds(), WaitKinds()
    alone = LONG._replace(rivals=Rivals.NONE)
    for n in range(30):
        for each, found in (kinds, IN_CALL), (alike, LOCK):
            each.sampled(7, found)
            learn(each, 8, alone, IN_CALL if n % 4 else LOCK)
            learn(each, 9, alone, IN_CALL if n % 4 else LOCK)
    assert shares(kinds, 7, alone, [MS] * 200)[IN_CALL] > 0.95
    assert shares(alike, 7, alone, [MS] * 200)[LOCK] > 0.6


def test_a_wait_much_longer_than_a_switch_interval_is_not_for_the_gil_unless_samples_of_such_waits_say_so() -> None:
    kinds = WaitKinds()
    longer = LONG._replace(length=TOO_LONG)
    assert kinds.decide(7, longer, MS) == AT_GIL  # Nothing else is known: it may have to wait for a core, too.
    for _ in range(30):
        learn(kinds, 7, LONG, AT_GIL)
        kinds.sampled(7, LOCK)
    assert shares(kinds, 7, longer, [MS] * 100)[LOCK] > 0.9
    for _ in range(30):
        learn(kinds, 7, longer, AT_GIL)
    assert shares(kinds, 7, longer, [MS] * 100)[AT_GIL] > 0.8


def test_waits_of_another_length_are_of_another_kind() -> None:
    kinds = WaitKinds()
    short = LONG._replace(length=0)
    for _ in range(30):
        learn(kinds, 7, LONG, LOCK)
        learn(kinds, 7, short, AT_GIL)
    assert shares(kinds, 7, LONG, [MS] * 50)[LOCK] > 0.8
    assert shares(kinds, 7, short, [MS // 50] * 50)[AT_GIL] > 0.8


def test_what_a_program_did_before_counts_less_and_less() -> None:
    kinds = WaitKinds()
    for found in (LOCK, AT_GIL):
        for _ in range(300):
            learn(kinds, 7, LONG, found)
    assert shares(kinds, 7, LONG, [MS] * 50)[AT_GIL] > 0.9


def test_a_thread_that_has_ended_is_forgotten() -> None:
    kinds = WaitKinds()
    for _ in range(30):
        learn(kinds, 7, LONG, LOCK)
        learn(kinds, 8, LONG, AT_GIL)
    before = shares(kinds, 7, LONG, [MS] * 50)[LOCK]
    kinds.forget(7)
    assert shares(kinds, 7, LONG, [MS] * 50).get(LOCK, 0) < before


def test_lengths_are_told_apart_by_the_switch_interval() -> None:
    lengths = [length_of(round(ms * MS), 5 * MS) for ms in (0.02, 0.3, 0.6, 1.1, 2.2, 4.5, 5.1, 12, 30)]
    assert len(set(lengths)) == len(lengths)
    assert length_of(MS, MS) == length_of(5 * MS, 5 * MS) == INTERVAL
    assert length_of(10_000, 5 * MS) == length_of(40_000, MS)
    assert length_of(7 * MS, 5 * MS) < TOO_LONG <= length_of(8 * MS, 5 * MS)
