"""The spans of a lane of which each frame holds the newest few only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.commands.recorded_results import gather, spans
from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import PackedSpans, Span
from tests.ui.samples import snapshot, thread

COUNT = 200
LENGTH_NS = 5_000_000


class Frames:
    """A recording of one worker: a frame at the end of each span, which holds `kept` spans, two of them provisional."""

    def __init__(self, kept: int, missing: range = range(0)) -> None:
        states = (State.RUNNING, State.GIL_WAIT)
        self.spans = [Span(n * LENGTH_NS, (n + 1) * LENGTH_NS, states[n % 2]) for n in range(COUNT)]
        self.frame_times = [span.end_ns for number, span in enumerate(self.spans) if number not in missing]
        self._kept = kept

    def at(self, time_ns: int) -> Snapshot:
        shown = [span for span in self.spans if span.end_ns <= time_ns]
        kept = shown[-self._kept :]
        provisional = tuple(span._replace(state=State.CORE_WAIT) for span in kept[-2:])
        tail = provisional if len(shown) < COUNT else tuple(kept[-2:])
        history = (PackedSpans(kept[:-2]), tail) if kept[:-2] else (tail,)
        if len(shown) > len(kept):
            history = ((Span(0, kept[0].start_ns, State.UNKNOWN),), *history)
        return snapshot(self._worker(history), now_ns=time_ns)

    def _worker(self, history: tuple[object, ...]) -> Worker:
        return replace(thread(1, 1), launched_ns=0, history=history)  # type: ignore[arg-type]


def all_spans(recording: Frames) -> list[Span]:
    ((last_ns, worker),) = gather(recording).workers.values()
    return spans(recording, last_ns, worker)


@pytest.mark.parametrize("kept", [5, 7, 150, COUNT])
def test_every_span_is_found(kept: int) -> None:
    recording = Frames(kept)
    assert all_spans(recording) == recording.spans


def test_what_no_frame_holds_is_unknown() -> None:
    recording = Frames(7, missing=range(100, 120))
    unknown = Span(recording.spans[99].end_ns, recording.spans[114].start_ns, State.UNKNOWN)
    found = all_spans(recording)  # What was provisional in the last frame before the hole stays so.
    assert [span for span in found if span.state is not State.CORE_WAIT] == [
        *recording.spans[:98],
        unknown,
        *recording.spans[114:],
    ]
