"""Assigns the slots of a lab's shared block to workers."""

from __future__ import annotations

from collections import deque

from pconc_tui.protocol.block import SLOTS, Block
from pconc_tui.requests import RequestError


class SlotAllocator:
    """Knows which slots of one block are free. A released slot is reused last, so that late writes to it do no harm."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._free = deque(range(SLOTS))

    def allocate(self, count: int) -> list[int]:
        """Take this many free slots and clear them. Raises RequestError if there are not enough."""
        if count > len(self._free):
            raise RequestError(f"{SLOTS} workers at once are the most; stop some first")
        slots = [self._free.popleft() for _ in range(count)]
        for slot in slots:
            self._block.clear(slot)
        return slots

    def release(self, slot: int) -> None:
        """Free the slot of a worker that has ended."""
        self._free.append(slot)
