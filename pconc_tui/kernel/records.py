"""Bytes of a ring become records. Pure.

The records of one core, as the kernel writes them (see perf_event_open(2)); each begins with a word that has its type,
its flags and its size, and is followed by whose it is, when it was and on which core:

    SWITCH  in          thread 7 got core 0 at 1000
    SAMPLE  registers   thread 7 at 1500: first argument of its system call 0x7f10, second FUTEX_WAIT
    SWITCH  out         thread 7 lost core 0 at 1501, and is blocked
    LOST    3           at 1900: three records had no room before

A sample belongs to the switch out of the same thread that follows it. These three in a row are most of what there is,
so they become one record:

    Slice(1501, 5, 7, 0, 1000, 0x7f10)   Lost(1900, 1900, 0, 3)

which is as much as two others, as they are decoded where something is in between:

    Switch(1000, 5, 7, 0, IN)   Switch(1501, 5, 7, 0, BLOCKED, 0x7f10)

Records of several cores are ordered by `Merge`. A core's records come in order, but those of another core may come
later: so what is younger than the watermark, a moment before the rings were read, waits for the next call.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import itemgetter
from struct import Struct
from typing import NamedTuple, TypeAlias

IN, PREEMPTED, BLOCKED = range(3)
"""Ways of a switch: onto a core; off it although it could go on; off it, since it waits for something."""

NO_FUTEX, NO_CALL, UNKNOWN, STOPPED = 0, -1, -2, -3
"""Instead of a futex's address: in another system call; in none (a page that must be read); without registers; stopped,
as by SIGSTOP, a debugger or a frozen cgroup, in a system call that it goes on with later."""


class Switch(NamedTuple):
    """A thread gets a core or loses it."""

    time_ns: int
    pid: int
    tid: int
    cpu: int
    way: int
    futex: int = UNKNOWN
    """Address of the futex that a blocked thread waits at, or `NO_FUTEX`, `NO_CALL`, `UNKNOWN` or `STOPPED`."""


class Slice(NamedTuple):
    """A thread gets a core and keeps it until it blocks: two switches in one."""

    time_ns: int
    """When it blocks."""
    pid: int
    tid: int
    cpu: int
    on_ns: int
    """When it got the core."""
    futex: int
    """As in `Switch`."""

    @property
    def on(self) -> Switch:
        """The switch onto the core."""
        return _new(Switch, (self[4], self[1], self[2], self[3], IN, UNKNOWN))

    @property
    def off(self) -> Switch:
        """The switch off it."""
        return _new(Switch, (self[0], self[1], self[2], self[3], BLOCKED, self[5]))


class Fork(NamedTuple):
    """A thread starts another, or a process."""

    time_ns: int
    pid: int
    tid: int
    cpu: int
    parent_pid: int
    parent_tid: int


class Exit(NamedTuple):
    """A thread ends."""

    time_ns: int
    pid: int
    tid: int
    cpu: int


class Comm(NamedTuple):
    """A thread gets a name, or its process another program."""

    time_ns: int
    pid: int
    tid: int
    cpu: int
    name: str
    exec: bool


class Lost(NamedTuple):
    """Records that had no room in the ring of a core: what happened on it for this time is unknown.

    The kernel reports how many there were later, when it writes the next record: then the time is none.
    """

    time_ns: int
    until_ns: int
    cpu: int
    records: int


Record: TypeAlias = Switch | Fork | Exit | Comm | Lost
Decoded: TypeAlias = Record | Slice

_COMM, _EXIT, _FORK, _SAMPLE, _SWITCH, _LOST, _LOST_SAMPLES = 3, 4, 7, 9, 14, 2, 13
_SWITCH_OUT, _SWITCH_OUT_PREEMPT, _COMM_EXEC = 1 << 13, 1 << 14, 1 << 13
_ID_WORDS = 3
"""At the end of each record but samples: process and thread, time, core."""
_LOW = 0xFFFFFFFF
_SWITCH_WORDS = 1 + _ID_WORDS
_SWITCH_IN_HEADER = _SWITCH | 8 * _SWITCH_WORDS << 48
_SWITCH_OUT_HEADER = _SWITCH_IN_HEADER | _SWITCH_OUT << 32
_PREEMPTED_HEADER = _SWITCH_OUT_HEADER | _SWITCH_OUT_PREEMPT << 32
_SAMPLE_WORDS = 1 + _ID_WORDS + 1 + 5
_SAMPLE_HEADERS = frozenset(_SAMPLE | flags << 32 | 8 * _SAMPLE_WORDS << 48 for flags in range(8))
_SLICE_WORDS = _SWITCH_WORDS + _SAMPLE_WORDS + _SWITCH_WORDS
_slice = Struct("<QQQI4x 8xQ16xQ Q8xQQ8x QQQ8x").unpack_from
"""The three records of a `Slice`, without cx and ip."""

_PRIVATE, _REALTIME = 128, 256
# FUTEX_WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2; of those that processes share only WAIT_BITSET as
# semaphores use it, since poll() of 0, 6 or 9 files has the same arguments as the others.
_WAITS = frozenset(
    [operation | _PRIVATE | clock for operation in (0, 6, 9, 11, 13) for clock in (0, _REALTIME)] + [9 | _REALTIME]
)
_PRIVATE_WAITS = frozenset([9 | _PRIVATE, 9 | _PRIVATE | _REALTIME])
"""Those that are no plausible second argument of another call."""
_LOWEST_ADDRESS = 4096
_ARM_FUTEX = 98
"""Number of the system call."""
_IN_CALL = 2**64 - 38
"""So is rax in a system call, until it returns: -ENOSYS."""
_INTERRUPTED = frozenset(2**64 - number for number in (4, 512, 513, 514, 516))
"""What it returns, as when the thread is stopped: EINTR, ERESTARTSYS, -NOINTR, -NOHAND, -_RESTARTBLOCK."""
_new = tuple.__new__
"""Faster than calling the class."""


class TornError(Exception):
    """A ring's bytes are no sequence of records."""


