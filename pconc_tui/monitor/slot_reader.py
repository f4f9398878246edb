"""Reads a worker's slot of the shared block."""

from __future__ import annotations

from pconc_tui.monitor.ring_reader import RingReader
from pconc_tui.protocol import block
from pconc_tui.protocol.block import UNSET
from pconc_tui.protocol.delay_histogram import DelayHistogram


class SlotReader:
    """The header, the delays and the new transitions of one slot. The values stay after `close`."""

    def __init__(self, words: memoryview) -> None:
        self.header: list[int] = [0] * block.HEADER_WORDS
        """The header's words, indexed by the constants of `protocol.block`."""
        self.header[block.VALUE] = self.header[block.PLAIN] = UNSET
        self.delay_counts: list[int] = []
        """Delays in each bucket of the histogram; empty while there are none."""
        self._longest_delay_ns = 0
        self._words = words
        self._ring = RingReader(words)

    @property
    def lost(self) -> int:
        """Transitions that were overwritten before they could be read."""
        return self._ring.lost

    @property
    def has_unread(self) -> bool:
        """Whether the worker has made a transition since the last call of `read`."""
        return self._words[block.HEAD] != self.header[block.HEAD]

    def read(self) -> list[int]:
        """Read the slot; return the transitions since the last call: where some are lost, the state is unknown."""
        words = self._words
        self.header = words[: block.HEADER_WORDS].tolist()
        self._longest_delay_ns, *counts = words[block.DELAYS : block.RING_AT].tolist()
        self.delay_counts = counts if self._longest_delay_ns else []
        self._ring.last_ns = self._ring.last_ns or self.header[block.LAUNCHED]
        found = self._ring.read()
        # The worker writes these before its transitions, perhaps after the header was read.
        self.header[block.GIL] = words[block.GIL]
        self.header[block.CPU] = words[block.CPU]
        return found

    def close(self) -> None:
        """Release the slot's memory, since another worker will use it."""
        self._words.release()

    @property
    def delays(self) -> DelayHistogram | None:
        """How late the worker was each time it had planned to run; None if it never had."""
        return DelayHistogram(tuple(self.delay_counts), self._longest_delay_ns) if self.delay_counts else None
