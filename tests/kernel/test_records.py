"""Decoding, on bytes as the kernel writes them."""

from __future__ import annotations

import struct

import pytest

from pconc_tui.kernel.records import (
    BLOCKED,
    IN,
    NO_CALL,
    NO_FUTEX,
    PREEMPTED,
    STOPPED,
    UNKNOWN,
    Comm,
    Decoded,
    Decoder,
    Exit,
    Fork,
    Lost,
    Merge,
    Record,
    Slice,
    Switch,
    TornError,
    switches,
)

PID, TID, FUTEX = 5, 7, 0x7F10
IN_CALL = 2**64 - 38
WAIT_BITSET_PRIVATE, READ_BUFFER = 9 | 128, 0x5000


def record(kind: int, misc: int, *words: int) -> bytes:
    return struct.pack(f"<{1 + len(words)}Q", kind | misc << 32 | 8 * (1 + len(words)) << 48, *words)


def switch(time_ns: int, misc: int, tid: int = TID, cpu: int = 0) -> bytes:
    return record(14, misc, PID | tid << 32, time_ns, cpu)


def sample(time_ns: int, registers: tuple[int, ...], tid: int = TID, abi: int = 2) -> bytes:
    return record(9, 2, PID | tid << 32, time_ns, 0, abi, *registers)


def x86(address: int, operation: int, in_call: bool = True, ax: int = IN_CALL) -> tuple[int, ...]:
    """ax, cx, si, di, ip."""
    return ax, 0x400, operation, address, 0x400 if in_call else 0x404


def blocked_at(registers: tuple[int, ...], machine: str = "x86_64", abi: int = 2) -> int:
    (found,) = Decoder(machine).decode(sample(99, registers, abi=abi) + switch(100, 1 << 13))
    assert isinstance(found, Switch)
    assert found.way == BLOCKED
    return found.futex


def test_a_thread_gets_a_core_loses_it_and_blocks() -> None:
    data = switch(10, 0) + switch(20, 3 << 13) + switch(30, 0, cpu=1) + sample(39, x86(FUTEX, WAIT_BITSET_PRIVATE))
    found = Decoder("x86_64").decode(data + switch(40, 1 << 13, cpu=1))
    first: list[Record] = [Switch(10, PID, TID, 0, IN), Switch(20, PID, TID, 0, PREEMPTED)]
    assert found == [*first, Slice(40, PID, TID, 1, 30, FUTEX)]
    assert switches(found) == [*first, Switch(30, PID, TID, 1, IN), Switch(40, PID, TID, 1, BLOCKED, FUTEX)]


def test_three_records_are_a_slice_only_if_they_are_one_threads() -> None:
    data = switch(30, 0) + sample(39, x86(FUTEX, WAIT_BITSET_PRIVATE)) + switch(40, 1 << 13, tid=8)
    assert Decoder("x86_64").decode(data) == [Switch(30, PID, TID, 0, IN), Switch(40, PID, 8, 0, BLOCKED, UNKNOWN)]


def test_the_registers_say_what_a_thread_is_blocked_in() -> None:
    assert blocked_at(x86(FUTEX, WAIT_BITSET_PRIVATE)) == FUTEX
    assert blocked_at(x86(FUTEX, 128)) == FUTEX
    assert blocked_at(x86(3, READ_BUFFER)) == NO_FUTEX  # read(3, buffer, ...)
    assert blocked_at(x86(FUTEX, 1)) == NO_FUTEX  # poll(files, 1, ...)
    assert blocked_at(x86(FUTEX, 129)) == NO_FUTEX  # FUTEX_WAKE
    assert blocked_at(x86(FUTEX + 1, 128)) == NO_FUTEX
    assert blocked_at(x86(FUTEX, WAIT_BITSET_PRIVATE, in_call=False)) == NO_CALL
    assert blocked_at((0, 0, 0, 0, 0), abi=0) == UNKNOWN
    assert blocked_at((FUTEX, 128, 98, 0x800, 0x400), "aarch64") == FUTEX
    assert blocked_at((FUTEX, 128, 63, 0x800, 0x400), "aarch64") == NO_FUTEX


