"""A tour on the dashboard: it reads at every size, its keys move it on, all other keys still work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pconc_tui import experiments
from pconc_tui.measurement import Disturbance
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.pythons import Interpreter, current_interpreter
from pconc_tui.requests import Request
from pconc_tui.tours import library
from pconc_tui.tours.interpreter_choice import Interpreters
from pconc_tui.tours.parse import parse
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing import layout
from pconc_tui.ui.drawing.digits import large_text
from pconc_tui.ui.drawing.layout import Area
from pconc_tui.ui.drawing.palette import BRIGHT
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, render, shown, text_of, until, with_app

TEXT = """
title = "Two ways: a tour"
[[step]]
title = "Threads"
say = "Four threads compute."
experiment = "cpu-bound"
do = "measure"
switch_ms = 100
zoom_ms = 500
question = "How long?"
answers = ["As long as one", "Four times as long"]
right = 2
reveal = "{slowdown} times as long as one"
claims = ["slowdown > 2.5"]
[[step]]
title = "Values"
say = "Now another experiment."
experiment = "lost-update"
lock = true
workers = 2
"""
TOUR = parse(TEXT, "two.toml", "two")
HERE = Interpreters(current_interpreter())
SNAPSHOT = samples.snapshot(*(samples.thread(number, 4) for number in range(1, 5)))
SIZES = [(80, 24), (120, 40), (160, 45), (250, 70)]


def asked() -> Walk:
    walk = Walk.start(TOUR).on()
    assert walk is not None
    return walk


def revealed(ratio: float) -> Walk:
    walk, _ = asked().choose(2).advance(samples.EMPTY, HERE)
    return walk.advance(replace(samples.EMPTY, measurements=(samples.measurement(ratio=ratio),)), HERE)[0]


def measure_at_once(controller: FakeController) -> None:
    """Have the controller serve a result with the first snapshot after a measurement is requested."""
    record = controller.measure

    def measure(request: Request) -> None:
        record(request)
        results = (*controller.snapshot.measurements, samples.measurement(ratio=4.1))
        controller.snapshot = replace(controller.snapshot, measurements=results)

    controller.measure = measure  # type: ignore[method-assign]


@pytest.mark.parametrize("projector", [False, True])
@pytest.mark.parametrize("size", [(60, 20), *SIZES])
def test_a_step_its_question_and_its_reveal_read_at_every_size(size: tuple[int, int], projector: bool) -> None:
    def screen(walk: Walk) -> str:
        lines = render(SNAPSHOT, *size, DashboardState(walk=walk, projector=projector))
        return " ".join(" ".join(lines).replace("│", " ").split())

    said = screen(Walk.start(TOUR))
    assert all(part in said for part in ("Threads · Two ways", "1 of 2", "Four threads compute.", "Space goes on"))
    question = screen(asked())
    assert all(part in question for part in ("1 As long as one", "2 Four times as long", "1-2 answers"))
    assert "How long?" not in question, "it is drawn in large type"
    borne_out = screen(revealed(4.1))
    assert all(
        part in borne_out for part in ("Predicted: Four times as long · and so it is", "4.1 times as long as one")
    )
    other = screen(revealed(1.2))
    assert "This run does not bear it out: slowdown > 2.5 (slowdown 1.2)" in other
    assert "and so it is" not in other
    assert "m repeats" in other
    for shows_lanes in (said, borne_out, other):
        assert "Thread-4" in shows_lanes


@pytest.mark.parametrize("size", SIZES)
def test_every_question_fits_in_large_type_and_every_text_is_whole(size: tuple[int, int]) -> None:
    for tour in library.all_tours():
        for index, step in enumerate(tour.steps):
            walk = Walk.start(tour).at(index)
            state = DashboardState(walk=walk)
            region = layout.areas(*size, 2, False, state.tour_area)[Area.TOUR]
            lines = [line[region.x : region.right] for line in render(SNAPSHOT, *size, state)]
            said = " ".join(" ".join(lines).replace("│", " ").split())
            if walk.phase is not Phase.ASKED and step.say:
                assert step.say in said
            if step.question:
                question = "\n".join(render(SNAPSHOT, *size, DashboardState(walk=replace(walk, phase=Phase.ASKED))))
                assert step.question not in question
                assert all(answer in question for answer in step.answers)


def test_a_sentence_is_drawn_as_large_as_it_fits() -> None:
    assert [len(large_text("Who waits?", BRIGHT, 80, height)) for height in (40, 12, 6, 4)] == [12, 12, 6, 4]
    assert text_of(large_text("Who waits?", BRIGHT, 80, 3)[0]) == "Who waits?"
    assert text_of(large_text("Wer wärmt?", BRIGHT, 80, 40)[0]) == "Wer wärmt?", "no glyph for it"


def test_keys_move_a_tour_on_and_the_tour_does_the_typing() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        measure_at_once(controller)
        app.take_tour(TOUR)
        await shown(pilot, app, "Four threads compute.")
        assert not [each for each in controller.requests if each[0] == "measure"]
        await pilot.press("1")
        assert app.settings.experiment_id == "io-bound", "before the question a digit chooses an experiment"
        await pilot.press("pagedown")
        await shown(pilot, app, "1-2 answers")
        assert app.settings.experiment_id == "cpu-bound", "the step restores what it needs"
        await pilot.press("2")
        await shown(pilot, app, "and so it is")
        assert app.switch_interval_s == 0.1
        assert app._dashboard.state.window.span_ns == 500_000_000
        await pilot.press("t")
        assert controller.requests[-1][:2] == ("launch", "cpu-bound"), "the dashboard's keys still work"
        await pilot.press("m")
        await shown(pilot, app, "attempt 2")
        await until(pilot, lambda: app.walk and app.walk.phase is Phase.REVEALED)
        assert len(controller.snapshot.measurements) == 2
        await pilot.press("right")
        await shown(pilot, app, "Now another experiment.")
        assert (app.settings.experiment_id, app.settings.variant, app.settings.workers) == ("lost-update", "lock", 2)
        await pilot.press("left")
        await shown(pilot, app, "Four threads compute.")
        assert app.settings.experiment_id == "cpu-bound"

    with_app(samples.EMPTY, steps, size=(80, 24))


@pytest.mark.parametrize("projector", [False, True])
@pytest.mark.parametrize("size", [(60, 20), *SIZES])
def test_answers_and_hints_can_be_clicked(size: tuple[int, int], projector: bool) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        async def click(text: str) -> None:
            """Click in the middle of this text."""
            await shown(pilot, app, text)
            rows = on_screen(app).splitlines()
            y = next(y for y, row in enumerate(rows) if text in row)
            await pilot.click(offset=(rows[y].index(text) + len(text) // 2, y))

        measure_at_once(controller)
        if projector:
            await pilot.press("b")
        app.take_tour(TOUR)
        await click("Space goes on")
        await click("back")
        await click("Space goes on")
        await click("2  Four times as long")
        await shown(pilot, app, "Predicted: Four times as long · and so it is")
        await click("m repeats")
        await until(pilot, lambda: app.walk and app.walk.attempt == 2 and app.walk.phase is Phase.REVEALED)
        assert app.walk is not None
        assert app.walk.answer == 2, "the prediction is locked"
        await click("back")
        await click("Space goes on")
        await click("Space goes on without")
        await shown(pilot, app, "Predicted: nothing")
        await click("Space goes on")
        await shown(pilot, app, "Now another experiment.")
        await click("T leaves")
        await until(pilot, lambda: app.walk is None)

    with_app(samples.EMPTY, steps, size=size)


def test_the_mark_of_a_load_repeats_the_step() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        loaded = samples.measurement(
            ratio=4.1, python=current_interpreter().version, disturbance=Disturbance(1.7, None, 2)
        )
        controller.measure = lambda request: setattr(  # type: ignore[method-assign]
            controller,
            "snapshot",
            replace(controller.snapshot, measurements=(*controller.snapshot.measurements, loaded)),
        )
        app.take_tour(TOUR)
        app.go(asked().choose(2))
        await shown(pilot, app, "m repeats it")
        rows = on_screen(app).splitlines()
        y = next(y for y, row in enumerate(rows) if "m repeats it" in row)
        await pilot.click(offset=(rows[y].index("m repeats it"), y))
        await shown(pilot, app, "attempt 2")

    with_app(samples.EMPTY, steps, size=(120, 40))


def test_a_run_that_is_not_borne_out_offers_to_repeat_first() -> None:
    hints = [render(SNAPSHOT, 80, 24, DashboardState(walk=revealed(ratio)))[-2].strip() for ratio in (1.2, 4.1)]
    assert hints[0].startswith("m repeats the step")
    assert hints[1].startswith("Space goes on")


def test_a_presenter_blanks_the_screen() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.take_tour(TOUR)
        await shown(pilot, app, "Four threads compute.")
        for key, back in (("b", "full_stop"), ("full_stop", "b"), ("b", "space")):
            await pilot.press(key)
            await until(pilot, lambda: not on_screen(app).strip())
            await pilot.press(back)
            await shown(pilot, app, "Four threads compute.")
        assert not app._dashboard.state.projector

    with_app(samples.EMPTY, steps, size=(80, 24))


def test_a_tour_is_chosen_with_its_key_and_left_with_it() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("T")
        await shown(pilot, app, "The story: six experiments")
        await pilot.press("enter")
        await shown(pilot, app, "Four threads · One minute")
        await until(pilot, lambda: len([each for each in controller.requests if each[0] == "launch"]) == 4)
        await pilot.press("T")
        await until(pilot, lambda: "One minute" not in on_screen(app))
        await pilot.press("b")
        assert app._dashboard.state.projector, "b is the projector's key again"

    with_app(samples.EMPTY, steps, size=(80, 24))


def test_after_the_last_step_the_tour_stays_until_it_is_left() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.take_tour(TOUR)
        app.go(Walk.start(TOUR).at(1))
        await shown(pilot, app, "This is the last step.")
        await pilot.press("space", "pagedown")
        assert app.walk is not None
        assert "FROZEN" not in on_screen(app)
        await pilot.press("T")
        await until(pilot, lambda: app.walk is None)

    with_app(samples.EMPTY, steps)


def test_a_step_without_its_interpreter_is_skipped_with_the_reason() -> None:
    free = TEXT.replace('experiment = "cpu-bound"', 'experiment = "cpu-bound"\nmodel = "free-threaded"')

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.take_tour(parse(free, "free.toml", "free"))
        await shown(pilot, app, "This step is skipped.")

    found = Interpreter("/usr/bin/python3.14", "3.14.0", "/usr/bin/python3.14", False, True, True)
    with_app(samples.EMPTY, steps, interpreters=(found,))


def test_a_tour_asks_for_the_function_that_it_runs(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def crunch():\n    sum(range(300_000))\n")

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.take_tour(library.load("your-function"))
        await shown(pilot, app, "Which function of yours?")
        app.screen.query_one(Input).value = f"{tmp_path}/none.py:crunch"
        await pilot.press("enter")
        await until(pilot, lambda: any("none.py" in each.message for each in app._notifications))
        assert app.walk is None
        app.take_tour(library.load("your-function"))
        await shown(pilot, app, "Which function of yours?")
        app.screen.query_one(Input).value = f"{tmp_path}/own.py:crunch"
        await pilot.press("enter")
        await shown(pilot, app, "Four threads call your function")
        assert app.settings.request.experiment == f"{tmp_path}/own.py:crunch"

    try:
        with_app(samples.EMPTY, steps, size=(120, 40))
    finally:
        experiments._user_functions.clear()


def test_a_tour_with_real_workers() -> None:
    text = (
        'title = "Real"\n[[step]]\ntitle = "Who"\nexperiment = "identity"\ndo = "measure"\nquestion = "How many?"\n'
        'answers = ["one", "four"]\nright = 1\nreveal = "{identity}"\nclaims = ["pids == 1"]\n'
        '[[step]]\ntitle = "Live"\nexperiment = "cpu-bound"\ndo = "launch"\nworkers = 2\ntimes = 1\n'
        'reveal = "{workers} run"\n'
    )

    async def run() -> None:
        app = PconcApp(Monitor, first=lambda app: app.take_tour(parse(text, "real.toml", "real")))
        async with app.run_test(size=(80, 24)) as pilot:
            await shown(pilot, app, "1-2 answers")
            await pilot.press("1")
            await shown(pilot, app, "Predicted: one · and so it is")
            assert "4 threads, 1 process" in on_screen(app)
            await pilot.press("space")
            await shown(pilot, app, "2 threads run")
            assert sum(worker.alive for worker in app._dashboard.latest.workers) == 2

    asyncio.run(run())
