"""The terminal after every end of the dashboard, suspended and continued, and with a process of it killed."""

from __future__ import annotations

import os
import signal
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support import eventually, gone
from tests.terminal import PROGRAM, Terminal

Open = Callable[..., Terminal]
SHELL = ("bash", "--norc", "--noprofile", "-i")
PROMPT = "prompt>"
SUSPEND = "\x1a"


def is_raw(terminal: Terminal) -> bool:
    return not termios.tcgetattr(terminal.fd)[3] & termios.ICANON


def dashboard_of(shell: Terminal) -> psutil.Process:
    """The dashboard that runs in the shell."""
    return next(each for each in psutil.Process(shell.pid).children(recursive=True) if "dashboard" in each.cmdline())


@pytest.fixture
def shell() -> Iterator[Terminal]:
    """A shell with job control, in which the dashboard runs."""
    shell = Terminal(*SHELL, PS1=PROMPT)
    shell.until(PROMPT)
    shell.send(f"{PROGRAM} dashboard\r")
    shell.wait_until_ready()
    yield shell
    shell.close()


def stop(shell: Terminal, app: psutil.Process, number: signal.Signals | None) -> None:
    """Suspend the dashboard, or stop it by a signal, and wait for the shell."""
    if number is None:
        shell.send(SUSPEND)
    else:
        app.send_signal(number)
    eventually(lambda: shell.read() and app.status() == psutil.STATUS_STOPPED)
    shell.until(lambda text: PROMPT in text.partition("Stopped")[2])


@pytest.mark.parametrize("number", [None, signal.SIGTSTP, signal.SIGSTOP], ids=["ctrl+z", "SIGTSTP", "SIGSTOP"])
def test_stopped_and_continued_it_goes_on_and_ends_as_usual(shell: Terminal, number: signal.Signals | None) -> None:
    app = dashboard_of(shell)
    shell.send("p")
    shell.until("Process-1")
    for _ in range(2):
        stop(shell, app, number)
        if number != signal.SIGSTOP:
            # The terminal is the shell's again: the sequences that leave the app are the last ones.
            assert shell.raw.rfind(b"\x1b[?1049l") > shell.raw.rfind(b"\x1b[?1049h")
        shell.screen.reset()
        shell.send("fg\r")
        shell.until(lambda text: "GIL on" in text and "Process-1" in text and "quit" in text)
    shell.send("qq")
    shell.until(PROMPT)
    shell.send("echo status $?; stty -a\r")
    shell.until("status 0")
    shell.until(lambda text: " icanon" in text and " echo " in text)
    assert gone([app])


def test_ended_while_suspended_it_does_not_touch_the_shells_terminal(shell: Terminal) -> None:
    app = dashboard_of(shell)
    family = [app, *app.children(recursive=True)]
    stop(shell, app, None)
    shell.send("kill %1\r")
    before = len(shell.raw)
    eventually(lambda: shell.read() and gone(family))
    shell.send("echo done\r")
    shell.until(lambda text: text.count("done") >= 2)
    assert b"\x1b[?1049" not in shell.raw[before:]


def test_continued_in_the_background_it_waits_for_the_terminal_and_can_be_ended(shell: Terminal) -> None:
    app = dashboard_of(shell)
    family = [app, *app.children(recursive=True)]
    stop(shell, app, None)
    before = len(shell.raw)
    shell.send("bg\r")
    eventually(lambda: shell.read() and app.status() != psutil.STATUS_STOPPED)
    app.terminate()
    eventually(lambda: shell.read() and gone(family))
    assert b"\x1b[?1049" not in shell.raw[before:]


def test_continued_by_nobody_it_goes_on_at_once(terminal: Terminal) -> None:
    before = len(terminal.raw)
    terminal.send(SUSPEND)
    # A key that is pressed before this is discarded with the rest of the input.
    eventually(lambda: terminal.read() and b"\x1b[?1049l" in terminal.raw[before:])
    terminal.send("t")
    terminal.until("Thread-1")
    assert is_raw(terminal)


def test_its_guard_killed_it_still_ends_with_status_0(terminal: Terminal) -> None:
    app = psutil.Process(terminal.pid)
    # A copy of the app.
    guard = next(child for child in app.children() if child.cmdline() == app.cmdline())
    guard.kill()
    terminal.send("q")
    assert terminal.wait() == 0
    assert terminal.restored()


def blocked(pid: int) -> Callable[[], bool]:
    """A condition: the main thread has not run for long; the dashboard's runs ten times a second."""
    last, since = "", 0

    def unchanged() -> bool:
        nonlocal last, since
        now = Path(f"/proc/{pid}/task/{pid}/schedstat").read_text()
        since = since + 1 if now == last else 0
        last = now
        return since >= 40

    return unchanged


@pytest.mark.parametrize("closed", [False, True], ids=["SIGTERM", "closed"])
def test_a_terminal_that_takes_no_output_does_not_keep_it(terminal: Terminal, closed: bool) -> None:
    terminal.send("p")
    terminal.until("Process-1")
    app = psutil.Process(terminal.pid)
    family = [app, *app.children(recursive=True)]
    # Not read from now on: Textual's writer thread, then its main thread, waits for room.
    terminal.send("b" * 40)
    eventually(blocked(terminal.pid))
    if closed:
        os.close(terminal.fd)
        terminal.fd = os.open(os.devnull, os.O_RDONLY)
    else:
        os.kill(terminal.pid, signal.SIGTERM)
    terminal.status = os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1])
    assert terminal.status == 128 + (signal.SIGHUP if closed else signal.SIGTERM)
    eventually(lambda: gone(family))
    if not closed:
        eventually(terminal.restored)
