"""The installed dashboard in a real terminal: launch, keys, what the screen says, every way to end."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support import eventually, gone
from tests.terminal import Terminal

Open = Callable[..., Terminal]
SHARED_MEMORY = Path("/dev/shm")


def family(terminal: Terminal) -> list[psutil.Process]:
    """All processes of the program."""
    program = psutil.Process(terminal.pid)
    return [program, *program.children(recursive=True)]


@pytest.fixture
def temp_dir() -> Iterator[Path]:
    """A folder for temporary files whose path is short enough for sockets, so that the lab's folder is made there."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def shared_memory(labs: list[str]) -> list[str]:
    """Names of the shared memory of these labs, which a program could leave behind."""
    names = [path.name for path in SHARED_MEMORY.iterdir()] if SHARED_MEMORY.exists() else []
    return [name for name in names if any(lab in name for lab in labs)]


def rows(text: str, name: str) -> list[str]:
    return [line for line in text.splitlines() if re.search(rf"{name}-\d+ +\w+ +\d+ +\d+", line)]


def test_threads_and_processes_on_demand(terminal: Terminal) -> None:
    terminal.send("t")
    terminal.until(lambda text: len(rows(text, "Thread")) == 1)
    terminal.send("ttt")
    terminal.until(lambda text: len(rows(text, "Thread")) == 4)
    terminal.until(lambda text: re.search(r"[1-9]\d* hand-offs/s", text))
    terminal.send("pp")
    text = terminal.until(lambda text: len(rows(text, "Process")) == 2)
    pids = [re.split(r"\s+", row.strip(" │▸"))[2] for row in rows(text, "Thread") + rows(text, "Process")]
    assert len(set(pids[:4])) == 1
    assert len(set(pids)) == 3
    terminal.send("S")
    terminal.until(lambda text: text.count("stopped") == 6)
    terminal.send("c")
    terminal.until("Press t")


def test_measuring_writes_the_scoreboard(terminal: Terminal) -> None:
    terminal.send("5")
    terminal.until("shared-value")
    terminal.send("m")
    terminal.until("plain_num is 0, shared_num is 4")
    terminal.until("no ratio")


def test_a_process_is_killed_and_the_rest_goes_on(terminal: Terminal) -> None:
    terminal.send("pp")
    terminal.until(lambda text: len(rows(text, "Process")) == 2)
    terminal.send("k")
    terminal.until(lambda text: text.count("killed by signal 9") == 1)
    terminal.send("p")
    terminal.until(lambda text: len(rows(text, "Process")) == 3)


def test_the_lab_is_killed_and_the_next_launch_starts_another(terminal: Terminal) -> None:
    terminal.send("tt")
    terminal.until(lambda text: len(rows(text, "Thread")) == 2)
    workers = psutil.Process(int(re.split(r"\s+", rows(terminal.text, "Thread")[0].strip(" │▸"))[2]))
    lab = workers.parent()
    assert lab is not None
    lab.kill()
    terminal.until("lab was killed by signal 9")
    assert len(rows(terminal.text, "Thread")) == 2
    terminal.send("t")
    terminal.until(lambda text: len(rows(text, "Thread")) == 3 and "lab was killed" not in text)


@pytest.mark.parametrize(("columns", "lines"), [(60, 20), (80, 24)])
def test_it_fits(open_terminal: Open, columns: int, lines: int) -> None:
    terminal = open_terminal(columns=columns, lines=lines)
    terminal.wait_until_ready()
    terminal.send("t")
    terminal.until("Thread-1")
    terminal.until("cores busy")


def test_what_is_drawn_first_says_nothing_that_is_not_so(terminal: Terminal) -> None:
    for wrong in (b" 0 cores", b"of 0", b"unknown on this system"):
        assert wrong not in terminal.raw


def test_it_survives_resizing_and_says_what_is_too_small(open_terminal: Open) -> None:
    terminal = open_terminal(columns=100, lines=30)
    terminal.wait_until_ready()
    terminal.send("t")
    terminal.until("Thread-1")
    terminal.resize(50, 15)
    terminal.until("60x20")
    terminal.resize(160, 45)
    terminal.until(lambda text: len(rows(text, "Thread")) == 1)


