"""For how much of the time in which records show a GIL as held it is, by samples of which thread holds it. Pure.

A thread that was woken up and waits for a core needs the GIL next. While another holds that, a core would not help it:
it waits for the GIL. Records show who holds the GIL only as far as threads wait for it. Around C code that releases it,
a thread may hold it for moments of that time only, and only samples show for how many. Example:

    records         thread 7 holds it   held   held   held
    samples         held                free   held   free      so it is held for half of such time

Samples near a switch don't count, since a thread on its way to the GIL counts as holding it; nor those that are taken
while no other thread needs the GIL.
"""

from __future__ import annotations

KEPT = 0.99
"""Of earlier samples this part counts when there is a new one: a program may begin to do something else."""
GUESS = 3.0
"""As long as there are few samples, what records show is taken to be true as by so many."""
NEARLY, FEWEST = 7 / 8, 2.9
"""Held in a greater part of the samples, it is so nearly always; fewer samples say nothing of that."""


class GilUse:
    """That of one GIL."""

    def __init__(self) -> None:
        self._samples = self._held = 0.0

    def sampled(self, is_held: bool) -> None:
        """It was read while records show it as held."""
        self._samples = KEPT * self._samples + 1
        self._held = KEPT * self._held + is_held

    @property
    def held(self) -> float:
        """The part of the time for which a thread holds it, of that for which records show that one does."""
        return (self._held + GUESS) / (self._samples + GUESS)

    @property
    def is_nearly_always_held(self) -> bool:
        """Whether records show all of its use; not as long as there are few samples."""
        return self._samples >= FEWEST and self._held > NEARLY * self._samples
