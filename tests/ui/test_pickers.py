"""Choosing models, start methods and interpreters; how they are launched and shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from pconc_tui.requests import RequestError
from pconc_tui.snapshot import Lab
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import status, timeline, worker_columns, workers
from pconc_tui.ui.screens.pickers import interpreter_line
from tests.comparison.comparisons import PY311, PY313T, PY313T_GIL_ON, PY314
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import on_screen, render, text_of, until, with_app

FOUND = (PY311, PY313T, PY314)
MIXED = samples.snapshot(
    samples.thread(1, 2),
    replace(samples.thread(2, 2), python="3.13.5t", model="free-threaded"),
    labs=(
        samples.LAB,
        Lab("ready", "/py/3.13t", "3.13.5", False, True, 0.005, "fork"),
        Lab("ready", "/py/3.13t-on", "3.13.5", True, True, 0.005, "fork"),
    ),
)


def settings(**changes: object) -> LaunchSettings:
    return replace(LaunchSettings(chosen_interpreter=PY311, interpreters=FOUND), **changes)  # type: ignore[arg-type]


def test_next_model_skips_models_that_can_not_be_run() -> None:
    chosen, seen = settings(), []
    for _ in range(6):
        chosen = chosen.next_model()
        seen.append(chosen.model)
    assert seen == ["free-threaded", "processes", "asyncio", "thread-pool", "process-pool", "threads"]
    assert "interpreters" in {settings(chosen_interpreter=PY314, model="processes").next_model().model}


def test_the_free_threaded_model_runs_under_a_free_threaded_build_that_was_found() -> None:
    chosen = settings().with_model("free-threaded")
    assert (chosen.model_interpreter, chosen.interpreter, chosen.python) == (PY313T, PY311, "/py/3.13t")
    assert chosen.with_model("threads").model_interpreter == PY311


@pytest.mark.parametrize(
    ("made", "model", "why"),
    [
        (settings(interpreters=()), "free-threaded", "uv python install 3.14t"),
        (settings(interpreters=(PY313T_GIL_ON,)), "free-threaded", "the GIL off, and it was turned on"),
        (
            settings(chosen_interpreter=PY313T_GIL_ON, interpreters=()),
            "free-threaded",
            "the GIL off, and it was turned on",
        ),
        (settings(), "interpreters", "needs CPython 3.14 or later, this is 3.11.7; press i to choose another"),
        (
            settings(experiment_id="shared-dict", variant="lock"),
            "processes",
            "or thread-pool only: it shows what these share.",
        ),
    ],
)
def test_a_model_that_can_not_be_run_is_refused_with_the_reason(made: LaunchSettings, model: str, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        made.with_model(model)


def test_choosing_an_interpreter_that_can_not_run_the_model_changes_the_model() -> None:
    chosen = settings(chosen_interpreter=PY314, model="interpreters").with_interpreter(PY311)
    assert (chosen.model, chosen.python) == ("threads", "/py/3.11")


def test_the_default_interpreter_is_not_requested() -> None:
    assert LaunchSettings().python is None


def test_the_picked_interpreter_runs_the_next_launches() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("i")
        await until(pilot, lambda: app.screen.query(OptionList))
        await until(pilot, lambda: "free-threaded" in on_screen(app) and "/py/3.14" in on_screen(app))
        await pilot.press("end", "enter")
        await until(pilot, lambda: app.settings.chosen_interpreter == PY314)
        await pilot.press("t", "a", "p", "m")
        await until(pilot, lambda: len(controller.requests) == 5)
        assert controller.requests[1:] == [
            ("launch", "cpu-bound", "calls", "threads", "/py/3.14"),
            ("launch", "cpu-bound", "calls", "threads", "/py/3.14"),
            ("launch", "cpu-bound", "calls", "processes", "/py/3.14"),
            ("measure", "cpu-bound", "calls", "processes", 4, "/py/3.14"),
        ]

    with_app(samples.THREADS, steps, interpreters=FOUND)


def test_the_model_picker_dims_models_that_can_not_be_run_and_says_why() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._change_settings(lambda settings: settings.with_interpreter(PY311))
        await pilot.press("D")
        await until(pilot, lambda: app.screen.query(OptionList))
        options = app.screen.query_one(OptionList)
        dimmed = [str(option.prompt).split()[0] for option in options.options if option.disabled]
        assert dimmed == ["interpreters", "interpreter-pool"]
        await until(pilot, lambda: "needs CPython 3.14" in on_screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.settings.model == "free-threaded")
        await pilot.press("enter")
        await until(
            pilot, lambda: controller.requests[-1] == ("launch", "cpu-bound", "calls", "free-threaded", "/py/3.13t")
        )

    with_app(samples.THREADS, steps, size=(80, 24), interpreters=FOUND)


def test_a_picker_opened_early_is_filled_when_the_search_is_done() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.searching = True
        await pilot.press("i")
        await until(pilot, lambda: "searching for others" in on_screen(app))
        app.search_done(FOUND)
        await until(pilot, lambda: "/py/3.14" in on_screen(app) and "searching" not in on_screen(app))
        await pilot.press("escape", "D")
        await until(
            pilot, lambda: "a subinterpreter each, with a GIL" in on_screen(app) or "needs CPython" in on_screen(app)
        )

    with_app(samples.THREADS, steps)


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (PY311, ("3.11.7", "GIL build", "GIL on", "no subinterpreters", "/py/3.11")),
        (PY313T, ("3.13.5", "free-threaded", "GIL off", "/py/3.13t")),
        (PY313T_GIL_ON, ("free-threaded", "GIL turned on")),
    ],
)
def test_an_interpreter_is_described(each: object, words: tuple[str, ...]) -> None:
    text = interpreter_line(each).plain  # type: ignore[arg-type]
    assert all(word in text for word in words)


@pytest.mark.parametrize(("width", "height"), [(160, 45), (80, 24), (60, 20)])
def test_workers_of_different_interpreters_name_theirs(width: int, height: int) -> None:
    rows = render(MIXED, width, height)
    assert sum("Thread-2 3.13t" in " ".join(row.split()) for row in rows) >= 1
    assert sum("Thread-1 3.13 " in " ".join(row.split()) for row in rows) >= 1
    assert timeline.several_interpreters(MIXED.workers)
    assert not timeline.several_interpreters(samples.THREADS.workers)


def test_the_table_has_the_interpreter_and_the_launch_time() -> None:
    fitted = worker_columns.fit_columns(156, MIXED.workers)
    titles = [column.title for column in fitted.columns]
    row = text_of(workers.row(MIXED.workers[1], fitted, False))
    assert {"python", "launch"} <= set(titles)
    assert " 3.13t " in row
    assert " 1.0 ms " in row
    not_started = replace(MIXED.workers[1], started_ns=None)
    assert next(column for column in fitted.columns if column.title == "launch").value(not_started) == "-"


def test_processes_are_started_by_the_chosen_start_method() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._change_settings(lambda settings: settings.with_interpreter(PY314))
        await pilot.press("f", "p", "t", "f", "f", "p")
        await until(pilot, lambda: len(controller.requests) == 4)
        assert controller.requests[1:] == [
            ("launch", "cpu-bound", "calls", "processes", "/py/3.14", "fork"),
            ("launch", "cpu-bound", "calls", "threads", "/py/3.14"),
            ("launch", "cpu-bound", "calls", "processes", "/py/3.14"),
        ]
        await pilot.press("F")
        await until(pilot, lambda: "a new interpreter, which imports everything" in on_screen(app))
        assert "the default of 3.14" in on_screen(app)
        await pilot.press("end", "enter", "m")
        await until(pilot, lambda: controller.requests[-1][-1] == "spawn")
        await until(pilot, lambda: "a process by spawn" in on_screen(app))

    with_app(samples.THREADS, steps, interpreters=FOUND)


def test_a_start_method_that_the_interpreter_lacks_is_refused_with_the_reason() -> None:
    bare = replace(PY314, start_methods=("spawn",))
    with pytest.raises(RequestError, match="can't start processes by 'fork'; it can use spawn; press i"):
        settings(chosen_interpreter=bare).with_start_method("fork")
    assert settings(chosen_interpreter=PY314).with_start_method("fork").with_interpreter(bare).start_method is None


def test_labs_of_one_interpreter_show_their_start_methods_together_where_it_is_narrow() -> None:
    spawning = replace(samples.LAB, start_method="spawn")
    line = text_of(status.labs_line(replace(MIXED, labs=(*MIXED.labs[:2], spawning)), 90))
    assert "3.13.0 GIL on, fork + spawn · 3.13.5t GIL off, fork · 2 cores" in line


@pytest.mark.parametrize(("width", "height"), [(160, 45), (80, 24)])
def test_the_table_names_start_methods_only_where_they_differ(width: int, height: int) -> None:
    one, other = (replace(samples.process(number), start_method=name) for number, name in ((1, "fork"), (2, "spawn")))
    rows = [" ".join(row.split()) for row in render(samples.snapshot(one, other), width, height)]
    assert any("Process-1 processes fork" in row or "Process-1 fork" in row for row in rows)
    assert any("Process-2 processes spawn" in row or "Process-2 spawn" in row for row in rows)
    alike = "\n".join(render(samples.snapshot(one, replace(other, start_method="fork")), width, height))
    assert "start" not in next(row for row in alike.splitlines() if "run%" in row)


def test_the_status_line_has_a_part_for_each_lab() -> None:
    line = text_of(status.labs_line(MIXED, 120))
    assert "3.13.0 GIL on, fork · 3.13.5t GIL off, fork · 3.13.5t GIL turned on, fork · 2 cores" in line
    assert "3.13.0 GIL on · 3.13.5t GIL off · 3.13.5t GIL turned on · 2 cores" in text_of(status.labs_line(MIXED, 80))
    alone = replace(MIXED, labs=MIXED.labs[2:])
    assert "free-threaded, GIL turned on" in text_of(status.labs_line(alone, 120))


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20)])
def test_the_list_of_experiments_leaves_room_for_what_to_watch(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("e")
        await until(pilot, lambda: "Only one thread runs" in on_screen(app) and "0 queue" in on_screen(app))

    with_app(samples.THREADS, steps, size)
