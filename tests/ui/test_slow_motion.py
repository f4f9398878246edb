"""Slow motion: how its moment moves, what the screen says at chosen moments, and its keys in the app."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from functools import partial

import pytest
from textual.pilot import Pilot

from pconc_tui.protocol.block import State
from pconc_tui.snapshot import Sampling, Snapshot, Worker
from pconc_tui.timeline.spans import Span
from pconc_tui.tours.parse import parse
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.palette import TOKEN
from pconc_tui.ui.drawing.slow_motion import LONGEST_S, SLOWNESS, SlowMotion
from pconc_tui.ui.drawing.timeline_window import TimelineWindow
from pconc_tui.ui.panels import all_panels
from pconc_tui.ui.panels.panel import Frame
from pconc_tui.ui.panels.slow_motion import SlowMotionPanel
from pconc_tui.ui.screens.slow_motion import NOTHING_TO_PLAY
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.random_input import NAMED, running_app, send
from tests.ui.samples import MS, NOW, slow_motion
from tests.ui.screens import frame_of, messages, on_screen, render, shown, until, with_app

START = NOW - 2000 * MS
"""When the threads of the samples started; each has the GIL for 5 ms."""
SIZES = [(160, 45), (120, 35), (80, 24), (60, 20)]


def at(slow: SlowMotion, after_start_ms: float) -> SlowMotion:
    """At so many milliseconds after the start of the samples' threads."""
    return slow.at(START + round(after_start_ms * MS), 0.0)


def screen(slow: SlowMotion, size: tuple[int, int] = (160, 45), projector: bool = False) -> str:
    lines = render(slow.snapshot, *size, DashboardState(slow=slow, projector=projector))
    return "\n".join(lines)


def said(slow: SlowMotion, size: tuple[int, int] = (160, 45)) -> str:
    """The sentence."""
    return " ".join(" ".join(screen(slow, size).splitlines()[3:5]).replace("│", " ").split())


THREADS = slow_motion(samples.THREADS)


# How the moment moves


def test_it_begins_a_little_before_the_first_handoff_that_the_timeline_shows() -> None:
    window = replace(TimelineWindow(frozen=True), cells=100).ending_at(START + 500 * MS)
    slow = SlowMotion.start(samples.THREADS, window, 7.0, 100)
    assert slow is not None
    # The first hand-off in sight is at its left end; its giver's turn began before.
    assert window.start_ns < slow.position_ns <= window.start_ns + 5 * MS
    assert (slow.slowness, slow.paused, slow.seen_s) == (100, False, 7.0)


def test_of_a_measurement_it_plays_the_runs_at_once() -> None:
    window = TimelineWindow().following(replace(samples.MEASURED, measurements=()), samples.MEASURED)
    assert window.fit
    slow = SlowMotion.start(samples.MEASURED, window, 0.0, 100)
    assert slow is not None
    assert slow.position_ns > min(worker.launched_ns for worker in samples.MEASURED.workers)


@pytest.mark.parametrize(
    "snapshot",
    [
        samples.EMPTY,
        samples.STARTING,
        samples.snapshot(
            Worker(
                1,
                "Thread-1",
                "cpu-bound",
                "calls",
                "threads",
                "3.13.0",
                NOW,
                history=((Span(NOW, NOW + 1, State.STARTING),),),
            )
        ),
    ],
)
def test_there_is_nothing_to_play_before_a_worker_has_started(snapshot: Snapshot) -> None:
    assert SlowMotion.start(snapshot, TimelineWindow(), 0.0, 100) is None


def test_it_moves_as_much_slower_as_it_says() -> None:
    for slowness in SLOWNESS:
        slow = replace(at(THREADS, 100), slowness=slowness)
        for frame in range(1, 21):
            slow = slow.advanced(frame / 20, samples.THREADS)
        assert slow.position_ns == pytest.approx(START + 100 * MS + 1e9 / slowness, abs=20)
    assert replace(THREADS, slowness=100).speed == "1/100: 5 ms take 0.5 s"
    assert replace(THREADS, slowness=1000).speed == "1/1000: 5 ms take 5 s"


