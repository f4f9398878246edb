"""What a thread does while its process is stopped: nothing, and it is unknown what it would do. Pure.

Its last transition says what it was blocked in as it was stopped, which would count for as long. That its process is
stopped is found some time later. But each thread wakes up to be stopped: if its last transition is newer than when the
process was last found to run, it has been stopped since then. Example, times in ms:

    its transitions        10 IO   31 RUNNING   31.02 IO       60 RUNNING   60.02 IO
    its process            runs at 20, is stopped at 50, runs at 90
    shown                  10 IO   31 RUNNING   31.02 UNKNOWN   60 RUNNING   60.02 IO
"""

from __future__ import annotations

from pconc_tui.protocol.block import State, pack, unpack


class HaltedThread:
    """Adds these transitions to those of one thread."""

    def __init__(self) -> None:
        self.since_ns: int | None = None
        """When its process was first found to be stopped; None: it is not."""
        self.ran_ns = 0
        """When its process was last found to run before that; if it is not stopped, when it first was after that."""
        self._last_ns, self._last = 0, State.UNKNOWN
        self._goes_on_as: State | None = None
        """What it was blocked in when it was stopped; None: it has had a transition since."""

    def add(self, words: list[int], until_ns: int) -> list[int]:
        """Its new transitions, with those to be shown. `until_ns`: up to when all is known."""
        was_stopped = not self._last_ns and self.since_ns is not None and until_ns >= self.since_ns
        if words:
            self._last_ns, self._last = unpack(words[-1])
            self._goes_on_as = None
        if self.since_ns is None:
            if self._goes_on_as is not None and until_ns >= self.ran_ns:
                self._last_ns, self._last = max(self.ran_ns, self._last_ns), self._goes_on_as
                self._goes_on_as = None
                return [*words, pack(self._last_ns, self._last)]
        elif self._last in (State.UNKNOWN, State.ENDED):
            return words
        elif until_ns >= self.since_ns >= self._last_ns or was_stopped:
            # Also where what it did before is known only now, as of a process that was stopped before it was watched.
            # What it does later, it does since it goes on.
            stopped_ns = self._last_ns if self._last_ns > self.ran_ns else self.since_ns
            self._last_ns, self._last, self._goes_on_as = stopped_ns, State.UNKNOWN, self._last
            return [*words, pack(self._last_ns, State.UNKNOWN)]
        return words
