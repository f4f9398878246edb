"""Whether a GIL is free most of the time, by samples of which thread holds it. Pure.

A thread that was woken up and waits for a core needs the GIL next. What it waits for is the GIL if another holds that
meanwhile; but where all hold it for moments only, as around C code that releases it, it could have had it at almost any
time, and waits for a core. Records don't show such moments. Example:

    samples so far    free free held free free free
    it is free        in 5 of 6, so in most
"""

from __future__ import annotations

KEPT = 0.97
"""Of earlier samples this part counts when there is a new one: a program may begin to do something else."""
FEWEST = 2.9
"""Fewer samples say nothing."""


class GilUse:
    """That of one GIL."""

    def __init__(self) -> None:
        self._samples = self._free = 0.0

    def sampled(self, is_free: bool) -> None:
        """It was read."""
        self._samples = KEPT * self._samples + 1
        self._free = KEPT * self._free + is_free

    @property
    def is_mostly_free(self) -> bool:
        """Whether it was free in most samples; not as long as there are few."""
        return self._samples >= FEWEST and 2 * self._free > self._samples

    @property
    def is_mostly_held(self) -> bool:
        """Whether it was held in most samples; not as long as there are few."""
        return self._samples >= FEWEST and 2 * self._free < self._samples
