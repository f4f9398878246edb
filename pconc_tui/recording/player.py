"""Where in a recording somebody is, and how fast it plays. Pure: the clock is passed in.

Example: at clock 100 s it plays at half speed from position 20 s. At clock 104 s it is at 22 s. At the end it pauses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

SPEEDS = (*(Fraction(1, part) for part in (1000, 500, 200, 100, 50, 20, 10, 5, 2)), *map(Fraction, (1, 2, 4, 8, 16)))
"""Recorded time per time."""
STEP_NS = 2_000_000_000
"""A step back or forward is as long as this at the speed at which it plays."""


@dataclass(frozen=True)
class Player:
    """Position and speed. Times of the recording and of the clock are in ns."""

    began_ns: int
    ended_ns: int
    position_ns: int
    clock_ns: int = 0
    """When the position was that."""
    speed: Fraction = Fraction(1)
    playing: bool = True

    @property
    def exact(self) -> bool:
        """Whether the position counts, not the frame before it: it is paused, or slower than it was recorded."""
        return not self.playing or self.speed < 1

    @property
    def slow(self) -> bool:
        """Whether it moves on between the frames."""
        return self.playing and self.speed < 1

    @property
    def at_end(self) -> bool:
        """Whether there is nothing left to play."""
        return self.position_ns >= self.ended_ns

    def at(self, clock_ns: int) -> Player:
        """The player at this time; it pauses at the end."""
        if not self.playing:
            return replace(self, clock_ns=clock_ns)
        passed_ns = int((clock_ns - self.clock_ns) * self.speed)
        # What is less than a ns at this speed is left for the next time.
        played = replace(self, clock_ns=self.clock_ns + int(passed_ns / self.speed))
        return played.sought(self.position_ns + passed_ns)

    def sought(self, position_ns: int) -> Player:
        """At this position, or at the nearest that there is."""
        position_ns = max(self.began_ns, min(position_ns, self.ended_ns))
        return replace(self, position_ns=position_ns, playing=self.playing and position_ns < self.ended_ns)

    def paused(self) -> Player:
        """The player at rest."""
        return replace(self, playing=False)

    def toggled(self) -> Player:
        """Paused, or playing again; from the end it plays the whole once more."""
        if self.playing:
            return self.paused()
        return replace(self, playing=True, position_ns=self.began_ns if self.at_end else self.position_ns)

    def stepped(self, by: int) -> Player:
        """This many steps forward, back if negative."""
        return self.sought(self.position_ns + by * int(STEP_NS * self.speed))

    def faster(self, by: int) -> Player:
        """This many speeds faster, slower if negative."""
        index = SPEEDS.index(self.speed) + by
        return replace(self, speed=SPEEDS[max(0, min(index, len(SPEEDS) - 1))])
