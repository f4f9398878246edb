"""`pconc-tui notes` in a terminal of its own, beside a tour in another: real processes, and every end of either."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hostile import COMMAND, make_hostile, marked
from tests.support import eventually
from tests.terminal import PROGRAM, Terminal

Open = Callable[..., Terminal]
TOUR = """
title = "Two steps: a tour"
[[step]]
title = "First"
say = "What the screen says."
notes = "What only the presenter sees.\\nA second line \\u001b[31m\\u202e."
experiment = "identity"
do = "measure"
question = "How many?"
answers = ["one", "four"]
right = 1
reveal = "{identity}"
claims = ["pids == 1"]
[[step]]
title = "Second"
say = "The end."
"""
NO_TOUR, ENDED = "No tour runs.", "The tour has ended."


@pytest.fixture
def open_beside(temp_folder: Path) -> Iterator[Open]:
    """`open_beside(*command)` opens a terminal; all have the same runtime folder."""
    runtime = temp_folder / "runtime"
    runtime.mkdir(mode=0o700)
    (temp_folder / "two.toml").write_text(TOUR)
    terminals = []

    def open(*command: str, columns: int = 80, lines: int = 24) -> Terminal:
        terminals.append(Terminal(*command, columns=columns, lines=lines, XDG_RUNTIME_DIR=str(runtime)))
        return terminals[-1]

    yield open
    for each in terminals:
        each.close()


@pytest.fixture
def sockets(temp_folder: Path) -> Callable[[], list[str]]:
    return lambda: sorted(path.name for path in (temp_folder / "runtime").rglob("*.*"))


@pytest.fixture
def tour_file(temp_folder: Path) -> str:
    return str(temp_folder / "two.toml")


def until(terminal: Terminal, other: Terminal, text: str) -> str:
    """Wait until the terminal shows the text; the other one is read meanwhile, so that its program can write."""

    def shown() -> bool:
        other.read(0)
        terminal.read()
        return text in terminal.text

    eventually(shown)
    return terminal.text


def test_the_notes_follow_the_tour_and_their_keys_drive_it(
    open_beside: Open, tour_file: str, sockets: Callable[[], list[str]]
) -> None:
    notes = open_beside(PROGRAM, "notes")
    notes.until(NO_TOUR)
    tour = open_beside(PROGRAM, "tour", tour_file)
    until(notes, tour, "What only the presenter sees.")
    assert sockets() == [f"{tour.pid}.sock"]
    until(notes, tour, r"A second line \x1b[31m\u202e.")
    for shown in ("What the screen says.", "How many?", "1 ✓ one", "next     Second", "1 of 2", "clock", "time used"):
        until(notes, tour, shown)
    notes.send(" ")
    until(tour, notes, "1-2 answers")
    notes.send("1")
    until(tour, notes, "Predicted: one · and so it is")
    until(notes, tour, "4 threads, 1 process")
    notes.send("b")
    until(notes, tour, "BLANK")
    notes.send(".")
    until(tour, notes, "4 threads, 1 process")
    notes.send("\x1b[6~")  # PgDn: what a clicker sends.
    until(notes, tour, "This is the last step.")
    until(tour, notes, "The end.")
    notes.send("\x1b[D")
    until(tour, notes, "What the screen says.")
    tour.send("T")
    until(notes, tour, ENDED)
    assert sockets() == []
    notes.send("q")
    assert notes.wait() == 0
    assert notes.restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_when_the_app_ends_the_notes_wait_for_another(
    number: signal.Signals, open_beside: Open, tour_file: str, sockets: Callable[[], list[str]]
) -> None:
    notes = open_beside(PROGRAM, "notes")
    for _ in range(2):
        tour = open_beside(PROGRAM, "tour", tour_file)
        until(notes, tour, "What only the presenter sees.")
        os.kill(tour.pid, number)
        tour.wait()
        notes.until(ENDED)
    eventually(lambda: notes.read() and sockets() == [])


def test_when_the_notes_are_killed_the_tour_goes_on(open_beside: Open, tour_file: str) -> None:
    tour = open_beside(PROGRAM, "tour", tour_file)
    tour.until("What the screen says.")
    for number in (signal.SIGKILL, signal.SIGSTOP):
        notes = open_beside(PROGRAM, "notes")
        until(notes, tour, "What only the presenter sees.")
        os.kill(notes.pid, number)
    tour.send(" ")
    tour.until("1-2 answers")


def test_a_tour_goes_on_without_notes_where_the_folder_is_open_to_others(
    open_beside: Open, tour_file: str, temp_folder: Path
) -> None:
    folder = temp_folder / "runtime" / "pconc-tui"
    folder.mkdir()
    folder.chmod(0o777)
    tour = open_beside(PROGRAM, "tour", tour_file, columns=160, lines=45)
    tour.until("777;")
    tour.send(" ")
    tour.until("1-2 answers")
    assert list(folder.iterdir()) == []
    notes = open_beside(PROGRAM, "notes")
    notes.until("has the mode 777")


def test_no_file_of_the_current_directory_is_run(open_beside: Open, tmp_path: Path) -> None:
    folder = make_hostile(tmp_path)
    notes = open_beside("sh", "-c", f"cd {folder} && exec {' '.join(COMMAND)} notes")
    notes.until(NO_TOUR)
    notes.send("q")
    assert notes.wait() == 0
    assert marked(folder) == []
