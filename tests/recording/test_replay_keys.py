"""The keys, the bar and the pages of a recording, with a real one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from pconc_tui.protocol.block import State
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.replay import REFUSAL, Replay
from pconc_tui.timeline.spans import Span
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.key_bindings import COMMANDS, RUNNING
from pconc_tui.ui.panels import all_panels
from pconc_tui.ui.panels.footer import FooterPanel
from pconc_tui.ui.panels.replay_bar import ReplayBarPanel
from pconc_tui.ui.screens.time_prompt import parse_time
from tests.recording.films import Clock, panel_text
from tests.ui.screens import messages, on_screen, shown, until

SIZES = ((160, 45), (120, 35), (80, 24), (60, 20))
S = 10**9
Steps = Callable[[Pilot[None], PconcApp, Replay, Clock], Awaitable[None]]


def replaying(path: Path, steps: Steps, size: tuple[int, int] = SIZES[0]) -> None:
    """Show the recording, by a clock that stands until it is set, and take these steps."""
    clock = Clock()
    replay = Replay(Recording.open(str(path)), clock)

    async def run() -> None:
        app = PconcApp(lambda: replay, first=lambda app: app.show_recording(replay))
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: app._dashboard.state.replay)
            await steps(pilot, app, replay, clock)

    asyncio.run(run())


def test_keys_move_pause_and_change_the_speed(recorded_run: Path) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        def at_s() -> float:
            return (replay.player.position_ns - replay.recording.began_ns) / S

        whole_s = (replay.recording.ended_ns - replay.recording.began_ns) / S
        clock.now_ns = S
        assert at_s() == 1
        await pilot.press("right")
        assert at_s() == 3
        await pilot.press("left")
        assert at_s() == 1
        await pilot.press("space")
        clock.now_ns = 2 * S
        assert at_s() == 1
        await pilot.press("less_than_sign", "less_than_sign", "space")
        clock.now_ns = 4 * S
        assert at_s() == pytest.approx(1.4)
        assert "speed 1/5" in panel_text(app, ReplayBarPanel)
        await pilot.press("end")
        assert at_s() == whole_s
        assert not replay.player.playing
        await pilot.press("home")
        assert at_s() == 0
        await pilot.press("g", *"0:01.5", "enter")
        await until(pilot, lambda: at_s() == 1.5)
        await pilot.press("g", *"soon", "enter")
        await until(pilot, lambda: any("is not a time" in each for each in messages(app)))
        await pilot.press("escape", *["greater_than_sign"] * 20)
        await until(pilot, lambda: "speed 16" in panel_text(app, ReplayBarPanel))

    replaying(recorded_run, steps)


def test_a_click_on_the_bar_goes_there_and_the_wheel_on_the_timeline_moves(recorded_run: Path) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        bar = app._dashboard._views[all_panels.panel_of(ReplayBarPanel)]
        await until(pilot, lambda: bar.region.y == app.size.height - 2 and bar.region.width == app.size.width)
        start = panel_text(app, ReplayBarPanel).index("●")
        width = app.size.width
        await pilot.click(bar, offset=(start + (width - start) // 2, 0))
        whole_ns = replay.recording.ended_ns - replay.recording.began_ns
        share = (replay.player.position_ns - replay.recording.began_ns) / whole_ns
        assert share == pytest.approx(0.5, abs=0.02)
        before_ns = replay.player.position_ns
        timeline = app._dashboard.query_one("#TimelinePanel")
        timeline.post_message(_scrolled_up(timeline))
        await until(pilot, lambda: replay.player.position_ns < before_ns)
        assert not replay.player.playing

    replaying(recorded_run, steps)


def _scrolled_up(widget: Widget) -> Message:
    from textual.events import MouseScrollUp

    return MouseScrollUp(widget, 5, 5, 0, -1, 0, False, False, False)


def test_hand_offs_are_stepped_through_and_the_lanes_show_the_taker_run(recorded_run: Path) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        found = []
        for _ in range(20):
            await pilot.press("full_stop")
            found.append(replay.player.position_ns)
        assert found == sorted(set(found))
        clock.now_ns = 50 * S
        assert replay.player.position_ns == found[-1]
        await pilot.press(*["comma"] * 19)
        assert replay.player.position_ns == found[0]
        replay.move(lambda player: player.sought(found[5] + 1))
        exact = replay.exact()
        assert exact is not None
        last = [worker.history[-1][-1] for worker in exact.workers if worker.history]
        assert Span(found[5], found[5] + 1, State.RUNNING) in last

    replaying(recorded_run, steps)


def test_every_key_that_would_run_something_says_why_it_does_not(recorded_run: Path) -> None:
    own = {"r", "space", "comma", "full_stop", "less_than_sign", "greater_than_sign", "p"}

    async def steps(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        before = app.settings
        for command in COMMANDS:
            for key in command.keys:
                if (command.name in RUNNING or command.name == "tour") and key not in own:
                    app.clear_notifications()
                    await pilot.press(key)
                    await until(pilot, lambda: messages(app) == [REFUSAL])
                    assert app.screen is app._dashboard
        assert app.settings == before

    replaying(recorded_run, steps)


@pytest.mark.parametrize("size", SIZES)
def test_every_view_says_that_it_is_recorded(recorded_run: Path, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        clock.now_ns = S
        for keys in ("tab", "b", "b", "L", "escape", "end", "home"):
            await pilot.press(keys)
            await shown(pilot, app, "RECORDED")
        await pilot.press(*["Z"] * 9)
        assert "· live" not in on_screen(app)
        if size != SIZES[-1]:
            footer = panel_text(app, FooterPanel)
            assert footer.startswith(" space ")
            assert "t thread" not in footer
        await pilot.resize_terminal(40, 10)
        await shown(pilot, app, "RECORDED")

    replaying(recorded_run, steps, size)


def test_quitting_asks_nothing(recorded_run: Path) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        clock.now_ns = S
        await until(pilot, lambda: any(worker.alive for worker in app._dashboard.latest.workers))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)

    replaying(recorded_run, steps)


def test_the_palette_has_the_commands_of_a_recording(recorded_run: Path) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        await pilot.press("ctrl+p")
        await shown(pilot, app, "To the next hand-off, and pause")
        assert "One more thread" not in on_screen(app)

    replaying(recorded_run, steps)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("83.5", 83.5), ("83,5 s", 83.5), ("1:23.5", 83.5), ("0:01:23.500250", 83.50025), (" 7 ", 7), ("1:2:3", 3723)],
)
def test_times_are_read(text: str, seconds: float) -> None:
    assert parse_time(text) == round(seconds * S)


@pytest.mark.parametrize("text", ["", "-1", "1:", ":1", "x", "1e3", "٣", "1:2:3:4", "9" * 50])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert parse_time(text) is None
