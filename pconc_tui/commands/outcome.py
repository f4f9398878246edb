"""What a measurement without the dashboard results in."""

from __future__ import annotations

from dataclasses import dataclass

from pconc_tui.measurement import Measurement
from pconc_tui.snapshot import Lab, Snapshot


@dataclass(frozen=True)
class Outcome:
    """A measurement, and the snapshot at its end, with the workers of the N runs."""

    measurement: Measurement
    snapshot: Snapshot

    @property
    def lab(self) -> Lab:
        """The lab; where none could be started, one of which nothing is known."""
        return next(iter(self.snapshot.labs), Lab("dead", ""))