def test_paused_it_stays_and_goes_on_from_there() -> None:
    slow = at(THREADS, 100)
    paused = slow.toggled(1.0)
    assert paused.advanced(9.0, samples.THREADS) is paused
    going = paused.toggled(10.0).advanced(10.1, samples.THREADS)
    assert going.position_ns == slow.position_ns + round(0.1e9 / slow.slowness)


def test_a_long_time_without_a_frame_is_not_made_up_for() -> None:
    slow = at(THREADS, 100)
    late = slow.advanced(2 * LONGEST_S, samples.THREADS)
    assert (late.position_ns, late.seen_s) == (slow.position_ns, 2 * LONGEST_S)
    assert slow.advanced(-1.0, samples.THREADS).position_ns == slow.position_ns


def test_speeds_and_zooms_have_ends() -> None:
    slow = THREADS
    for _ in range(20):
        slow = slow.faster(-1).zoomed(-1, 0.0)
    assert (slow.slowness, slow.intervals) == (1000, 1)
    for _ in range(20):
        slow = slow.faster(1).zoomed(1, 0.0)
    assert (slow.slowness, slow.intervals) == (10, 20)
    assert replace(slow, slowness=300).faster(1).slowness == 200
    assert replace(slow, slowness=300).faster(-1).slowness == 500


def test_steps_go_from_handoff_to_handoff_and_back() -> None:
    slow = at(THREADS, 102)
    seen = []
    for by in (1, 1, 1, -1, -1, -1):
        slow = slow.stepped(by, 0.0)
        assert slow.paused
        seen.append((slow.position_ns - START) / MS)
    assert seen == [105, 110, 115, 110, 105, 100]


def test_a_handoff_is_found_however_far_away_it_is() -> None:
    """Two threads of which one runs for a second, then the other."""
    lanes = (
        (Span(START, START + 1000 * MS, State.RUNNING), Span(START + 1000 * MS, NOW, State.GIL_WAIT)),
        (Span(START, START + 1000 * MS, State.GIL_WAIT), Span(START + 1000 * MS, NOW, State.RUNNING)),
    )
    workers = [replace(samples.thread(n, 2), history=(spans,)) for n, spans in enumerate(lanes, 1)]
    slow = slow_motion(samples.snapshot(*workers))
    assert at(slow, 1).stepped(1, 0.0).position_ns == START + 1000 * MS
    assert at(slow, 1900).stepped(-1, 0.0).position_ns == START + 1000 * MS
    # There is no other: the moment stays where it is.
    assert at(slow, 1900).stepped(1, 0.0).position_ns == START + 1900 * MS


def test_without_handoffs_steps_are_those_of_the_lanes() -> None:
    spans = (Span(START, NOW - 500 * MS, State.RUNNING), Span(NOW - 500 * MS, NOW, State.CORE_WAIT))
    slow = slow_motion(samples.snapshot(replace(samples.process(1), history=(spans,))), 510 * MS)
    assert slow.stepped(1, 0.0).position_ns == NOW - 500 * MS


def test_it_ends_where_the_lanes_end_and_begins_where_they_begin() -> None:
    ended = slow_motion(samples.ENDED)
    assert ended.at(NOW, 0.0).is_over
    assert not ended.at(0, 0.0).is_over
    assert ended.at(0, 0.0).position_ns == ended.began_ns
    assert "the end" in screen(ended.at(NOW, 0.0))


def test_at_the_end_of_its_lanes_it_goes_on_with_newer_ones() -> None:
    later = samples.snapshot(*(samples.thread(n, 4, NOW, 2.0) for n in range(1, 5)))
    earlier = replace(
        later,
        now_ns=NOW - 500 * MS,
        workers=tuple(
            replace(
                each, history=(tuple(span for piece in each.history for span in piece if span.end_ns < NOW - 500 * MS),)
            )
            for each in later.workers
        ),
    )
    slow = slow_motion(earlier, 1 * MS, 10)
    assert slow.advanced(0.1, later).snapshot is later
    assert slow_motion(earlier, 100 * MS).advanced(0.1, later).snapshot is earlier, "not before"
    assert slow.advanced(0.1, samples.PROCESSES).snapshot is earlier, "these are other workers"
    end = slow.advanced(0.2, later)
    for frame in range(3, 40):
        end = end.advanced(frame / 10, later)
    assert end.position_ns > earlier.now_ns


