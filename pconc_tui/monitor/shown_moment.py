"""The moment that Snapshots show: that up to which is known what all threads do, where records say what they do.

Records are read a few times a second. Lanes up to now would show that the thread that had the GIL last has it still,
though it has handed it off many times since. Example, times in s, records are read at 1.0 and 1.5:

    polled at        1.1    1.2    1.3    1.4    1.5    1.6
    known up to      1.0    1.0    1.0    1.0    1.0    1.5
    shown            1.0    1.0    1.0    1.0    1.0    1.5      each a ns later than the one before
"""

from __future__ import annotations

LONGEST_LAG_NS = 800_000_000
"""How far the moment that is shown may lie back: that long, and for as long as a busy machine may delay it."""


class ShownMoment:
    """That of one stream of Snapshots."""

    def __init__(self) -> None:
        self.ns = 0
        """The last one."""

    def next(self, now_ns: int, known_ns: int) -> int:
        """The moment of the next Snapshot. `known_ns`: up to when all is known; now where nothing has to be awaited."""
        # Each Snapshot has a time of its own, by which recordings find it, also where no more is known than before.
        return max(known_ns, now_ns - LONGEST_LAG_NS, self.ns + 1)

    def move(self, now_ns: int, known_ns: int) -> int:
        """Move on to that moment."""
        self.ns = self.next(now_ns, known_ns)
        return self.ns
