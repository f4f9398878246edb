"""Finds hand-offs while lanes are recorded: each start of a run by another worker than ran before under the same GIL.

`timeline/handoffs.py` finds them in finished lanes. Here only the spans that are new in a frame are read, and what ran
last under each GIL is remembered. The end of a run may be provisional in one frame and known in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import Span


class Change(NamedTuple):
    """A GIL was handed from one worker to another."""

    given_ns: int
    """The last moment at which the giver still ran."""
    giver: int
    taken_ns: int
    """When the taker began to run."""
    taker: int


class _Run(NamedTuple):
    start_ns: int
    end_ns: int
    worker: int


class HandoffFinder:
    """Remembers what ran last under each GIL."""

    def __init__(self) -> None:
        self._last: dict[int, _Run] = {}

    def find(self, new: Iterable[tuple[int, int | None, Sequence[Span]]]) -> list[Change]:
        """The hand-offs in a frame's new spans, each lane's with its worker and GIL; of several GILs one after another.

        Spans that may have changed are new again.
        """
        runs: dict[int, list[_Run]] = {}
        for worker, gil, spans in new:
            if gil is not None:
                found = [_Run(span.start_ns, span.end_ns, worker) for span in spans if span.state is State.RUNNING]
                runs.setdefault(gil, []).extend(found)
        changes = []
        for gil, of_gil in runs.items():
            for run in sorted(of_gil):
                last = self._last.get(gil)
                if last is None or run.worker == last.worker:
                    if last is None or run.start_ns >= last.start_ns:
                        self._last[gil] = run
                elif run.start_ns > last.start_ns:
                    given_ns = max(last.start_ns, min(last.end_ns, run.start_ns) - 1)
                    changes.append(Change(given_ns, last.worker, run.start_ns, run.worker))
                    self._last[gil] = run
        return changes
