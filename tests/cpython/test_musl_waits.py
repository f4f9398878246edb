"""Threads that wait with musl, by memory as musl 1.2 leaves it."""

from __future__ import annotations

import struct

from pconc_tui.cpython.musl_waits import futexes

COND, FIRST, SECOND = 0x1000, 0x2000, 0x3000


def waiter(previous: int, following: int) -> bytes:
    return struct.pack("<QQiiQ", previous, following, 0, 2, 0)


def found(first: int, last: int, waiters: dict[int, bytes]) -> list[int]:
    memory = {COND: struct.pack("<QQ24xQ", 0, first, last), **waiters}
    return futexes(lambda address, size: memory[address][:size], COND)


def test_each_waiting_thread_has_a_futex_on_its_stack() -> None:
    assert found(0, 0, {}) == []
    assert found(FIRST, FIRST, {FIRST: waiter(0, 0)}) == [FIRST + 20]
    both = {FIRST: waiter(0, SECOND), SECOND: waiter(FIRST, 0)}
    assert found(FIRST, SECOND, both) == [FIRST + 20, SECOND + 20]


def test_a_list_that_changes_meanwhile_is_left_out() -> None:
    assert found(FIRST, SECOND, {FIRST: waiter(0, 0)}) == []
    assert found(FIRST, FIRST, {FIRST: waiter(SECOND, 0)}) == []
    ring = {FIRST: waiter(SECOND, SECOND), SECOND: waiter(FIRST, FIRST)}
    assert found(FIRST, SECOND, ring) == []
    endless = {FIRST: waiter(0, FIRST)}
    assert found(FIRST, FIRST, endless) == []
