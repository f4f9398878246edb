"""What the threads of a watched program did, as shares of the time: over the last second, or since watching began."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import Times

MOSTLY = 0.5
"""The share of the time that is most of it, and the cores that are worth a sentence."""
WAITS = 0.05
"""A thread that waits or runs for less of the time doesn't count as one of those that do."""


@dataclass(frozen=True)
class Shares:
    """What one thread did, as shares of the time, 0 to 1."""

    thread: Worker
    held: float
    """It held the GIL, waits for a core meanwhile included."""
    gil_wait: float
    core_wait: float
    released: float
    """It ran without the GIL, or needs none."""
    running: float
    """It ran, with or without the GIL."""
    io: float
    """It had released the GIL for that, or needs none."""
    lock_wait: float
    lived: float
    """As far as is known what it did."""
    unknown: float
    """The time in which it is not, as a share of the same: it can be above 1."""


def recently(thread: Worker) -> tuple[Times, float] | None:
    """A thread's times in the last second, and the seconds in which it held the GIL meanwhile; None: unknown."""
    if thread.thread is None or thread.recent is None or thread.thread.recent_held_s is None:
        return None
    return thread.recent, thread.thread.recent_held_s


def since_the_beginning(thread: Worker) -> tuple[Times, float] | None:
    """The same since watching began."""
    return None if thread.thread is None else (thread.total, thread.thread.held_s)


def shares(snapshot: Snapshot, times_of: Callable[[Worker], tuple[Times, float] | None]) -> list[Shares]:
    """What each thread did, as shares of the time of which most is known of a thread."""
    known = [(thread, *times) for thread in snapshot.workers if (times := times_of(thread)) is not None]
    window_s = max((times.wall - times.unknown for _, times, _ in known), default=0.0)
    return [_share(*each, window_s) for each in known] if window_s else []


def _share(thread: Worker, times: Times, held_s: float, window_s: float) -> Shares:
    released = times.released if thread.gil is not None else times.running
    return Shares(
        thread,
        min(1.0, held_s / window_s) if thread.gil is not None else 0.0,
        times.gil_wait / window_s,
        times.core_wait / window_s,
        released / window_s,
        times.running / window_s,
        times.io_without_gil / window_s,
        times.lock_wait / window_s,
        (times.wall - times.unknown) / window_s,
        times.unknown / window_s,
    )


def most_wanted(found: Iterable[Shares]) -> list[Shares]:
    """The threads of the GIL that threads wait for most."""
    by_gil: dict[int | None, list[Shares]] = {}
    for each in found:
        by_gil.setdefault(each.thread.gil, []).append(each)
    return max(by_gil.values(), key=lambda threads: sum(each.gil_wait for each in threads), default=[])
