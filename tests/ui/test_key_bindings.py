"""The requests that keys and palette send, on the running app; a fake controller records them."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import OptionList

from pconc_tui.experiments import catalogue
from pconc_tui.requests import RequestError
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.key_bindings import (
    ALL_COMMANDS,
    COMMANDS,
    REPLAY_COMMANDS,
    SLOW_COMMANDS,
    TOUR_COMMANDS,
    WATCH_COMMANDS,
    bindings,
    key_name,
)
from pconc_tui.ui.launch_settings import SWITCH_MS, LaunchSettings, next_step
from pconc_tui.ui.screens.dashboard import Dashboard
from pconc_tui.ui.screens.help_page import key_lines
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import messages, on_screen, text_of, until, with_app


def test_a_message_that_is_shown_is_not_shown_once_more() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press(*"kksk")
        await until(pilot, lambda: len(messages(app)) >= 2)
        assert [each.partition(":")[0] for each in messages(app)] == ["Nothing to kill", "Nothing to stop"]

    with_app(samples.EMPTY, steps)


def test_every_binding_is_in_the_help() -> None:
    help_text = "\n".join(text_of(line) for line in key_lines(80))
    commands = {command.action: command for command in ALL_COMMANDS}
    for binding in bindings():
        assert key_name(binding.key) in help_text
        if binding.action.startswith("app.refuse"):
            continue
        assert commands[binding.action].help in help_text


def test_the_palette_lists_all_possible_commands_by_topic_with_their_keys() -> None:
    # This app has no list of programs and no recorder.
    possible = [command for command in COMMANDS if command.name not in ("programs", "save_last_minute")]

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == len(possible))
        listed = app.screen.query_one(OptionList).options
        for command, option in zip(possible, listed, strict=True):
            words = str(option.prompt).split()
            assert words[0] == command.group
            assert str(option.prompt).endswith(command.help)
            assert {key_name(key) for key in command.keys} <= set(words)

    with_app(samples.THREADS, steps)


def test_no_key_is_bound_twice_and_every_command_exists() -> None:
    for commands in (COMMANDS, SLOW_COMMANDS, TOUR_COMMANDS, WATCH_COMMANDS, REPLAY_COMMANDS):
        keys = [key for command in commands for key in command.keys]
        assert len(keys) == len(set(keys))
    for command in ALL_COMMANDS:
        name = command.action.split("(")[0]
        owner = PconcApp if name.startswith("app.") else Dashboard
        assert hasattr(owner, f"action_{name.removeprefix('app.')}"), name


def test_every_experiment_has_its_digit() -> None:
    keys = {command.keys[0] for command in COMMANDS}
    assert {each.key for each in catalogue()} <= keys


@pytest.mark.parametrize(
    ("keys", "request_sent"),
    [
        ("t", ("launch", "cpu-bound", "calls", "threads")),
        ("p", ("launch", "cpu-bound", "calls", "processes")),
        ("6 t", ("launch", "lost-update", "call", "threads")),
        ("6 v t", ("launch", "lost-update", "plain", "threads")),
        ("6 l t", ("launch", "lost-update", "lock", "threads")),
        ("6 l l p", ("launch", "lost-update", "call", "processes")),
        ("m", ("measure", "cpu-bound", "calls", "threads", 4)),
        ("d m", ("measure", "cpu-bound", "calls", "processes", 4)),
        ("p m", ("measure", "cpu-bound", "calls", "processes", 4)),
        ("n n m", ("measure", "cpu-bound", "calls", "threads", 6)),
        ("N N N N m", ("measure", "cpu-bound", "calls", "threads", 1)),
        ("5 m", ("measure", "shared-value", "lock", "processes", 4)),
        ("s", ("stop", 4)),
        ("up up s", ("stop", 2)),
        ("home s", ("stop", 1)),
        ("k", ("kill", 4)),
        ("S", ("stop_all",)),
        ("c", ("clear",)),
        ("C", ("clear_scoreboard",)),
        ("minus", ("set_switch_interval", 0.002)),
        ("plus plus", ("set_switch_interval", 0.02)),
    ],
)
def test_keys_send_requests(keys: str, request_sent: tuple[object, ...]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press(*keys.split())
        await until(pilot, lambda: controller.requests[-1] == request_sent)

    with_app(samples.THREADS, steps)


def test_the_controller_is_closed_on_the_way_out() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("q")

    assert with_app(samples.EMPTY, steps).closed == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("4 p", "shared-dict runs as threads or asyncio or thread-pool only"),
        ("l", "cpu-bound has no variant with a lock"),
        ("v", "cpu-bound has only one variant"),
    ],
)
def test_an_impossible_choice_is_refused_with_the_reason(keys: str, message: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press(*keys.split())
        await until(pilot, lambda: any(message in note.message for note in app._notifications))
        assert controller.requests == [("open_lab",)]

    with_app(samples.THREADS, steps)


def test_a_refused_request_is_reported_and_the_app_goes_on() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        controller.refusal = "All 256 places are taken. Press S to stop them."
        await pilot.press("t")
        await until(pilot, lambda: any("256 places" in note.message for note in app._notifications))
        controller.refusal = None
        await pilot.press("t")
        await until(pilot, lambda: controller.requests[-1][0] == "launch")

    with_app(samples.THREADS, steps)


def test_with_nothing_to_stop_it_says_what_to_press() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("s", "k")
        await until(pilot, lambda: len(app._notifications) == 2)
        assert controller.requests == [("open_lab",)]

    with_app(samples.EMPTY, steps)


def test_ended_workers_are_not_stopped_again() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("s")
        await until(pilot, lambda: any("has already ended" in note.message for note in app._notifications))

    assert with_app(samples.ENDED, steps).requests == [("open_lab",)]


def test_pressing_stop_again_stops_the_next() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("home", "s", "s")
        await until(pilot, lambda: len(controller.requests) == 3)
        assert controller.requests[1:] == [("stop", 1), ("stop", 2)]

    with_app(samples.THREADS, steps)


def test_the_picker_chooses() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query(OptionList))
        await until(pilot, lambda: "Only one thread runs" in on_screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.settings.experiment_id == "identity")
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query(OptionList))
        await pilot.press("6")
        await until(pilot, lambda: app.settings.experiment_id == "lost-update")
        assert controller.requests == [("open_lab",)]

    with_app(samples.THREADS, steps)


@pytest.mark.parametrize(("key", "words"), [("o", "Only one thread runs"), ("question_mark", "A row for each worker")])
def test_overlays_open_and_close(key: str, words: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press(key)
        await until(pilot, lambda: words in on_screen(app) and len(app.screen_stack) == 2)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)

    with_app(samples.THREADS, steps, size=(80, 24))


def test_keys_behind_an_overlay_do_nothing() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("question_mark")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("t", "m", "S")
        assert controller.requests == [("open_lab",)]

    with_app(samples.THREADS, steps)


def test_the_palette_runs_commands() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press(*"more proc")
        await until(pilot, lambda: "One more process" in on_screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 1 or not pilot.app.screen.query("Input"))
        await until(pilot, lambda: controller.requests[-1] == ("launch", "cpu-bound", "calls", "processes"))

    with_app(samples.THREADS, steps)


def test_the_controller_is_closed_even_if_the_app_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        controller.snapshot = None  # type: ignore[assignment]
        await until(pilot, lambda: not app.is_running)

    made: list[FakeController] = []

    def make(snapshot: object) -> FakeController:
        made.append(FakeController(samples.THREADS))
        return made[-1]

    monkeypatch.setattr("tests.ui.screens.FakeController", make)
    with pytest.raises(AttributeError):
        with_app(samples.THREADS, steps)
    assert made[0].closed == 1


def test_a_controller_that_does_not_open_is_reported() -> None:
    def refuse() -> FakeController:
        raise RequestError("No interpreter. Give one with --python.")

    async def run() -> None:
        app = PconcApp(refuse)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: any("No interpreter" in note.message for note in app._notifications))
            await pilot.press("t", "s", "m")

    asyncio.run(run())


def test_an_unknown_key_chooses_no_experiment() -> None:
    with pytest.raises(RequestError, match="No experiment has the key z"):
        LaunchSettings().with_key("z")


def test_switch_intervals_have_ends() -> None:
    assert next_step(SWITCH_MS, 5, -1) == 2
    assert next_step(SWITCH_MS, 0.05, -1) == 0.05
    assert next_step(SWITCH_MS, 1000, 1) == 1000
    assert next_step(SWITCH_MS, 3, 1) == 5


def test_keys_that_wait_are_handled_before_the_screen_is_drawn_again() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        before = controller.polls
        for _ in range(100):
            app.post_message(events.Key("t", "t"))
        await until(pilot, lambda: sum(name == "launch" for name, *_ in controller.requests) == 100)
        assert controller.polls - before < 50

    with_app(samples.THREADS, steps)
