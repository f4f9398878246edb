"""What is shown of a thread whose process is stopped."""

from __future__ import annotations

from pconc_tui.monitor.halted_thread import HaltedThread
from pconc_tui.protocol.block import State, pack, unpack

MS = 1_000_000


def added(thread: HaltedThread, until_ms: int, *did: tuple[int, State]) -> list[tuple[int, State]]:
    words = thread.add([pack(time_ms * MS, state) for time_ms, state in did], until_ms * MS)
    return [(time_ns // MS, state) for time_ns, state in map(unpack, words)]


def test_a_thread_that_goes_on_with_its_wait_is_unknown_only_meanwhile() -> None:
    thread = HaltedThread()
    assert added(thread, 20, (10, State.IO)) == [(10, State.IO)]
    thread.since_ns, thread.ran_ns = 50 * MS, 46 * MS
    assert added(thread, 40) == []  # What it did before it was stopped is not all known yet.
    assert added(thread, 60, (45, State.LOCK)) == [(45, State.LOCK), (50, State.UNKNOWN)]
    assert added(thread, 80) == []
    thread.since_ns, thread.ran_ns = None, 90 * MS
    assert added(thread, 85) == []  # It may be known later that it did something.
    assert added(thread, 95) == [(90, State.LOCK)]
    assert added(thread, 99) == []


def test_a_thread_is_stopped_from_its_last_transition_on_if_its_process_ran_before() -> None:
    thread = HaltedThread()
    added(thread, 25, (10, State.RUNNING))
    thread.since_ns, thread.ran_ns = 50 * MS, 20 * MS
    assert added(thread, 60, (31, State.IO)) == [(31, State.IO), (31, State.UNKNOWN)]
    thread.since_ns, thread.ran_ns = None, 90 * MS
    assert added(thread, 80, (70, State.RUNNING)) == [(70, State.RUNNING)]
    assert added(thread, 95) == []


def test_a_thread_that_does_something_when_it_goes_on_does_that() -> None:
    thread = HaltedThread()
    added(thread, 20, (10, State.GIL_WAIT))
    thread.since_ns, thread.ran_ns = 50 * MS, 46 * MS
    assert added(thread, 60) == [(50, State.UNKNOWN)]
    assert added(thread, 90, (85, State.RUNNING)) == [(85, State.RUNNING)]
    thread.since_ns = None
    assert added(thread, 95) == []


def test_what_a_thread_did_before_may_be_known_only_later() -> None:
    thread = HaltedThread()
    thread.since_ns, thread.ran_ns = 50 * MS, 46 * MS
    assert added(thread, 60) == []
    assert added(thread, 80, (10, State.IO)) == [(10, State.IO), (50, State.UNKNOWN)]
    assert added(thread, 90) == []


def test_a_thread_that_ended_stays_ended() -> None:
    thread = HaltedThread()
    added(thread, 20, (10, State.ENDED))
    thread.since_ns = 15 * MS
    assert added(thread, 30) == []


def test_what_a_thread_does_is_unknown_from_the_beginning_if_its_process_was_stopped_before() -> None:
    thread = HaltedThread()
    thread.since_ns = 5 * MS
    assert added(thread, 20, (10, State.IO)) == [(10, State.IO), (10, State.UNKNOWN)]
    assert added(thread, 90, (85, State.RUNNING)) == [(85, State.RUNNING)]
    thread.since_ns, thread.ran_ns = None, 95 * MS
    assert added(thread, 99) == []
