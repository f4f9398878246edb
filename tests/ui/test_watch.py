"""The dashboard while a program is watched: what it shows, and what keys do."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from textual.pilot import Pilot

from pconc_tui.protocol.block import State
from pconc_tui.requests import RequestError
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.timeline.spans import Times
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.lanes import LaneCache
from pconc_tui.ui.native_threads import folded
from pconc_tui.ui.panels.status import StatusPanel
from pconc_tui.watched_program import RunningPython, WatchedProcess
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import messages, on_screen, render, shown, text_of, until, with_app

FOUND = [
    RunningPython(4711, 1, "3.12", "python busy.py", "me", 0.98),
    RunningPython(4712, 2, "3.14t", "python idle.py", "me", 0.0),
    RunningPython(1, 3, "", "python root.py", "root", 0.0, "another user's"),
]


class FakePrograms:
    """Programs that exist in these tests only."""

    def __init__(self) -> None:
        self.watched: list[int] = []
        self.opened = FakeController(samples.WATCHED)
        self.experiments_opened = FakeController(samples.EMPTY)

    def running(self) -> list[RunningPython]:
        return FOUND

    def watch(self, pid: int) -> FakeController:
        if pid == 4712:
            raise RequestError("there is no process 4712")
        self.watched.append(pid)
        return self.opened

    def experiments(self) -> FakeController:
        return self.experiments_opened


@pytest.mark.parametrize("size", [(160, 45), (120, 35), (80, 24), (60, 20)])
def test_it_says_who_holds_the_gil_and_for_how_long(size: tuple[int, int]) -> None:
    screen = "\n".join(render(folded(samples.WATCHED), *size))
    for words in ("watching PID 11240", "One thread at a time", "crunch() work.py", "GIL%", "3 native"):
        assert words in screen, words
    assert ("0.23 s" in screen) is (size[0] >= 80)
    assert "cpu-bound" not in screen
    assert "Scoreboard" not in screen


def test_its_first_thread_is_selected_and_in_sight_though_there_are_more_than_rows() -> None:
    threads = replace(samples.WATCHED, workers=tuple(samples.watched(number) for number in range(1, 30)))
    rows = render(threads, 80, 24)
    assert [row[:10] for row in rows if row.startswith(" ▸")] == [" ▸Thread-1"] * 2, "in the timeline and in the table"
    assert " ▸Threads Thread Log " in "\n".join(rows)
    first_ended = replace(threads, workers=(samples.ended(threads.workers[0], "ended"), *threads.workers[1:]))
    assert any(row.startswith(" ▸Thread-2") for row in render(first_ended, 80, 24))


def test_a_share_in_which_a_thread_was_blocked_with_the_gil_is_no_share_of_io() -> None:
    blocked = replace(samples.watched(1), recent=Times(0.1, io=0.9, blocked_with_gil=0.7), state=State.BLOCKED_WITH_GIL)
    assert blocked.thread is not None
    blocked = replace(
        blocked, thread=replace(blocked.thread, waits_for="", longest=None), total=Times(io=0.9, blocked_with_gil=0.7)
    )
    rows = [row.split() for row in render(replace(samples.WATCHED, workers=(blocked,)), 120, 30)]
    header, row = next(pair for pair in pairwise(rows) if "run%" in pair[0])
    assert "≈GIL%" not in "\n".join(render(samples.WATCHED, 120, 30))
    figures = dict(zip(reversed(header), reversed(row), strict=False))
    assert (figures["run%"], figures["I/O%"], figures["≈GIL%"]) == ("10", "20", "70")


def test_what_has_happened_to_it_stands_at_the_top() -> None:
    program = samples.WATCHED.program
    assert program is not None

    def second_line(snapshot: Snapshot) -> str:
        return render(snapshot, 100, 30)[1]

    def said_once(snapshot: Snapshot) -> str:
        """What the headline says, and in slow motion, which has none, the second line."""
        rows = render(snapshot, 80, 24)
        assert "11240" not in rows[1]
        slow = render(snapshot, 80, 24, DashboardState(slow=samples.slow_motion(snapshot)))
        frozen = DashboardState().frame(snapshot, samples.WATCHED, samples.WATCHED, LaneCache(), False)
        (said,) = (row.strip() for row in rows if "Process 11240" in row)
        assert slow[1].strip() == text_of(StatusPanel().lines(frozen, 80, 2)[1]).strip() == said
        return said

    stopped = replace(program, processes=(replace(program.processes[0], doing="stopped"),))
    assert "is stopped: none of its threads runs" in said_once(replace(samples.WATCHED, program=stopped))
    gone = (replace(program.processes[0], doing="ended"),)
    ended = replace(samples.WATCHED, program=replace(program, ended="was killed by signal 9", processes=gone))
    assert "Process 11240 was killed by signal 9" in said_once(ended)
    assert "CPython 3.13" in render(ended, 100, 30)[0]
    unknown = replace(program, functions_problem="pip install it", source="sampled", source_problem="level 4")
    assert "functions are unknown: pip install it" in second_line(replace(samples.WATCHED, program=unknown))
    assert "lanes are sampled: level 4" in second_line(replace(samples.WATCHED, program=unknown))


@pytest.mark.parametrize("key", ["t", "p", "a", "m", "r", "s", "k", "S", "R", "e", "1", "l", "d", "n", "plus"])
def test_keys_that_would_change_something_say_that_it_is_only_watched(key: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await until(pilot, lambda: app._dashboard.latest.program)
        before = app.settings
        await pilot.press(key)
        await until(pilot, lambda: any("only watched" in each for each in messages(app)))
        assert controller.requests == [("open_lab",)]
        assert app.settings == before
        assert len(app.screen_stack) == 1

    with_app(samples.WATCHED, steps)


def test_keys_that_are_held_or_pressed_fast_say_so_once() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await until(pilot, lambda: app._dashboard.latest.program)
        await pilot.press(*"tttpamRe", "o", "o")
        await until(pilot, lambda: any("has no code here" in each for each in messages(app)))
        assert len(messages(app)) == len({*messages(app)}) == 2

    with_app(samples.WATCHED, steps)


def test_enter_shows_the_native_threads_one_by_one_and_in_one_line_again() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await shown(pilot, app, "3 native threads")
        await pilot.press("enter")
        await until(pilot, lambda: "3 native threads" not in on_screen(app) and "Thread-7" in on_screen(app))
        await pilot.press("enter")
        await shown(pilot, app, "3 native threads")

    with_app(samples.WATCHED, steps)


def test_each_program_takes_one_line_of_the_list_however_long_its_command_is(monkeypatch: pytest.MonkeyPatch) -> None:
    long = [replace(each, command="python -c " + "import sys; " * 40) for each in FOUND]
    monkeypatch.setattr(FakePrograms, "running", lambda _: long)

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._programs = FakePrograms()
        await pilot.press("A")
        await shown(pilot, app, "4711 3.12")
        rows = on_screen(app).splitlines()
        first = next(number for number, row in enumerate(rows) if "4711 3.12" in row)
        assert "4712 3.14t" in rows[first + 1]
        assert "…" in rows[first]

    with_app(samples.EMPTY, steps, size=(80, 24))


def test_the_list_of_programs_leads_to_one_and_back() -> None:
    programs = FakePrograms()

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app._programs = programs
        await pilot.press("A")
        await shown(pilot, app, "4711 3.12")
        assert "another user's" in on_screen(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: messages(app) == ["there is no process 4712"])
        assert controller.closed == 0
        await pilot.press("A")
        await shown(pilot, app, "4711 3.12")
        await pilot.press("enter")
        await shown(pilot, app, "watching PID 11240")
        assert programs.watched == [4711]
        await until(pilot, lambda: controller.closed == 1)
        await pilot.press("A")
        await shown(pilot, app, "back to the experiments")
        await pilot.press("home", "enter")
        await shown(pilot, app, "Start here")
        await until(pilot, lambda: programs.opened.closed == 1)

    with_app(samples.EMPTY, steps)


def test_the_processes_are_listed_and_there_is_no_code_of_an_experiment() -> None:
    program = samples.WATCHED.program
    assert program is not None
    child = WatchedProcess(11999, 11240, "python child.py", "3.14t", False, "stopped", "not all is readable")
    gone = replace(child, pid=11998, doing="ended")
    processes = (*program.processes, child, gone)

    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await until(pilot, lambda: app._dashboard.latest.program)
        await pilot.press("o")
        await until(pilot, lambda: any("has no code here" in each for each in messages(app)))
        assert len(app.screen_stack) == 1
        await pilot.press("L")
        await shown(pilot, app, "Processes")
        for words in (
            "11999",
            "3.14t     off",
            "stopped   python child.py",
            "not all is readable",
        ):
            assert words in on_screen(app), words
        assert "11998" not in on_screen(app)

    with_app(replace(samples.WATCHED, program=replace(program, processes=processes)), steps)


def test_a_thread_of_a_stopped_process_is_said_to_be_stopped() -> None:
    def stopped(thread: Worker) -> Worker:
        assert thread.thread is not None
        return replace(thread, state=State.UNKNOWN, thread=replace(thread.thread, halted="stopped"))

    screen = "\n".join(render(replace(samples.WATCHED, workers=tuple(map(stopped, samples.WATCHED.workers))), 160, 45))
    assert "? stopped" in screen
    assert "does not run: its process is stopped" in screen
    assert "waits for the GIL:" not in screen
