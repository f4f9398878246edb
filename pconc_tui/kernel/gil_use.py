"""For how much of the time in which records show a GIL as held it is, by samples of which thread holds it. Pure.

A thread that was woken up and waits for a core needs the GIL next. While another holds that, a core would not help it:
it waits for the GIL. Records show who holds the GIL only as far as threads wait for it. Around C code that releases it,
a thread may hold it for moments of that time only, and only samples show for how many. Example:

    records         thread 7 holds it   held   held   held
    samples         held                free   held   free      so it is held for half of such time

Samples near a switch don't count, since a thread on its way to the GIL counts as holding it; nor those that are taken
while no other thread needs the GIL.

Where it is often free, threads that need it while it is held are mostly blocked. So for the time in which one has been
woken up and has no core, that is sampled apart: which of those that are blocked by their records are ready? Where it is
held nearly always, a thread that is found so has mostly been woken up because it was released this moment: those
samples count for less there, and for nothing if it is never free.

As long as there are few samples, the records themselves say how far they are to be trusted: some holds end only because
another thread takes the GIL, so that it had been released before, and others end on record, where the thread blocks or
ends.
"""

from __future__ import annotations

KEPT = 0.99
"""Of earlier samples this part counts when there is a new one: a program may begin to do something else."""
GUESS = 3.0
"""What the ends of holds say of the time counts as so many samples; and of ready threads the square of what all samples
say. Measured: held for 0.15 of the time in which one is ready where that is 0.45, and for 0.80 where it is 0.87."""
UNSEEN = 2 / 3
"""If no end is on record, it is free for this part of the time. Measured: 0.5 to 0.7 where nine of ten ends are not on
record, 0.1 where one of four is not."""
OFTEN = 3 / 4
"""Held in a greater part of the time than this, it is not often free."""
FEW = 20
"""Samples that leave the part uncertain by a tenth or more."""
NEARLY = 7 / 8
"""Held in a greater part of the samples, it is so nearly always."""


class GilUse:
    """That of one GIL."""

    def __init__(self) -> None:
        self._samples = self._held = 0.0
        self._ready_samples = self._ready_held = 0.0
        self._ends = self._unseen_ends = 0.0

    def sampled(self, is_held: bool) -> None:
        """It was read while records show it as held."""
        self._samples = KEPT * self._samples + 1
        self._held = KEPT * self._held + is_held

    def sampled_ready(self, is_held: bool) -> None:
        """The same, and a thread that needs it next had been woken up and had no core yet."""
        self._ready_samples = KEPT * self._ready_samples + 1
        self._ready_held = KEPT * self._ready_held + is_held

    def ended(self, on_record: bool) -> None:
        """A hold has ended; not on record: it had when another thread took it."""
        self._ends = KEPT * self._ends + 1
        self._unseen_ends = KEPT * self._unseen_ends + (not on_record)

    def was_on_record(self) -> None:
        """A hold that had ended when another thread took it was released to end the thread, which it then did."""
        self._unseen_ends = max(0.0, self._unseen_ends - 1)

    @property
    def held(self) -> float:
        """The part of the time for which a thread holds it, of that for which records show that one does."""
        guess = 1 - UNSEEN * self._unseen_ends / max(1, self._ends)
        return (self._held + GUESS * guess) / (self._samples + GUESS)

    @property
    def held_for_ready(self) -> float:
        """The same part of the time in which a thread that has been woken up waits for a core."""
        held = self.held
        apart = min(1.0, 2 - 2 * held)
        ready = (self._ready_held + GUESS * held**2) / (self._ready_samples + GUESS)
        return apart * ready + (1 - apart) * held

    @property
    def is_often_free(self) -> bool:
        """Whether samples of ready threads are worth their cost."""
        return self.held < OFTEN

    @property
    def has_few_samples(self) -> bool:
        """Whether a few more would say much more."""
        return self._samples < FEW

    @property
    def is_nearly_always_held(self) -> bool:
        """Whether records show all of its use; not as long as there are few samples."""
        return not self.has_few_samples and self._held > NEARLY * self._samples
