"""Gathers what is read at once before it is judged: renewed waits for the GIL, then short preemptions. Pure.

Of a program whose threads compute, most records are of moments that say little: judging is several times as fast
without them. `Episodes` learns how many there were, since each took a switch that no record shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from pconc_tui.kernel import short_preemptions
from pconc_tui.kernel.episodes import Episodes
from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.records import Decoded, Record
from pconc_tui.kernel.renewed_waits import RenewedWaits


class Gathering:
    """What one process's threads record."""

    def __init__(self, episodes: Episodes) -> None:
        """`episodes`: judges what is left."""
        self._episodes = episodes
        self._renewed = RenewedWaits()

    @property
    def conds(self) -> Collection[int]:
        """The addresses at which threads wait for a GIL."""
        return self._renewed.conds

    @property
    def moments(self) -> Counter[int]:
        """How many moments fewer each thread that was blocked has in the last records, by its id."""
        return self._renewed.left_out

    def know(self, gils: Sequence[Gil]) -> None:
        """Use these GILs from now on."""
        self._renewed.know(gils)

    def gather(self, decoded: Collection[Decoded], pauses: Callable[[], None]) -> list[Record]:
        """What is to be judged of these records; not quite in order, but each thread's are.

        `pauses`: is called between the steps.
        """
        switches_ns = self._episodes.switches_ns
        waits = self._renewed.gather(decoded, switches_ns)
        pauses()
        records, preemptions = short_preemptions.gather(waits, switches_ns)
        for moments in (self._renewed.left_out, preemptions):
            for tid, count in moments.items():
                self._episodes.left_out(tid, count)
        return records
