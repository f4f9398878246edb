"""Reads the transitions of one slot of a block, once a frame. Where some are lost, the state is unknown."""

from __future__ import annotations

from pconc_tui.protocol.block import State, pack, transitions, unpack


class RingReader:
    """Reads one ring, from its first transition on."""

    def __init__(self, words: memoryview, since_ns: int = 0) -> None:
        """`since_ns`: when what is written there began."""
        self.lost = 0
        """Transitions that were overwritten before they were read."""
        self.last_ns = since_ns
        """Time of the last transition that was read; before the first, `since_ns`."""
        self._words = words
        self._head = 0

    def read(self) -> list[int]:
        """The transitions since the last call, as words of `protocol.block`; `UNKNOWN` in place of those lost."""
        found, self._head, lost = transitions(self._words, self._head)
        if lost:
            self.lost += lost
            found.insert(0, pack(self.last_ns, State.UNKNOWN))
        if found:
            self.last_ns = unpack(found[-1])[0]
        return found
