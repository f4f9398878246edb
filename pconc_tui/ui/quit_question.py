"""Asks once more before the app quits or resets where workers run or a result would be lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, runtime_checkable

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline_values import plural

ASKED_S = 10.0
"""How long the question stands. The second press quits within this time, and asks again after it."""


@runtime_checkable
class ShowsResults(Protocol):
    """A screen that shows results, so that a picture of it saves them."""

    def results(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot without the results that a picture of this screen does not have."""


class QuitQuestion:
    """Remembers when it was asked, and which results have been saved."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._asked_s: dict[str, float] = {}
        self._saved = Snapshot(now_ns=0, core_count=0)

    def saved(self, snapshot: Snapshot) -> None:
        """The measurements or the comparison of this snapshot have been saved, as a picture."""
        self._saved = replace(
            self._saved,
            measurements=snapshot.measurements or self._saved.measurements,
            comparison=snapshot.comparison or self._saved.comparison,
        )

    def ask(self, snapshot: Snapshot, key: str, purpose: str = "quit") -> str:
        """The question, which the second press of the key answers; empty: do it now."""
        losses = self._losses(snapshot)
        now_s = self._clock_s()
        if not losses or now_s - self._asked_s.pop(purpose, -ASKED_S) < ASKED_S:
            return ""
        self._asked_s[purpose] = now_s
        return f"Press {key} again to {purpose}: {', '.join(losses)}."

    def _losses(self, snapshot: Snapshot) -> list[str]:
        if snapshot.program is not None:
            runs = snapshot.program.started_here and not snapshot.program.ended
            return ["the program that was started here runs"] if runs else []
        alive = sum(worker.alive for worker in snapshot.workers)
        unsaved = sum(each not in self._saved.measurements for each in snapshot.measurements)
        comparison = snapshot.comparison
        found = [f"{plural(alive, 'worker')} {'runs' if alive == 1 else 'run'}"] if alive else []
        lost = [plural(unsaved, "measurement")] if unsaved else []
        if comparison is not None and comparison.current is not None:
            found.append("a comparison is under way")
        elif comparison is not None and comparison.results and comparison != self._saved.comparison:
            lost.append("a comparison")
        elif snapshot.progress is not None:
            found.append("a measurement is under way")
        return found + ([f"{' and '.join(lost)} would be lost"] if lost else [])
