"""How much of the time a GIL is held, by samples of which thread holds it. Pure.

A thread that was woken up and waits for a core needs the GIL next. What it waits for is the GIL if another holds that
meanwhile; but where all hold it for moments only, as around C code that releases it, it could have had it at almost any
time, and waits for a core. Records don't show such moments. Samples that are taken while no thread needs the GIL don't
count. Example:

    samples so far    held free free held free held
    it is free        in 3 of 6, so often
"""

from __future__ import annotations

KEPT = 0.97
"""Of earlier samples this part counts when there is a new one: a program may begin to do something else."""
FEWEST = 2.9
"""Fewer samples say nothing."""
OFTEN, SELDOM = 1 / 3, 1 / 8
"""Free in a larger or smaller part of the samples, it is so often, or seldom. Measured: around calls of C code it is
free in a half of them; in up to a sixth where threads hand it over thousands of times a second."""


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
        """Whether it was free in many samples; not as long as there are few."""
        return self._samples >= FEWEST and self._free > OFTEN * self._samples

    @property
    def is_always_held(self) -> bool:
        """Whether it was held in nearly all samples; not as long as there are few."""
        return self._samples >= FEWEST and self._free < SELDOM * self._samples
