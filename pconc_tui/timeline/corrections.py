"""Corrects a lane's final spans by how long the worker ran in all, which its CPU clock says exactly.

The last spans are taken back until what is missing, or too much, is in them. Example, in ms: the clock says 6.

    final spans   0-4 running    4-7 I/O    7-10 running         7 ms of running, 1 too much
    taken back    7-10 running
    instead       7-9 running    9-10 waiting for a core
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pconc_tui.protocol.block import RUNS, State
from pconc_tui.timeline.final_spans import FinalSpans
from pconc_tui.timeline.spans import Span

SHORTEST_CORRECTION_NS = 100_000
"""The running time is corrected by no less than this."""


def corrected(final: FinalSpans, ran_ns: int, explain: Callable[[int, int], Iterable[Span]]) -> list[Span]:
    """Take back the last spans; returns those to append instead, by which the worker ran for `ran_ns` in all.

    `explain`: the waits between two times in ns, where it did not run after all.
    """
    excess_ns = final.running_ns - ran_ns
    changed: list[Span] = []
    """The last first."""
    while abs(excess_ns) >= SHORTEST_CORRECTION_NS and (span := final.take_back()) is not None:
        start_ns, end_ns, state, mixed = span
        if state in (State.STARTING, State.UNKNOWN):
            changed.append(span)
            break
        runs = state in RUNS
        from_ns = max(start_ns, end_ns - abs(excess_ns)) if runs == (excess_ns > 0) else end_ns
        excess_ns += from_ns - end_ns if runs else end_ns - from_ns
        instead = explain(from_ns, end_ns) if runs else (Span(from_ns, end_ns, State.RUNNING, mixed),)
        changed += [*reversed([*instead]), span._replace(end_ns=from_ns)]
    return _in_order(changed)


def filled(final: FinalSpans, ran_ns: int) -> list[Span]:
    """The same where it ran in what is unknown: this becomes mixed, from its end on.

    What is unknown in spans that are no longer kept counts as running too, as far as that is missing then.
    """
    missing_ns = ran_ns - final.running_ns
    changed: list[Span] = []
    while missing_ns >= SHORTEST_CORRECTION_NS and final.ns[State.UNKNOWN] and (span := final.take_back()):
        if span.state is State.UNKNOWN:
            from_ns = max(span.start_ns, span.end_ns - missing_ns)
            missing_ns -= span.end_ns - from_ns
            changed.append(Span(from_ns, span.end_ns, State.RUNNING, True))
            span = span._replace(end_ns=from_ns)
        changed.append(span)
    if missing_ns >= SHORTEST_CORRECTION_NS:
        final.count_as_running(missing_ns)
    return _in_order(changed)


def _in_order(changed: list[Span]) -> list[Span]:
    """These, given the last first, but for empty ones."""
    return [span for span in reversed(changed) if span.end_ns > span.start_ns]
