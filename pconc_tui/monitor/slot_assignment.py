"""Assigns the slots of a lab's shared block to workers."""

from __future__ import annotations

from collections import deque

from pconc_tui.protocol.block import SLOTS, Block
from pconc_tui.requests import RequestError

RESTING = 16
"""How many slots are released before the first of them is reused. All slots in turn would take all of the memory."""


class SlotAllocator:
    """Knows which slots of one block are free. A released slot rests for a while, so that late writes do no harm."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._unused = deque(range(SLOTS))
        self._released: deque[int] = deque()

    def allocate(self, count: int) -> list[int]:
        """Take this many free slots and clear them. Raises RequestError if there are not enough."""
        if count > len(self._unused) + len(self._released):
            raise RequestError(f"{SLOTS} workers at once are the most; stop some first")
        slots = [self._next() for _ in range(count)]
        for slot in slots:
            self._block.clear(slot)
        return slots

    def release(self, slot: int) -> None:
        """Free the slot of a worker that has ended."""
        self._released.append(slot)

    def _next(self) -> int:
        reuse = len(self._released) > RESTING or not self._unused
        return (self._released if reuse else self._unused).popleft()
