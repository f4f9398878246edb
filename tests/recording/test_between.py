"""Moments between frames: what had happened by then, as later frames know it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pconc_tui.protocol.block import State
from pconc_tui.recording.between import between, cut
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.replay import Replay
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.span_builder import FRESH_NS
from pconc_tui.timeline.spans import History, PackedSpans, Span
from tests.ui import samples

RUN, GIL, CORE = State.RUNNING, State.GIL_WAIT, State.CORE_WAIT
MS = 10**6


def spans(*ends_ms: tuple[int, State]) -> list[Span]:
    found, start_ns = [], 0
    for end_ms, state in ends_ms:
        found.append(Span(start_ns, end_ms * MS, state))
        start_ns = end_ms * MS
    return found


LATER = spans((90, RUN), (98, GIL), (103, CORE), (140, RUN), (200, GIL))


def flat(history: History) -> list[Span]:
    return [span for piece in history for span in piece]


def test_a_history_is_cut_anywhere() -> None:
    history: History = (PackedSpans(LATER[:2]), PackedSpans(LATER[2:4]), tuple(LATER[4:]))
    for now_ns in range(0, 210 * MS, MS):
        expected = [replace_end(span, now_ns) for span in LATER if span.start_ns < now_ns]
        assert flat(cut(history, now_ns)) == expected
    assert cut((*history, ()), 500 * MS) == history
    assert cut((), 1) == ()


def replace_end(span: Span, now_ns: int) -> Span:
    return span._replace(end_ns=min(span.end_ns, now_ns))


def test_a_lane_shows_what_a_later_frame_knows_and_the_figures_are_those_of_the_frame() -> None:
    worker = samples.thread(1, 1)
    early = replace(worker, history=(tuple(spans((90, RUN), (100, GIL))),), state=GIL)
    late = replace(worker, history=(tuple(LATER),), state=GIL, cpu=0.9)
    frame = replace(samples.THREADS, workers=(early,), now_ns=100 * MS)
    at = between(frame, replace(samples.THREADS, workers=(late,)), 105 * MS)
    assert at.now_ns == 105 * MS
    assert flat(at.workers[0].history) == spans((90, RUN), (98, GIL), (103, CORE), (105, RUN))
    assert at.workers[0].state is RUN
    assert replace(at.workers[0], history=early.history, state=early.state) == early
    assert replace(at, workers=frame.workers, now_ns=frame.now_ns) == frame


def test_a_recorded_lane_at_any_moment_is_the_beginning_of_what_it_is_later(recorded_run: Path) -> None:
    recording = Recording.open(str(recorded_run))
    replay = Replay(recording, lambda: 0)
    start_ns = next(each.time_ns for each in recording.marks if each.kind == "measurement") - 1_500_000_000
    last = recording.at(start_ns + 1_000_000_000)
    final = {worker.id: flat(worker.history) for worker in last.workers}
    for step in range(40):
        time_ns = start_ns + step * 5_000_000
        replay.move(lambda player, to=time_ns: player.sought(to).paused())  # type: ignore[misc]
        found = replay.exact()
        assert found is not None
        assert found.now_ns == time_ns
        for worker in found.workers:
            known = [replace_end(each, time_ns) for each in final[worker.id] if each.start_ns < time_ns]
            assert same_running(worker, known), (step, worker.name)
    recording.close()


def same_running(worker: Worker, known: list[Span]) -> bool:
    """Whether the lane has the same runs; the end of the last is known to two chunks until the worker runs again."""
    runs, later = ([each for each in spans if each.state is RUN] for spans in (flat(worker.history), known))
    late_ns = abs(runs[-1].end_ns - later[-1].end_ns) if runs and later else 0
    starts = [each.start_ns for each in runs] == [each.start_ns for each in later]
    return runs[:-1] == later[:-1] and starts and late_ns <= FRESH_NS
