"""What a recording holds, gathered from all its frames: every worker, span, measurement and log line, each once.

A worker's lane is bounded: a late frame has only the newest spans of a long run. So the spans of a worker are read
from the last frame that shows it, what came before them from an earlier frame, and so on. Example, with the spans a to
h of one worker, of which a frame holds four:

    frame at 90 s: e f g h      the last one that shows it
    frame at 50 s: b c d e      from there: b c d
    frame at 20 s: a b          from there: a
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from pconc_tui.commands.outcome import Outcome
from pconc_tui.measurement import Comparison, Counters, Measurement
from pconc_tui.protocol.block import State
from pconc_tui.snapshot import LogLine, Snapshot, Worker
from pconc_tui.timeline.spans import Piece, Span


class Frames(Protocol):
    """A recording, as far as it is needed here."""

    @property
    def frame_times(self) -> Sequence[int]: ...
    def at(self, time_ns: int) -> Snapshot: ...


@dataclass
class Results:
    """What all frames of a recording hold, in order."""

    workers: dict[int, tuple[int, Worker]] = field(default_factory=dict)
    """By id: the time of the last frame that shows the worker, and the worker there."""
    outcomes: list[tuple[int, Outcome]] = field(default_factory=list)
    """The measurements, each with the time of the frame in which it ended."""
    comparisons: list[Comparison] = field(default_factory=list)
    log: list[LogLine] = field(default_factory=list)


def gather(recording: Frames) -> Results:
    """Read all frames."""
    found = Results()
    before: Snapshot | None = None
    for time_ns in recording.frame_times:
        snapshot = recording.at(time_ns)
        for worker in _workers(snapshot):
            found.workers[worker.id] = time_ns, worker
        known = before.measurements if before else ()
        for measurement in snapshot.measurements:
            if measurement not in known:
                shared = tuple(each for each in snapshot.counters if _made(each, measurement))
                found.outcomes.append((time_ns, Outcome(measurement, replace(snapshot, counters=shared))))
        now, earlier = snapshot.comparison, before.comparison if before else None
        if now is not None and now != earlier:
            if earlier is not None and earlier.plan == now.plan and earlier.current is not None:
                found.comparisons[-1] = now
            else:
                found.comparisons.append(now)
        found.log += _new_lines(before, snapshot)
        before = snapshot
    return found


def spans(recording: Frames, last_ns: int, worker: Worker) -> list[Span]:
    """All spans of a worker, in order, up to the frame at `last_ns`, the last one that shows it.

    What the recording does not hold is of unknown state.
    """
    parts = [_kept(worker)]
    index = bisect_left(recording.frame_times, last_ns)
    while parts[-1] and (lead := _lead(worker)):
        start_ns = parts[-1][0].start_ns
        index = _last_reaching(recording, worker.id, start_ns, index)
        earlier = _shown(recording, index, worker.id)
        part = [span for span in _kept(earlier) if span.end_ns <= start_ns] if earlier else []
        end_ns = part[-1].end_ns if part else lead.start_ns
        if end_ns < start_ns:
            parts.append([Span(end_ns, start_ns, State.UNKNOWN)])
        if not earlier or not part:
            break
        parts.append(part)
        worker = earlier
    return [span for part in reversed(parts) for span in part]


def _last_reaching(recording: Frames, id: int, start_ns: int, before: int) -> int:
    """The index of the last frame before this one in which the lane reaches back beyond `start_ns`; -1: none does."""

    def begins_later(index: int) -> bool:
        worker = _shown(recording, index, id)
        kept = _kept(worker) if worker else []
        return bool(kept) and kept[0].start_ns >= start_ns

    return bisect_left(range(before), True, key=begins_later) - 1


def _shown(recording: Frames, index: int, id: int) -> Worker | None:
    """The worker in the frame with this index; None: it is not there."""
    if index < 0:
        return None
    return next((each for each in _workers(recording.at(recording.frame_times[index])) if each.id == id), None)


def _workers(snapshot: Snapshot) -> Iterator[Worker]:
    if snapshot.one_run is not None:
        yield snapshot.one_run
    yield from snapshot.workers


def _lead(worker: Worker) -> Span | None:
    """The span of unknown state that stands for those that its lane no longer keeps; None: it keeps all."""
    history = worker.history
    first = () if len(history) < 2 or isinstance(history[0], Piece) else tuple(history[0])
    return first[0] if len(first) == 1 and first[0].state is State.UNKNOWN else None


def _kept(worker: Worker) -> list[Span]:
    """The spans that its lane keeps."""
    return [span for piece in worker.history[_lead(worker) is not None :] for span in piece]


def _made(shared: Counters, measurement: Measurement) -> bool:
    return (shared.experiment, shared.variant, shared.model, shared.python, shared.start_method) == (
        measurement.experiment,
        measurement.variant,
        measurement.model,
        measurement.python,
        measurement.start_method,
    )


def _new_lines(before: Snapshot | None, now: Snapshot) -> tuple[LogLine, ...]:
    """The lines that were added since the frame before: at most those at the end that it had not."""
    if before is None or not before.log or before.log[-1] not in now.log:
        return now.log
    last = len(now.log) - 1 - now.log[::-1].index(before.log[-1])
    return now.log[last + 1 :]