class Decoder:
    """Decodes what one ring holds; keeps a sample until its switch comes."""

    def __init__(self, machine: str) -> None:
        """`machine`: as `os.uname().machine` says."""
        self._is_x86 = machine == "x86_64"
        self._sampled_tid, self._sampled_futex = 0, UNKNOWN
        self.last_ns = 0
        """Time of the last record."""

    def decode(self, data: bytes) -> list[Decoded]:
        """The records in these bytes, in order of `time_ns`. Raises TornError; what came before is lost then too."""
        words = memoryview(data).cast("Q")
        found: list[Decoded] = []
        append, switch, is_x86 = found.append, Switch, self._is_x86
        sampled, futex = self._sampled_tid, self._sampled_futex
        last_ns, at, end = self.last_ns, 0, len(words)
        try:
            while at < end:
                header = words[at]
                if header == _SWITCH_IN_HEADER and at + _SLICE_WORDS <= end and words[at + 4] in _SAMPLE_HEADERS:
                    _, ids, on_ns, cpu, ids_1, abi, ax, si, di, out, ids_2, off_ns = _slice(data, 8 * at)
                    if out == _SWITCH_OUT_HEADER and ids == ids_1 == ids_2:
                        last_ns = off_ns
                        pid, sampled = ids & _LOW, ids >> 32
                        if is_x86 and ax == _IN_CALL and abi and si in _PRIVATE_WAITS:
                            futex = di  # What `_futex` would find, for the most frequent case.
                        else:
                            futex = self._futex(words, at + 8)
                        append(_new(Slice, (off_ns, pid, sampled, cpu, on_ns, futex)))
                        at += _SLICE_WORDS
                        continue
                if header == _SWITCH_IN_HEADER:
                    ids, last_ns = words[at + 1], words[at + 2]
                    append(_new(switch, (last_ns, ids & _LOW, ids >> 32, words[at + 3] & _LOW, IN, UNKNOWN)))
                    at += 4
                elif header == _SWITCH_OUT_HEADER:
                    ids, last_ns = words[at + 1], words[at + 2]
                    tid = ids >> 32
                    where = futex if tid == sampled else UNKNOWN
                    append(_new(switch, (last_ns, ids & _LOW, tid, words[at + 3] & _LOW, BLOCKED, where)))
                    at += 4
                elif header & _LOW == _SAMPLE:
                    sampled = words[at + 1] >> 32
                    futex = self._futex(words, at + 4)
                    at += header >> 51
                elif header == _PREEMPTED_HEADER:
                    ids, last_ns = words[at + 1], words[at + 2]
                    append(_new(switch, (last_ns, ids & _LOW, ids >> 32, words[at + 3] & _LOW, PREEMPTED, UNKNOWN)))
                    at += 4
                else:
                    size = header >> 51
                    if size <= _ID_WORDS or at + size > end:
                        raise TornError(f"a record of {size} words at {at} of {end}")
                    record = _other(header, data, words, at, at + size)
                    if record is not None:
                        append(record)
                        last_ns = words[at + size - 2]
                    at += size
        except IndexError:
            raise TornError(f"the last record is not complete: {end} words") from None
        self._sampled_tid, self._sampled_futex, self.last_ns = sampled, futex, last_ns
        return found

    def _futex(self, words: memoryview, at: int) -> int:
        """What a thread is blocked in, by its registers: `PERF_SAMPLE_REGS_ABI`, then those asked for, in order."""
        if not words[at]:
            return UNKNOWN
        if self._is_x86:
            if words[at + 2] != words[at + 5]:  # The instruction `syscall` leaves the next one's address in rcx.
                return NO_CALL
            if words[at + 1] == _IN_CALL:
                return futex_of(words[at + 4], words[at + 3])
            return STOPPED if words[at + 1] in _INTERRUPTED else NO_CALL  # Its call has returned.
        if words[at + 1] in _INTERRUPTED:
            return STOPPED
        return futex_of(words[at + 1], words[at + 2]) if words[at + 3] == _ARM_FUTEX else NO_FUTEX


