"""Slow motion: what the screen says and draws at chosen moments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Sampling
from pconc_tui.timeline.spans import Span
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.palette import TOKEN
from pconc_tui.ui.drawing.slow_motion import SlowMotion
from pconc_tui.ui.panels import all_panels
from pconc_tui.ui.panels.panel import Frame
from pconc_tui.ui.panels.slow_motion import SlowMotionPanel
from tests.ui import samples
from tests.ui.samples import MS, NOW, slow_motion
from tests.ui.screens import frame_of
from tests.ui.slow_moments import SIZES, START, THREADS, at, said, screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("after_start_ms", "words"),
    [
        (100.0, "Thread-1 wakes up and takes the GIL from Thread-4, after a wait of 15.0 ms."),
        (105.001, "Thread-2 wakes up and takes the GIL from Thread-1, after a wait of 15.0 ms."),
    ],
)
def test_the_sentence_at_a_handoff(size: tuple[int, int], after_start_ms: float, words: str) -> None:
    assert said(at(THREADS, after_start_ms), size).endswith(words)


def test_the_sentence_between_two() -> None:
    slow = replace(at(THREADS, 103), slowness=1000)
    assert said(slow) == (
        "Thread-1 holds the GIL and runs, for 3.0 ms so far. Thread-2, Thread-3 and Thread-4 wait for it."
    )


def test_a_request_is_said_and_drawn_as_inferred() -> None:
    """Thread-4 has released the GIL at 125 ms, and asks for it 5 ms later."""
    late = tuple(
        replace(each, history=(tuple(_later(span) for piece in each.history for span in piece),))
        for each in samples.THREADS.workers
    )
    slow = replace(at(slow_motion(replace(samples.THREADS, workers=late)), 130.1), slowness=1000)
    assert "has waited 5.0 ms and asks for the GIL." in said(slow)
    text = screen(slow)
    assert "◇" in text
    assert "asks for the GIL.  inferred from CPython's rule" in text
    assert "◇ asks, inferred" in text


def _later(span: Span) -> Span:
    """The span in lanes in which each turn takes a quarter longer."""
    stretched = [START + (time_ns - START) * 5 // 4 for time_ns in span[:2]]
    return Span(stretched[0], stretched[1], span.state)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("projector", [False, True])
def test_all_lanes_the_moment_and_the_speed_are_in_sight_at_every_size(size: tuple[int, int], projector: bool) -> None:
    text = screen(at(THREADS, 103), size, projector)
    for words in ("Slow motion", "1/200: 5 ms take 1 s", " GIL ┃", "now", "-5 ms", "+5 ms"):
        assert words in text
    for number in range(1, 5):
        assert f"Thread-{number}" in text
    assert ("takes the GIL from" in text.split("now")[1]) == (not projector and size[1] >= 24)


def token_row(slow: SlowMotion) -> str:
    """The line in which the token is drawn."""
    frame = frame_of(slow.snapshot, 160, 45, DashboardState(slow=slow))
    lines = all_panels.panel_of(SlowMotionPanel).lines(frame, 160, 42)
    rows = [line for line in lines if (" GIL ", TOKEN) in line and "holds it" not in str(line)]
    assert len(rows) == 1
    return "".join(content for content, _ in rows[0])


def test_the_token_is_on_the_lane_of_the_holder_and_moves() -> None:
    for number in range(8):
        slow = at(THREADS, 100 + 5 * number + 1)
        assert f"Thread-{number % 4 + 1} " in token_row(slow)


def test_the_token_is_on_its_way_between_release_and_taking() -> None:
    gap = 100_000
    lanes = (
        (Span(START, START + 5 * MS, State.RUNNING), Span(START + 5 * MS, NOW, State.GIL_WAIT)),
        (Span(START, NOW, State.IO),),
        (Span(START, START + 5 * MS + gap, State.GIL_WAIT), Span(START + 5 * MS + gap, NOW, State.RUNNING)),
    )
    workers = [replace(samples.thread(n, 3), history=(spans,)) for n, spans in enumerate(lanes, 1)]
    slow = slow_motion(samples.snapshot(*workers))
    assert "Thread-1" in token_row(at(slow, 4.9))
    assert "Thread-2" in token_row(slow.at(START + 5 * MS + gap // 2, 0.0)), "half-way, it passes the lane between"
    assert "Thread-3" in token_row(at(slow, 5.2))
    assert "The GIL is free: Thread-3 is waking up to take it." in screen(
        replace(slow, slowness=10).at(START + 5 * MS + gap // 2, 0.0)
    ) or "releases the GIL" in screen(slow.at(START + 5 * MS + gap // 2, 0.0))


def test_an_arrow_goes_from_the_giver_to_the_taker() -> None:
    text = screen(at(THREADS, 112)).splitlines()
    rows = {
        number: next(y for y, line in enumerate(text) if f" Thread-{number} " in line and "┃" in line)
        for number in range(1, 5)
    }
    assert "▼" in text[rows[1] + 2], "from 1 to 2, and from 2 to 3 below"
    assert "▼" in text[rows[2] + 2]
    assert "▲" in text[rows[1] + 2], "from 4 back to 1"
    assert "│" in text[rows[3]][30:-3], "which passes the lanes between"


def test_without_a_gil_it_says_so() -> None:
    workers = [replace(samples.process(n), gil=None, name=f"Thread-{n}", model="threads") for n in range(1, 4)]
    slow = slow_motion(samples.snapshot(*workers))
    text = screen(slow)
    assert "· no GIL" in text
    assert said(slow) == "Thread-101, ".replace("101, ", "1, Thread-2 and Thread-3") + (
        " run at the same time: there is no GIL."
    )
    assert " GIL ┃" not in text


def test_processes_have_a_token_each() -> None:
    text = screen(slow_motion(samples.PROCESSES))
    assert "4 GILs" in text
    for number in range(1, 5):
        assert f" GIL {number} ┃" in text
    assert "4 workers run at the same time: each has a GIL of its own." in text


def test_one_worker_keeps_the_gil() -> None:
    assert said(slow_motion(samples.snapshot(samples.thread(1, 1)))).endswith("so it keeps it.")


def test_sampled_lanes_are_marked_and_soft() -> None:
    sampled = replace(samples.THREADS.workers[0], source="sampled", sampling=Sampling(500.0, False, None))
    slow = at(slow_motion(samples.snapshot(sampled, *samples.THREADS.workers[1:])), 104)
    text = screen(slow)
    assert "Thread-1*" in text
    assert "▓" in text
    assert "▒░" in text
    assert "sampled 500/s" in text
    assert "≈ " in text


def test_requests_that_the_kernel_s_records_show_are_measured() -> None:
    asks = START + 5 * MS
    lanes = (
        (Span(START, START + 6 * MS, State.RUNNING), Span(START + 6 * MS, NOW, State.GIL_WAIT)),
        (
            Span(START, asks, State.GIL_WAIT),
            Span(asks, asks + 5_000, State.ASKING),
            Span(asks + 5_000, START + 6 * MS, State.GIL_WAIT),
            Span(START + 6 * MS, NOW, State.RUNNING),
        ),
    )
    workers = [replace(samples.thread(n, 2), source="kernel", history=(spans,)) for n, spans in enumerate(lanes, 1)]
    slow = at(slow_motion(samples.snapshot(*workers)), 5.05)
    text = screen(slow)
    assert said(slow).endswith("Thread-2 has waited 5.0 ms and asks for the GIL.")
    assert "◆" in text
    assert "◆ asks" in text
    assert "inferred" not in text
    assert "Thread-2 wakes up and takes the GIL from Thread-1, after a wait of 6.0 ms." in text, "one wait"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("projector", [False, True])
def test_where_not_all_lanes_fit_that_of_the_holder_does(size: tuple[int, int], projector: bool) -> None:
    many = slow_motion(samples.MANY)
    for after_ms in range(0, 320, 5):
        slow = many.at(NOW - 400 * MS + round((after_ms + 1) * MS), 0.0)
        holder = slow.scene.holder(1, slow.position_ns)
        assert f"Thread-{holder} " in screen(slow, size, projector)


def test_a_narrow_view_has_no_words_beside_the_lanes() -> None:
    assert "waits: GIL" in screen(at(THREADS, 103), (120, 35))
    assert "waits: GIL" not in screen(at(THREADS, 103), (80, 24))


def test_what_happens_stands_in_large_type_in_the_projector() -> None:
    slow = at(THREADS, 105.1)
    small, large = screen(slow, (160, 45)), screen(slow, (160, 45), True)
    assert small.count("█") < large.count("█")
    assert "▸" not in large, "the list of steps gives way"


def test_it_is_drawn_again_only_if_something_has_changed() -> None:
    panel = all_panels.panel_of(SlowMotionPanel)

    def frame(slow: SlowMotion) -> Frame:
        return frame_of(samples.THREADS, 160, 45, DashboardState(slow=slow))

    seen = panel.depends_on(frame(at(THREADS, 105)))
    assert panel.depends_on(frame(at(THREADS, 105))) == seen
    assert panel.depends_on(frame(at(THREADS, 105.1))) != seen
    assert panel.depends_on(frame(at(THREADS, 105).toggled(0))) != seen
