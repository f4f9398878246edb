"""Where in a recording the screen is: what the bar, the top lines and the footer show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pconc_tui.recording.marks import Mark
from pconc_tui.recording.player import Player
from pconc_tui.tours.walk import Walk


@dataclass(frozen=True)
class ReplayView:
    """A recording and where in it the screen is."""

    player: Player
    marks: Sequence[Mark] = ()
    walk: Walk | None = None
    """The tour, whose present step reveals the figures of the recorded run; None: no tour is taken."""
