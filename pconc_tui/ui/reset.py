"""What would be lost if everything were reset to the start."""

from __future__ import annotations

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline_values import plural

ASKED_S = 10.0
"""How long the question stands: the second press within this time resets."""


def losses(snapshot: Snapshot) -> str:
    """`4 workers run; 2 measurements and a comparison would be lost`; empty: nothing would be."""
    alive = sum(worker.alive for worker in snapshot.workers)
    count = len(snapshot.measurements)
    lost = [plural(count, "measurement")] if count else []
    lost += ["a comparison"] if snapshot.comparison and snapshot.comparison.results else []
    found = [f"{plural(alive, 'worker')} {'runs' if alive == 1 else 'run'}"] if alive else []
    found += [f"{' and '.join(lost)} would be lost"] if lost else []
    return "; ".join(found)
