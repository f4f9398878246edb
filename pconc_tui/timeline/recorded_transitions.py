"""One worker's lane from the records of its thread, between the start and the end that it reports itself. Pure.

The records of a thread begin before the worker and go on after it, and a task shares its thread with others: its own
transitions say when it lives and does not await; in between, its thread's say what it does. Example, times in ms:

    worker:   2.0 RUNNING                                                   9.0 ENDED
    thread:   1.0 RUNNING   3.5 GIL_WAIT   5.0 GIL_WAIT   6.0 RUNNING       9.2 IO
    merged:   2.0 RUNNING   3.5 GIL_WAIT   5.0 GIL_WAIT   6.0 RUNNING       9.0 ENDED

The records arrive later than the worker's own transitions: both are held back until both are known. A worker may lose
its core between reading the time and writing the transition, so a start arrives late too: what its thread did shortly
before is kept for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from pconc_tui.protocol.block import State, pack, unpack

_RUNS = (State.RUNNING, State.WAITING, State.RELEASED)
LATE_NS = 500_000_000
"""A transition of its own may be written so much later than the time that it says."""


class RecordedTransitions:
    """Merges the two for one worker."""

    def __init__(self) -> None:
        self._own: list[int] = []
        self._recorded: list[int] = []
        self._lives = False
        """Whether it lives and does not await."""
        self._ended = False
        self._last_ns = 0
        """Time of the last transition."""
        self._is_unknown = False
        """Whether it is unknown what its thread does since the last of its records."""

    def later(self, own: Iterable[int], until_ns: int) -> list[int]:
        """Take out what it did itself after this time; `own`: its new transitions."""
        all_own = [*self._own, *own]
        self._own = [each for each in all_own if each >> 5 <= until_ns]
        return [each for each in all_own if each >> 5 > until_ns]

    def merged(self, own: Iterable[int], recorded: Iterable[int], until_ns: int) -> list[int]:
        """The merged transitions up to `until_ns`, in the order of time; later ones are kept for the next call."""
        self._own += own
        self._recorded += recorded
        if self._lives and not self._own and self._are_plain(self._recorded):
            ready_until = bisect_left(self._recorded, until_ns + 1 << 5)
            plain, self._recorded = self._recorded[:ready_until], self._recorded[ready_until:]
            if plain:
                last_ns, state = unpack(plain[-1])
                self._last_ns, self._is_unknown = last_ns, state is State.UNKNOWN
            return plain
        # A transition of its own comes first: what its thread does at the same time, it does as this worker.
        words = sorted(
            [*((each >> 5, False, each) for each in self._own), *((each >> 5, True, each) for each in self._recorded)],
            key=lambda each: each[:2],  # Of two at the same time, the last written is the last.
        )
        ready = [each for each in words if each[0] <= until_ns]
        later = words[len(ready) :]
        self._own = [word for _, is_recorded, word in later if not is_recorded]
        self._recorded = [word for _, is_recorded, word in later if is_recorded]
        found: list[int] = []
        others: list[int] = []  # What its thread did while it did not live or awaited, as far as is known now.
        for _, is_recorded, word in ready:
            time_ns, state = unpack(word)
            if self._ended:
                break
            if is_recorded:
                self._is_unknown = state is State.UNKNOWN
                if self._lives:
                    self._add(time_ns, state, found)
                elif time_ns > until_ns - LATE_NS:
                    others.append(word)
            elif state not in _RUNS:
                self._add(time_ns, state, found)
            elif not self._lives:
                # It executes an instruction, so it runs; until when, only the records say.
                self._add(time_ns, State.UNKNOWN if self._is_unknown else State.RUNNING, found)
            if not is_recorded:
                self._lives = state in _RUNS
        if not self._lives and not self._ended:
            self._recorded = [*others, *self._recorded]
        return found

    def _are_plain(self, words: list[int]) -> bool:
        """Whether what its thread did, as in most frames, is what it did itself, word for word."""
        times_ns = [word >> 5 for word in words]  # Of two at the same time, the states need not be in order.
        in_order = not words or (times_ns[0] >= self._last_ns and times_ns == sorted(times_ns))
        return in_order and not self._ended and State.ENDED not in {word & 15 for word in words}

    def _add(self, time_ns: int, state: State, found: list[int]) -> None:
        self._last_ns = max(self._last_ns, time_ns)
        self._ended = state is State.ENDED
        found.append(pack(self._last_ns, state))
