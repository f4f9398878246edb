"""Where the ids of a controller's workers begin: one recording may show several controllers, one after another."""

from __future__ import annotations

from itertools import count

FIRST_IDS = count(0, 1_000_000)
"""The next controller's ids are above this; none of those before has reached it."""