def test_wrong_keys_do_no_harm(terminal: Terminal) -> None:
    terminal.send("\x1b[Z\x1b[1;5A\tjJ@#$%^&*~`kKsxlv9078\x1b[5~\x1b[6~\x1b[H\x1b[F" + "+-" * 20 + "zZ" * 20)
    terminal.send("t")
    terminal.until(lambda text: len(rows(text, "Thread")) == 1)


def test_without_colour_the_states_still_differ(open_terminal: Open) -> None:
    terminal = open_terminal(NO_COLOR="1")
    terminal.wait_until_ready()
    terminal.send("tt")
    terminal.until(lambda text: "█" in text and "·" in text and len(rows(text, "Thread")) == 2)


def test_its_title_says_what_runs_and_is_cleared_at_the_end(terminal: Terminal) -> None:
    terminal.send("tt")
    terminal.until(lambda _: terminal.screen.title == "pconc-tui: 2 threads of cpu-bound")
    terminal.send("S")
    terminal.until(lambda _: terminal.screen.title == "pconc-tui")
    terminal.send("q")
    terminal.wait()
    terminal.drain()
    assert terminal.screen.title == ""
    assert terminal.raw.count(b"\x1b[22;2t") == terminal.raw.count(b"\x1b[23;2t") == 1


def quit_by(key: str, name: str) -> Callable[[Terminal], None]:
    def press_twice(terminal: Terminal) -> None:
        terminal.send(key)
        terminal.until(f"Press {name} again to quit")
        terminal.send(key)

    return press_twice


def end_by(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda terminal: os.kill(terminal.pid, number)


@pytest.mark.parametrize(
    "end",
    [
        quit_by("q", "q"),
        quit_by("\x03", "Ctrl+C"),
        end_by(signal.SIGTERM),
        end_by(signal.SIGHUP),
        end_by(signal.SIGKILL),
    ],
    ids=["q", "ctrl+c", "SIGTERM", "SIGHUP", "SIGKILL"],
)
def test_however_it_ends_nothing_is_left(open_terminal: Open, end: Callable[[Terminal], None], temp_dir: Path) -> None:
    terminal = open_terminal(TMPDIR=str(temp_dir))
    terminal.wait_until_ready()
    terminal.send("ttpp5t2")
    terminal.until(lambda text: len(rows(text, "Process")) == 2)
    processes = family(terminal)
    assert len(processes) >= 5
    labs = [path.name for path in temp_dir.iterdir()]
    assert labs
    end(terminal)
    terminal.wait()
    eventually(lambda: gone(processes))
    eventually(terminal.restored)
    assert terminal.screen.title == ""
    eventually(lambda: not shared_memory(labs))
    if terminal.status == -signal.SIGKILL:
        terminal = open_terminal(TMPDIR=str(temp_dir))
        terminal.wait_until_ready()
        terminal.send("q")
        terminal.wait()
    assert not list(temp_dir.iterdir())


def test_a_closed_terminal_ends_it(terminal: Terminal) -> None:
    terminal.send("tp")
    terminal.until(lambda text: len(rows(text, "Process")) == 1)
    processes = family(terminal)
    os.close(terminal.fd)
    terminal.fd = os.open(os.devnull, os.O_RDONLY)
    terminal.status = os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1])
    eventually(lambda: gone(processes))


@pytest.mark.parametrize("end", [lambda terminal: terminal.send("q"), end_by(signal.SIGTERM)], ids=["q", "SIGTERM"])
def test_an_interpreter_that_never_answers_ends_with_it(
    open_terminal: Open, end: Callable[[Terminal], None], tmp_path: Path
) -> None:
    interpreter = tmp_path / "python3.12"
    interpreter.write_text("#!/bin/sh\ntrap '' HUP\nexec sleep 3600\n")
    interpreter.chmod(0o755)
    terminal = open_terminal(PATH=f"{tmp_path}:{os.environ['PATH']}")
    terminal.wait_until_ready()

    def asked() -> list[psutil.Process]:
        return [child for child in psutil.Process(terminal.pid).children() if child.cmdline() == ["sleep", "3600"]]

    eventually(asked)
    processes = asked()
    end(terminal)
    terminal.wait()
    eventually(lambda: gone(processes))