# What the screen says


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


# Keys


class Clock:
    """A clock that a test moves."""

    def __init__(self, app: PconcApp) -> None:
        self.now_s = 100.0
        app._dashboard.now_s = lambda: self.now_s  # type: ignore[method-assign]


def playing(app: PconcApp) -> SlowMotion:
    slow = app._dashboard.state.slow
    assert slow is not None
    return slow


def test_x_plays_the_timeline_and_frames_follow_the_clock() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        clock = Clock(app)
        await pilot.press("x")
        await shown(pilot, app, "Slow motion · 1/200: 5 ms take 1 s")
        began_ns = playing(app).position_ns
        clock.now_s += 0.2
        await until(pilot, lambda: playing(app).position_ns == began_ns + round(0.2e9 / 200))
        await pilot.press("space")
        await shown(pilot, app, " paused ")
        clock.now_s += 0.2
        for _ in range(20):
            await pilot.pause(0.01)
        assert playing(app).position_ns == began_ns + round(0.2e9 / 200)
        await pilot.press("space")
        clock.now_s += 0.2
        await until(pilot, lambda: playing(app).position_ns == began_ns + round(0.4e9 / 200))
        await pilot.press("x")
        await until(pilot, lambda: app._dashboard.state.slow is None and "Workers" in on_screen(app))

    assert with_app(samples.THREADS, steps).requests == [("open_lab",)]


def test_its_keys() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        Clock(app)
        await pilot.press("x", "full_stop")
        assert playing(app).paused
        first_ns = playing(app).position_ns
        await pilot.press("full_stop")
        assert playing(app).position_ns == first_ns + 5 * MS
        await pilot.press("comma", "comma")
        assert playing(app).position_ns == first_ns - 5 * MS
        await pilot.press("less_than_sign", "less_than_sign")
        assert playing(app).slowness == 1000
        await pilot.press("greater_than_sign")
        assert playing(app).slowness == 500
        await pilot.press("left")
        assert playing(app).position_ns == first_ns - 5 * MS - playing(app).span_ns // 4
        await pilot.press("z")
        assert playing(app).intervals == 2
        await pilot.press("Z", "end")
        assert playing(app).is_over
        await pilot.press("home")
        assert playing(app).position_ns == playing(app).began_ns
        await pilot.press("escape")
        assert app._dashboard.state.slow is None
        await pilot.press("z", "home", "full_stop", "comma", "escape")
        assert app._dashboard.state.slow is None

    assert with_app(samples.THREADS, steps).requests == [("open_lab",)]


def test_other_keys_still_work_while_it_plays() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("x", "t")
        await until(pilot, lambda: controller.requests[-1][0] == "launch")
        await pilot.press("b")
        await until(pilot, lambda: app._dashboard.state.projector)
        assert playing(app)
        await pilot.press("question_mark")
        await shown(pilot, app, "10 to 1000 times slower")

    with_app(samples.THREADS, steps)


def _is_after(app: PconcApp, at_ns: int) -> bool:
    return playing(app).position_ns > at_ns


def test_frames_go_on_after_a_page_has_been_open_over_it() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        clock = Clock(app)
        await pilot.press("x", "question_mark")
        await shown(pilot, app, "10 to 1000 times slower")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app._dashboard)
        for _ in range(3):
            at_ns = playing(app).position_ns
            clock.now_s += 0.1
            await until(pilot, partial(_is_after, app, at_ns))

    with_app(samples.THREADS, steps)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
