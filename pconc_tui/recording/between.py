"""The snapshot of a moment between two recorded frames: the figures of the frame before, the lanes up to the moment.

A lane's end is provisional in its own frame, since a worker that waits can't report why. A later frame knows. Example,
times in ms, with frames at 100 and 200:

    lane in frame 100     running 90-98   GIL wait 98-100 (provisional)
    lane in frame 200     running 90-98   core wait 98-103   running 103-140 ...
    at 105                running 90-98   core wait 98-103   running 103-105
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import History, piece_start_ns


def between(frame: Snapshot, later: Snapshot, time_ns: int) -> Snapshot:
    """The frame at this time, not before its own; `later` is a frame in which the lanes at this time are final."""
    known = {each.id: each for each in (later.one_run, *later.workers) if each}
    return replace(
        frame,
        now_ns=time_ns,
        workers=tuple(_at(each, known.get(each.id, each), time_ns) for each in frame.workers),
        one_run=frame.one_run and _at(frame.one_run, known.get(frame.one_run.id, frame.one_run), time_ns),
    )


def _at(worker: Worker, later: Worker, time_ns: int) -> Worker:
    history = cut(later.history, time_ns)
    last = history[-1][-1] if history and history[-1] else None
    reaches = last is not None and last.end_ns >= time_ns
    return replace(worker, history=history, state=last.state if last and reaches and worker.alive else worker.state)


def cut(history: History, time_ns: int) -> History:
    """The history up to this time."""
    count = bisect_left(history, time_ns, key=lambda piece: piece_start_ns(piece) if piece else time_ns)
    if count == 0:
        return ()
    kept, last = history[: count - 1], history[count - 1]
    if last[-1].end_ns <= time_ns:
        return (*kept, last)
    spans = last[: bisect_left(last, time_ns, key=lambda span: span.start_ns)]
    return (*kept, (*spans[:-1], spans[-1]._replace(end_ns=time_ns)))
