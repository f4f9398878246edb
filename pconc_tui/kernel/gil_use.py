"""How much of the time a GIL is held, by samples of which thread holds it. Pure.

A thread that was woken up and waits for a core needs the GIL next. What it waits for is the GIL if another holds that
meanwhile; but where all hold it for moments only, as around C code that releases it, it could have had it at almost any
time, and waits for a core. Records don't show such moments. Samples that are taken while no thread needs the GIL don't
count. Example:

    samples so far    held free held held free held
    it is free        in 2 of 6, so often
"""

from __future__ import annotations

KEPT = 0.97
"""Of earlier samples this part counts when there is a new one: a program may begin to do something else."""
FEWEST = 2.9
"""Fewer samples say nothing."""
OFTEN = 0.125
"""Free in so large a part of the samples, it is so often; it is also held around each moment of a call of C code."""


class GilUse:
    """That of one GIL."""

    def __init__(self) -> None:
        self._samples = self._free = 0.0

    def sampled(self, is_free: bool) -> None:
        """It was read."""
        self._samples = KEPT * self._samples + 1
        self._free = KEPT * self._free + is_free

    @property
    def is_often_free(self) -> bool:
        """Whether it was free in more than a few samples; not as long as there are few."""
        return self._samples >= FEWEST and self._free >= OFTEN * self._samples

    @property
    def is_always_held(self) -> bool:
        """Whether it was held in nearly all samples; not as long as there are few."""
        return self._samples >= FEWEST and not self.is_often_free