def test_with_nothing_to_play_it_says_what_to_press(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("x")
        await until(pilot, lambda: NOTHING_TO_PLAY in messages(app))
        assert app._dashboard.state.slow is None

    with_app(samples.EMPTY, steps, size)


def test_what_it_plays_stays_when_the_lanes_are_cleared_and_goes_with_a_reset() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("x")
        controller.snapshot = samples.EMPTY
        await until(pilot, lambda: not app._dashboard.latest.workers)
        await shown(pilot, app, "Thread-4")
        await pilot.press("full_stop")
        assert "wakes up and takes the GIL" in on_screen(app)
        await pilot.press("R")
        await until(pilot, lambda: app._dashboard.state.slow is None)

    with_app(samples.THREADS, steps)


def test_after_the_last_moment_it_stands_still() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        clock = Clock(app)
        await pilot.press("x", "end")
        await shown(pilot, app, " the end ")
        clock.now_s += 0.1
        await pilot.pause(0.2)
        assert playing(app).is_over

    with_app(samples.ENDED, steps)


TOUR = parse(
    """
title = "Slowly: a tour"
[[step]]
title = "Threads"
say = "Four threads compute."
experiment = "cpu-bound"
do = "measure"
slow = "1/500"
[[step]]
title = "Still them"
say = "The same."
slow = "1/1000"
[[step]]
title = "Others"
say = "No more of that."
""",
    "slow.toml",
    "slow",
)


def test_a_tour_plays_it_in_a_step_once_that_has_run() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.go(Walk.start(TOUR))
        await until(pilot, lambda: any(each[0] == "measure" for each in controller.requests))
        assert app._dashboard.state.slow is None, "it still runs"
        controller.snapshot = samples.MEASURED
        await until(pilot, lambda: app.walk and app.walk.phase is Phase.REVEALED)
        await shown(pilot, app, "1/500: 5 ms take 2.5 s")
        await shown(pilot, app, "1 of 3")
        await pilot.press("right")
        await shown(pilot, app, "1/1000: 5 ms take 5 s")
        await pilot.press("full_stop")
        assert playing(app).paused, "it does not blank the screen"
        await pilot.press("space")
        assert not playing(app).paused
        assert app.walk is not None
        assert app.walk.index == 1
        await pilot.press("b", "full_stop")
        assert not app._dashboard.state.blank, "a clicker's key shows the blank screen again"
        await pilot.press("left")
        assert app.walk.index == 0
        app.go(app.walk.at(1))
        await shown(pilot, app, "1/1000: 5 ms take 5 s")
        await pilot.press("x")
        assert app._dashboard.state.slow is None
        assert app.walk.index == 1, "x leaves slow motion, not the tour"
        await pilot.press("x")
        assert playing(app)
        await pilot.press("space")
        await shown(pilot, app, "No more of that.")
        assert app._dashboard.state.slow is None

    with_app(samples.EMPTY, steps)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("projector", [False, True])
def test_lanes_and_a_tour_s_text_are_in_sight_together(size: tuple[int, int], projector: bool) -> None:
    walk = Walk.start(TOUR).at(1)
    state = DashboardState(slow=at(THREADS, 103), walk=walk, projector=projector)
    text = "\n".join(render(samples.THREADS, *size, state))
    for words in ("The same.", "Thread-1", "Thread-4", " GIL ┃", "Slow motion", "Space goes on"):
        assert words in text


@pytest.mark.parametrize("seed", [1, 2])
def test_no_random_key_ends_the_app_while_it_plays(seed: int) -> None:
    chance = random.Random(seed)
    keys = [*",.<>zZxb[]", *NAMED.values(), "x", ".", ","]
    sizes = [(160, 45), (80, 24), (59, 19), (1, 1), (240, 70)]

    async def run() -> None:
        async with running_app(chance) as (app, pilot):
            for _ in range(300):
                if app.screen is app._dashboard and app._dashboard.state.slow is None:
                    app._dashboard.play_slowly()
                await send(app, chance.choice(sizes) if chance.random() < 0.05 else chance.choice(keys))
                if chance.random() < 0.3:
                    await pilot.pause()

    asyncio.run(run())
