"""Samples folded into transitions: running adds up to the CPU clock, and the order is as plausible as can be."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from itertools import pairwise

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.sampler import transition_builder as folding
from pconc_tui.sampler.transition_builder import FoldState, Sample, Transition, first, fold

MS = 1_000_000
RUN, GIL, CORE, IO, LOCK = State.RUNNING, State.GIL_WAIT, State.CORE_WAIT, State.IO, State.LOCK
FREE = State.RELEASED
TICK_MS = 4


@pytest.fixture(autouse=True)
def tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "TICK_NS", TICK_MS * MS)


def sample(
    ms: float, doing: State, cpu: float = 0, queued: float = 0, slices: int = 1, holds: bool | None = None
) -> Sample:
    return Sample(round(ms * MS), doing, holds, round(cpu * MS), round(queued * MS), slices)


def folded(*samples: Sample) -> list[Transition]:
    """All transitions of a worker that started at 0."""
    state, found = first(0, 0, samples[0])
    for each in samples[1:]:
        state, more = fold(state, each)
        found += more
    return found


def steps(*samples: Sample) -> list[tuple[float, State]]:
    """The same in ms, without marks."""
    return [(time_ns / MS, state) for time_ns, state, _ in folded(*samples)]


def test_the_example_of_the_explanation() -> None:
    before = sample(10, GIL, 40, 3, 20, False)
    waiting = FoldState(before, GIL, Transition(9 * MS, GIL), 9 * MS)
    after = sample(12.5, RUN, 41.4, 3.3, 21, True)
    assert fold(waiting, after)[1] == [(10_800_000, CORE, False), (11_100_000, RUN, False)]
    found = fold(waiting, after._replace(slices=60))[1]
    assert found == [(10_000_000, GIL, True), (10_800_000, CORE, True), (11_100_000, RUN, True)]


def test_a_run_is_as_long_as_the_cpu_clock_says() -> None:
    assert steps(sample(1, RUN, 1), sample(3, IO, 1.5), sample(5, IO, 1.5), sample(7, RUN, 2, slices=2)) == [
        (1.5, IO), (6, RUN),
    ]  # fmt: skip


def test_running_is_shown_while_the_clock_of_a_thread_on_a_core_trails() -> None:
    assert steps(sample(1, RUN, 1), sample(3, RUN, 1), sample(4, RUN, 4)) == []
    assert steps(sample(1, RUN, 1), sample(3, RUN, 1), sample(5, IO, 3.5)) == [(3.5, IO)]


def test_a_thread_whose_clock_stands_still_for_longer_than_a_tick_has_no_core() -> None:
    waits = sample(1, RUN, 1), sample(4, RUN, 1), sample(9, RUN, 1)
    assert steps(*waits) == [(4, CORE)]
    assert steps(*waits, sample(14, RUN, 5.5, queued=8.5, slices=2)) == [(4, CORE), (12.5, RUN)]


def test_time_in_the_run_queue_is_waiting_for_a_core() -> None:
    assert steps(sample(1, RUN, 1), sample(8, RUN, 3, queued=5, slices=2)) == [(1, CORE), (6, RUN)]
    assert steps(sample(1, IO), sample(5, RUN, 1, queued=2, slices=2)) == [(0, IO), (2, CORE), (4, RUN)]


def test_threads_hand_over_the_gil_at_one_moment() -> None:
    one, two = sample(1, RUN, 1, holds=True), sample(1, GIL, holds=False)
    holder, _ = first(0, 0, one)
    waiter, _ = first(0, 0, two)
    holder, released = fold(holder, sample(3, GIL, 1.7, holds=False))
    assert released == [(1_700_000, GIL, False)]
    assert fold(waiter, sample(3, RUN, 0, slices=2, holds=True), holder.released_ns)[1] == [(1_700_000, RUN, False)]


def test_a_turn_between_two_samples_is_placed_behind_the_one_before() -> None:
    waiter, _ = first(0, 0, sample(1, GIL, holds=False))
    turn = sample(11, GIL, 3, slices=3, holds=False)
    assert fold(waiter, turn, 4 * MS)[1] == [(4 * MS, RUN, False), (7 * MS, GIL, False)]
    assert fold(waiter, turn)[1] == [(4_500_000, RUN, False), (7_500_000, GIL, False)]


def test_requests_for_the_gil_do_not_interrupt_a_wait_until_they_add_up() -> None:
    waits = [sample(1 + 2 * n, GIL, 0.1 * n, slices=1 + n, holds=False) for n in range(25)]
    assert {state for _, state, _ in folded(*waits)} == {GIL, FREE}
    assert steps(*waits[:20]) == [(0, GIL)]


def test_a_thread_that_runs_without_the_gil_uses_cpu_time() -> None:
    held = sample(2, RUN, 2, holds=True)
    released = [sample(2 + n, RUN, 2 + n, holds=False) for n in (1, 2, 3)]
    assert steps(held, *released, sample(6, GIL, 5.5, holds=False)) == [(3, GIL), (3, FREE), (5.5, GIL)]


def test_a_thread_that_is_ready_without_the_gil_is_not_shown_ahead_of_its_short_turns() -> None:
    ready = [sample(10 * n, RUN, 0.5 * n, slices=5 * n, holds=False) for n in (1, 2, 3, 4)]
    total = sums(folded(*ready), 40 * MS)
    assert total[RUN] + total[FREE] == pytest.approx(2 * MS, abs=0.2 * MS)


def test_many_time_slices_make_a_mixed_stretch_with_the_right_shares() -> None:
    samples = [sample(2 * n + 1, GIL if n % 2 else RUN, n / 2 + 1, 0, 1 + 40 * n, n % 2 == 0) for n in range(5)]
    assert folded(*samples[:2]) == [(1 * MS, RUN, True), (1_500_000, GIL, True)]
    found = folded(*samples)
    assert {each.state: each.mixed for each in found} == {RUN: True, GIL: True}
    assert sums(found, 9 * MS)[RUN] == pytest.approx(3 * MS, abs=0.1 * MS)


def test_what_blocked_it_unseen_is_what_blocked_it_last_or_the_gil_that_others_used() -> None:
    again = sample(6, RUN, 2, slices=40)
    state, _ = first(0, 0, sample(1, LOCK, 0.5))
    state, _ = fold(state, sample(2, RUN, 1, slices=2))
    assert {each.state for each in fold(state, again, others_cpu_ns=3 * MS)[1]} == {RUN, LOCK}
    never, _ = first(0, 0, sample(1, RUN, 1))
    assert {each.state for each in fold(never, again, others_cpu_ns=4 * MS)[1]} == {RUN, GIL}
    assert {each.state for each in fold(never, again)[1]} == {RUN, CORE}


def test_a_thread_that_is_woken_up_has_waited_for_what_it_was_last_blocked_in() -> None:
    state, _ = first(0, 0, sample(1, IO, 0.5, holds=False))
    state, found = fold(state, sample(3, RUN, 0.5, slices=1, holds=False))
    assert found == []
    assert {each.state for each in fold(state, sample(4, IO, 0.6, slices=2, holds=False))[1]} == {RUN, IO}


def test_time_in_the_run_queue_is_waiting_for_the_gil_where_another_thread_holds_it() -> None:
    state, _ = first(0, 0, sample(1, IO, 0.5, holds=False)._replace(is_taken=True))
    held = sample(9, IO, 2.5, queued=4, slices=2, holds=False)
    assert sums(fold(state, held._replace(is_taken=True))[1], 9 * MS)[GIL] == 4 * MS
    assert sums(fold(state, held)[1], 9 * MS)[GIL] == 2 * MS
    assert sums(fold(state, held._replace(is_taken=True), released_ns=3 * MS)[1], 9 * MS)[CORE] == 4 * MS


def test_a_holder_that_lost_its_core_waited_for_that() -> None:
    state, _ = first(0, 0, sample(1, RUN, 1, holds=True))
    lost = sample(9, GIL, 3, queued=4, slices=2, holds=False)._replace(is_taken=True)
    assert sums(fold(state, lost)[1], 9 * MS)[CORE] == 4 * MS
    others_ran = fold(state, lost, others_cpu_ns=5 * MS)[1]
    assert sums(others_ran, 9 * MS)[CORE] == 1 * MS, "the rest was 2 ms"


@dataclass
class Thread:
    """What a simulated thread does, and what the kernel would report of it."""

    state: State = RUN
    cpu: int = 0
    shown_cpu: int = 0
    queued: int = 0
    shown_queued: int = 0
    slices: int = 1
    ticked: int = 0

    def step(self, now: int, ns: int, state: State) -> None:
        """Spend `ns` in this state."""
        if state is not self.state:
            self.shown_cpu = self.cpu  # Exact whenever it gets or loses a core.
            if state is RUN:
                self.slices += 1
                self.shown_queued = self.queued
            self.state = state
        if state is RUN:
            self.cpu += ns
            if now // (TICK_MS * MS) != (now + ns) // (TICK_MS * MS):
                self.shown_cpu = self.cpu
        elif state is CORE:
            self.queued += ns

    def sample(self, now: int, holds: bool | None) -> Sample:
        doing = RUN if self.state is CORE else self.state
        has_gil = None if holds is None else self.state is RUN
        return Sample(now, doing, has_gil, self.shown_cpu, self.shown_queued, self.slices)


def sums(found: list[Transition], end_ns: int) -> dict[State, int]:
    """How long each state lasted from 0 on."""
    line = [Transition(0, RUN), *found, Transition(end_ns, State.ENDED)]
    total = dict.fromkeys(State, 0)
    for one, next in pairwise(line):
        assert next.time_ns >= one.time_ns
        total[one.state] += next.time_ns - one.time_ns
    return total


@pytest.mark.parametrize("seed", range(24))
def test_running_follows_the_cpu_clock_whatever_a_thread_does(seed: int) -> None:
    rng = random.Random(seed)
    thread, now, state = Thread(), 0, None
    mean_ns = (20_000, 200_000, 1 * MS, 5 * MS, 30 * MS)[seed % 5]
    weights = [rng.random() for _ in range(5)]
    share = rng.choice((True, None))
    found: list[Transition] = []
    next_ns = rng.randrange(1, 4 * MS)
    while now < 400 * MS:
        doing = rng.choices((RUN, CORE, IO, LOCK, GIL), weights)[0]
        left = round(rng.expovariate(1 / mean_ns)) + 1
        while left > 0:
            ns = min(left, next_ns - now, TICK_MS * MS)
            thread.step(now, ns, doing)
            now, left = now + ns, left - ns
            if now == next_ns:
                next_ns = now + rng.randrange(1 * MS, 6 * MS)
                taken = thread.sample(now, share)
                state, more = first(0, 0, taken) if state is None else fold(state, taken)
                found += more
                total = sums(found, now)
                assert abs(total[RUN] + total[FREE] - thread.cpu) <= 12 * MS
                assert sum(total.values()) == now


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("weights", [(25, 10, 50, 5, 10), (20, 20, 5, 40, 15), (10, 30, 60, 0, 0), (25, 5, 0, 0, 70)])
def test_shares_of_short_states_follow_clocks_and_samples(weights: tuple[int, ...], taken: bool) -> None:
    rng = random.Random(1)
    thread, now, end = Thread(), 0, 20_000 * MS
    spent = dict.fromkeys(State, 0)
    state, found = first(0, 0, thread.sample(1, True))
    next_ns = 10 * MS
    for doing in itertools.cycle((RUN, IO, CORE, LOCK, CORE, GIL, CORE)):
        share = weights[(RUN, CORE, IO, LOCK, GIL).index(doing)] / (3 if doing is CORE else 1)
        left = round(rng.expovariate(1 / (3_000 * share))) + 1 if share else 0
        while left > 0:
            ns = min(left, next_ns - now, TICK_MS * MS)
            thread.step(now, ns, doing)
            now, left = now + ns, left - ns
            spent[doing] += ns
            if now == next_ns:
                next_ns = now + rng.randrange(5 * MS, 15 * MS)
                state, more = fold(state, thread.sample(now, True)._replace(is_taken=taken and doing is not RUN))
                found += more
        if now > end:
            break
    if taken:
        spent[GIL], spent[CORE] = spent[GIL] + spent[CORE], 0
    total = sums(found, now)
    total[RUN] += total.pop(FREE)
    assert {each: total[each] / now for each in total} == pytest.approx(
        {each: spent[each] / now for each in total}, abs=0.03
    )


@pytest.mark.parametrize("turn_ms", [0.03, 0.1, 2, 5, 12])
@pytest.mark.parametrize("period_ms", [2.5, 10])
def test_threads_under_one_gil_run_in_turns(turn_ms: float, period_ms: float) -> None:
    rng = random.Random(1)
    threads = [Thread(GIL) for _ in range(4)]
    states: list[FoldState | None] = [None] * 4
    found: list[list[Transition]] = [[] for _ in threads]
    now, holder, until, sampled_ns, next_ns = 0, 0, 0, 0, 1
    while now < 500 * MS:
        if now >= until:
            holder, until = (holder + 1) % 4, now + round(turn_ms * MS)
        ns = min(until, next_ns) - now
        for number, thread in enumerate(threads):
            thread.step(now, ns, RUN if number == holder else GIL)
        now += ns
        if now < next_ns:
            continue
        sampled_ns, next_ns = now, now + round(rng.uniform(0.5, 1.5) * period_ms * MS)
        samples = [thread.sample(now, True) for thread in threads]
        for number, taken in enumerate(samples):
            before = states[number]
            states[number], more = first(0, 0, taken) if before is None else fold(before, taken)
            found[number] += more
    for transitions, thread in zip(found, threads, strict=True):
        total = sums(transitions, sampled_ns)
        assert total[RUN] + total[FREE] == pytest.approx(thread.cpu, abs=8 * MS)
        assert total[RUN] + total[FREE] + total[GIL] == pytest.approx(sampled_ns, abs=TICK_MS * MS)
        assert any(each.mixed for each in transitions) == (turn_ms <= 0.1)
