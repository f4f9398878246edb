"""Finding deadlocks in the locks that workers hold and wait for."""

from __future__ import annotations

from typing import Any

from pconc_tui.measurement import Wait
from pconc_tui.monitor.deadlock_detection import DeadlockDetector
from pconc_tui.protocol import block

A, B = 1, 2


class Member:
    """A worker as far as the detector reads it."""

    def __init__(self, number: int, *, wants: int = 0, holds: int = 0, alive: bool = True) -> None:
        self.id = number
        self.name = f"Thread-{number}"
        self.alive = alive
        self.header = [0] * block.HEADER_WORDS
        self.header[block.HEAD] = 1
        self.header[block.AWAITED_LOCK] = wants
        self.header[block.HELD_LOCKS] = 1 << holds if holds else 0


def cycle() -> list[Any]:
    """Two workers that wait for each other, and a third that waits for one of them."""
    return [Member(1, holds=A, wants=B), Member(2, holds=B, wants=A), Member(3, wants=A)]


def test_a_wait_names_the_lock_and_its_holder() -> None:
    detector = DeadlockDetector()
    members: list[Any] = [Member(1, holds=A), Member(2, wants=A), Member(3, wants=B)]
    assert not detector.update(members, 1)
    assert detector.waits == (Wait("Thread-2", "A", "Thread-1"), Wait("Thread-3", "B", None))
    assert detector.deadlock == ()


def test_a_cycle_is_confirmed_by_the_second_frame_and_only_once() -> None:
    detector = DeadlockDetector()
    members = cycle()
    assert [detector.update(members, frame) for frame in (1, 2, 3)] == [False, True, False]
    assert detector.since_ns == 2


def test_a_worker_that_waits_for_the_cycle_is_no_part_of_the_deadlock() -> None:
    detector = DeadlockDetector()
    members = cycle()
    detector.update(members, 1)
    detector.update(members, 2)
    assert [wait.worker for wait in detector.deadlock] == ["Thread-1", "Thread-2"]


def test_a_cycle_in_which_a_worker_has_moved_since_is_not_confirmed() -> None:
    detector = DeadlockDetector()
    members = cycle()
    detector.update(members, 1)
    members[0].header[block.HEAD] += 1
    assert not detector.update(members, 2)


def test_a_resolved_deadlock_is_over_but_stays_known() -> None:
    detector = DeadlockDetector()
    members = cycle()
    detector.update(members, 1)
    detector.update(members, 2)
    members[0].alive = False
    detector.update(members, 3)
    assert detector.since_ns is None
    assert detector.deadlock


def test_a_killed_worker_still_holds_its_lock() -> None:
    detector = DeadlockDetector()
    members: list[Any] = [Member(1, holds=A, alive=False), Member(2, wants=A)]
    detector.update(members, 1)
    assert detector.waits == (Wait("Thread-2", "A", "Thread-1"),)
