"""Which spans of a lane are final, and what becomes of lanes whose final spans change after all."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pconc_tui.protocol.block import State
from pconc_tui.recording.lane_writer import LaneWriter
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.recorder import Recorder
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import PROVISIONAL, PackedSpans, Span
from tests.recording.exact import in_one_piece

S = 1_000_000_000
WORKER = Worker(1, "Thread-1", "cpu-bound", "calls", "threads", "3.14.0", S)


def turns(count: int) -> list[Span]:
    """Spans of 10 ms, running and waiting in turn."""
    states = State.RUNNING, State.GIL_WAIT
    return [Span(S + n * 10_000_000, S + (n + 1) * 10_000_000, states[n % 2]) for n in range(count)]


def corrected(spans: list[Span], number: int) -> list[Span]:
    """The lane with a shorter run at this number, and a longer wait after it."""
    run, wait = spans[number : number + 2]
    changed = run._replace(end_ns=run.end_ns - 1_000_000), wait._replace(start_ns=wait.start_ns - 1_000_000)
    return [*spans[:number], *changed, *spans[number + 2 :]]


def test_the_last_spans_are_held_back_and_each_is_written_once() -> None:
    lane = LaneWriter()
    written: list[Span] = []
    for count in range(1, 600, 7):
        spans = turns(count)
        pieces = tuple(PackedSpans(spans[start : start + 256]) for start in range(0, count // 256 * 256, 256))
        new, cut = lane.update(replace(WORKER, history=(*pieces, tuple(spans[len(pieces) * 256 :]))))
        written += new
        assert cut is None
        assert (*written, *lane.frame.tail) == tuple(spans)
        assert len(lane.frame.tail) == min(PROVISIONAL, count)


def test_lanes_that_are_corrected_far_back_come_back_as_they_were_before_and_after(tmp_path: Path) -> None:
    path, kept = tmp_path / "corrected.json.gz", []
    recorder = Recorder(str(path), False, "test")
    lanes = [turns(count) for count in range(40, 1600, 10)]
    for number in range(30, len(lanes), 20):
        # A run of the same segment, or of an earlier one, from then on.
        back = 60 if number % 40 == 10 else 800
        place = max(0, len(lanes[number]) - back) // 2 * 2
        lanes[number:] = [corrected(lane, place) for lane in lanes[number:]]
    for spans in lanes:
        worker = replace(WORKER, history=(tuple(spans),))
        kept.append(Snapshot(now_ns=spans[-1].end_ns, core_count=2.0, workers=(worker,)))
        recorder.add(kept[-1])
    recorder.close()
    with closing(Recording.open(str(path))) as recording:
        assert len(recording.frame_times) == len(kept)
        for snapshot in (*kept, *reversed(kept)):
            assert in_one_piece(recording.at(snapshot.now_ns)) == in_one_piece(snapshot)
