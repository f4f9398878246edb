"""A real run, live and replayed: the text of the screen is the same, whether it is played through or jumped to.

Hints differ: of keys that launch, measure, stop, choose or resume, which act live only, a recording has blanks in their
place. Some of these are seen live, and none in the recording.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pconc_tui import experiments
from pconc_tui.comparison.plan import make_plan
from pconc_tui.experiments import load, user_function
from pconc_tui.monitor.watch import Watch
from pconc_tui.pythons import current_interpreter
from pconc_tui.recording.player import Player
from pconc_tui.recording.reader import Recording
from pconc_tui.recording.replay import Replay
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.panels.timeline import NO_WORKER
from pconc_tui.ui.screens import compare as compare_page
from tests.recording.films import Clock, FilmedApp, each_view, film, lasts, replayed, screen_text, views
from tests.support import running
from tests.ui.hints_in_sight import wrong_hints
from tests.ui.screens import on_screen, shown, text_of, until
from tests.watched import BUSY, program

MOMENTS = 50
FUNCTION = "work.py:crunch"


def draw_at_once(app: FilmedApp) -> None:
    """Draw in quick succession, as keys that are held do."""
    for _ in range(5):
        app.tick()


async def a_talk(pilot: Pilot[None], app: FilmedApp) -> None:
    """Threads and processes, a measurement with its result in front, a deadlock, and threads again."""
    dashboard = app._dashboard
    await until(pilot, lambda: dashboard.latest.labs and dashboard.latest.labs[0].state == "ready")
    for key in "ttp":
        await pilot.press(key)
        draw_at_once(app)
    await until(pilot, lambda: running(dashboard.latest))
    await lasts(pilot, app, 2)
    await pilot.press("m")
    await until(pilot, lambda: dashboard.latest.measurements)
    draw_at_once(app)
    await lasts(pilot, app, 1)
    await pilot.press("9", "m")
    await until(pilot, lambda: len(dashboard.latest.measurements) > 1)
    await lasts(pilot, app, 1)
    await pilot.press("2", "t")
    await until(pilot, lambda: running(dashboard.latest))
    await lasts(pilot, app, 1)


def test_the_screen_is_the_same_live_and_replayed(tmp_path: Path) -> None:
    path = tmp_path / "talk.json.gz"
    texts = film(path, a_talk).film
    assert any("eadlock" in text for text in texts.values())
    compare(path, texts)


async def a_short_talk(pilot: Pilot[None], app: FilmedApp) -> None:
    """Nothing, more threads than have room, a process, a comparison, and nothing again."""
    dashboard = app._dashboard
    await until(pilot, lambda: dashboard.latest.labs and dashboard.latest.labs[0].state == "ready")
    await lasts(pilot, app, 1)
    await pilot.press(*"tttttttt", "p")
    await until(pilot, lambda: running(dashboard.latest))
    await lasts(pilot, app, 1)
    plan = make_plan(load("cpu-bound"), "calls", [current_interpreter()], ["threads"], [2], 1, 0.1, 2)
    app.request(lambda controller: controller.compare(plan))
    await until(pilot, lambda: dashboard.latest.comparison and dashboard.latest.comparison.current is None)
    await lasts(pilot, app, 1)
    await pilot.press("c")
    await until(pilot, lambda: not dashboard.latest.workers)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
def test_each_panel_and_the_projector_are_the_same_at_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "views.json.gz"
    filmed = film(path, a_short_talk, size=size)
    recording = Recording.open(str(path))

    async def play(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        for time_ns in recording.frame_times[:-1]:
            clock.now_ns = time_ns - recording.began_ns
            app.tick()
            assert screen_text(app._dashboard) == filmed.film[time_ns]
            assert not wrong_hints(app)
            if time_ns in filmed.views:
                assert views(app._dashboard) == filmed.views[time_ns]
                assert not [wrong for _ in each_view(app._dashboard) for wrong in wrong_hints(app)]
        assert NO_WORKER in on_screen(app)
        await pilot.press("r")
        await shown(pilot, app, "RECORDED")
        page = on_screen(app)
        assert "done in" in page
        assert "r again" not in page
        live = compare_page.lines(filmed._dashboard.latest.comparison, 0, size[0], size[1] + 1)
        assert page.splitlines()[1:] == [text_of(line) for line in live][1:]

    assert filmed.views
    assert filmed.hinted >= {"t to start a thread,", "p to start a process,"}
    replayed(recording, play, size)
    recording.close()


async def a_function(pilot: Pilot[None], app: FilmedApp) -> None:
    """A user's own function, which is sampled, launched and measured."""
    dashboard = app._dashboard
    await until(pilot, lambda: dashboard.latest.labs and dashboard.latest.labs[0].state == "ready")
    await pilot.press("t", "t")
    await until(pilot, lambda: running(dashboard.latest))
    await lasts(pilot, app, 2)
    await pilot.press("m")
    await until(pilot, lambda: dashboard.latest.measurements)
    await lasts(pilot, app, 1)


def test_a_function_is_the_same_where_it_is_not_known(tmp_path: Path, own_code: Path) -> None:
    path = tmp_path / "function.json.gz"
    experiments.add(user_function.read(FUNCTION, sys.executable))
    texts = film(path, a_function, FUNCTION).film
    experiments._user_functions.clear()
    (own_code / "work.py").unlink()
    compare(path, texts)
    assert "crunch" in experiments.load(FUNCTION).source


async def a_watch(pilot: Pilot[None], app: FilmedApp) -> None:
    """A program that is watched, until its threads have taken turns for a while."""
    dashboard = app._dashboard
    await until(pilot, lambda: "One thread at a time" in screen_text(dashboard))
    draw_at_once(app)
    await lasts(pilot, app, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_watched_program_is_the_same_live_and_replayed(tmp_path: Path) -> None:
    path = tmp_path / "watch.json.gz"
    with program(BUSY) as process:
        texts = film(path, a_watch, open_controller=lambda: Watch(process.pid)).film
    compare(path, texts)


def compare(path: Path, texts: dict[int, str]) -> None:
    """Compare the text of the screen in a recording, played through and jumped to, with what it was live."""
    recording = Recording.open(str(path))
    assert texts.keys() <= {*recording.frame_times}
    times = recording.frame_times[:-1]
    moments = random.Random(1).sample(times, min(MOMENTS, len(times)))

    async def play(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        for time_ns in recording.frame_times:
            clock.now_ns = time_ns - recording.began_ns
            app.tick()
            if time_ns in moments:
                assert screen_text(app._dashboard) == texts[time_ns]
                assert not wrong_hints(app)

    async def jump(pilot: Pilot[None], app: PconcApp, replay: Replay, clock: Clock) -> None:
        for time_ns in moments:

            def seek(player: Player, to: int = time_ns) -> Player:
                return replace(player.sought(to), playing=True)

            replay.move(seek)
            app.tick()
            assert screen_text(app._dashboard) == texts[time_ns]

    replayed(recording, play)
    replayed(recording, jump)
    recording.close()
