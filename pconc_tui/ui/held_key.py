"""Recognizes a key that is held down, which the terminal repeats as if it were pressed again and again."""

from __future__ import annotations

import time
from collections.abc import Callable

REPEAT_S = 1.0
"""Terminals repeat a held key for the first time after 0.25 to 0.66 s, then about 30 times a second."""


class HeldKey:
    """A key that does something once, however long it is held down: each press would write another file."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._pressed_s: float | None = None

    def is_repeat(self) -> bool:
        """Whether this press follows the last one so soon that it may be a repeat."""
        before_s, self._pressed_s = self._pressed_s, self._clock_s()
        return before_s is not None and self._pressed_s - before_s < REPEAT_S

    def handled(self) -> None:
        """What it does has been done. While that lasted, repeats of the key have been waiting."""
        self._pressed_s = self._clock_s()