def futex_of(address: int, operation: int) -> int:
    """The address of a futex, if these two arguments of a system call are those of waiting at one; else `NO_FUTEX`."""
    is_wait = operation in _WAITS and address >= _LOWEST_ADDRESS and not address & 3
    return address if is_wait else NO_FUTEX


def _other(header: int, data: bytes, words: memoryview, at: int, end: int) -> Record | None:
    _, time_ns, cpu = words[end - _ID_WORDS : end]
    cpu &= _LOW
    kind, first = header & _LOW, words[at + 1]
    if kind in (_FORK, _EXIT):
        tids = words[at + 2]
        pid, parent_pid, tid, parent_tid = first & _LOW, first >> 32, tids & _LOW, tids >> 32
        return Fork(time_ns, pid, tid, cpu, parent_pid, parent_tid) if kind == _FORK else Exit(time_ns, pid, tid, cpu)
    if kind == _COMM:
        name = data[8 * (at + 2) : 8 * (end - _ID_WORDS)].partition(b"\0")[0].decode(errors="replace")
        return Comm(time_ns, first & _LOW, first >> 32, cpu, name, bool(header >> 32 & _COMM_EXEC))
    if kind in (_LOST, _LOST_SAMPLES):
        return Lost(time_ns, time_ns, cpu, words[at + 2] if kind == _LOST else first)
    return None


class Merge:
    """Orders the records of all cores by time."""

    def __init__(self) -> None:
        self._later: list[Decoded] = []

    @property
    def has_later(self) -> bool:
        """Whether there are records that have not been returned yet."""
        return bool(self._later)

    def add(self, records: Iterable[Decoded], watermark_ns: int) -> list[Decoded]:
        """All records so far that are not younger than the watermark, and have not been returned yet."""
        found = self._later
        found.extend(records)
        found.sort(key=_time)
        at = bisect_right(found, watermark_ns, key=_time)
        found, later = found[:at], found[at:]
        begun = [each for each in later if type(each) is Slice and each.on_ns <= watermark_ns]
        if begun:
            found = sorted([*found, *(each.on for each in begun)], key=_time)
            later = [each.off if type(each) is Slice and each in begun else each for each in later]
        self._later = later
        return found


def switches(records: Iterable[Decoded]) -> list[Record]:
    """The records with each slice as two switches, ordered by time. Pure."""
    found: list[Record] = []
    for record in records:
        if type(record) is Slice:
            found += (record.on, record.off)
        else:
            found.append(record)  # type: ignore[arg-type]
    found.sort(key=_time)
    return found


_time = itemgetter(0)