def test_a_thread_that_is_stopped_in_a_call_is_not_blocked_in_it() -> None:
    for number in (4, 512, 514, 516):
        assert blocked_at(x86(FUTEX, WAIT_BITSET_PRIVATE, ax=2**64 - number)) == STOPPED
        assert blocked_at((2**64 - number, 128, 98, 0x800, 0x400), "aarch64") == STOPPED
    assert blocked_at(x86(FUTEX, WAIT_BITSET_PRIVATE, in_call=False, ax=2**64 - 516)) == NO_CALL
    assert blocked_at(x86(FUTEX, WAIT_BITSET_PRIVATE, ax=1)) == NO_CALL  # Its call has returned 1.
    data = switch(30, 0) + sample(39, x86(FUTEX, WAIT_BITSET_PRIVATE, ax=2**64 - 512)) + switch(40, 1 << 13)
    assert Decoder("x86_64").decode(data) == [Slice(40, PID, TID, 0, 30, STOPPED)]


def test_a_sample_belongs_to_its_own_threads_switch_also_where_a_reading_ends_between() -> None:
    decoder = Decoder("x86_64")
    assert decoder.decode(sample(9, x86(FUTEX, 128))) == []
    assert decoder.decode(switch(10, 1 << 13)) == [Switch(10, PID, TID, 0, BLOCKED, FUTEX)]
    (other,) = decoder.decode(switch(20, 1 << 13, tid=8))
    assert isinstance(other, Switch)
    assert other.futex == UNKNOWN


def test_without_registers_it_is_unknown_what_a_thread_is_blocked_in() -> None:
    assert Decoder("x86_64").decode(switch(10, 1 << 13)) == [Switch(10, PID, TID, 0, BLOCKED, UNKNOWN)]


def test_threads_start_end_and_are_named() -> None:
    ids = PID | TID << 32, 50, 1
    fork = record(7, 0, PID | PID << 32, 8 | TID << 32, 49, *ids)
    ended = record(4, 0, PID | PID << 32, 8 | TID << 32, 49, *ids)
    name = int.from_bytes(b"Thread-1", "little"), int.from_bytes(b" (f)", "little")
    comm = record(3, 1 << 13, PID | 8 << 32, *name, *ids)
    other = record(5, 0, 1, 2, 3, *ids)  # PERF_RECORD_THROTTLE
    assert Decoder("x86_64").decode(fork + comm + other + ended) == [
        Fork(50, PID, 8, 1, PID, TID),
        Comm(50, PID, 8, 1, "Thread-1 (f)", True),
        Exit(50, PID, 8, 1),
    ]


def test_the_kernel_counts_what_it_lost() -> None:
    decoder = Decoder("x86_64")
    assert decoder.decode(switch(10, 0) + record(2, 0, 1, 33, PID, 90, 0)) == [
        Switch(10, PID, TID, 0, IN),
        Lost(90, 90, 0, 33),
    ]
    assert decoder.last_ns == 90


@pytest.mark.parametrize("cut", range(8, 32, 8))
def test_torn_records_are_an_error(cut: int) -> None:
    with pytest.raises(TornError):
        Decoder("x86_64").decode(switch(10, 0) + switch(20, 1 << 13)[:cut])


def test_zeros_are_an_error() -> None:
    with pytest.raises(TornError):
        Decoder("x86_64").decode(bytes(64))


def test_records_of_all_cores_are_in_order_and_wait_for_the_watermark() -> None:
    merge = Merge()
    times = (10, 30, 50, 20, 40)
    records: list[Record] = [Switch(time_ns, PID, TID, 0, IN) for time_ns in times]
    assert [each[0] for each in merge.add(records, 40)] == [10, 20, 30, 40]
    assert [each[0] for each in merge.add([Switch(45, PID, TID, 1, IN)], 60)] == [45, 50]


def test_of_a_slice_around_the_watermark_the_beginning_comes_first() -> None:
    merge = Merge()
    records: list[Decoded] = [
        Slice(50, PID, TID, 0, 30, FUTEX),
        Switch(20, PID, 8, 1, IN),
        Switch(35, PID, 8, 1, PREEMPTED),
    ]
    assert merge.add(records, 40) == [records[1], Switch(30, PID, TID, 0, IN), records[2]]
    assert merge.add([], 60) == [Switch(50, PID, TID, 0, BLOCKED, FUTEX)]
