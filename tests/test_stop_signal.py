"""A process whose threads start processes can always be stopped, as Ctrl+Z does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pconc_tui.python_discovery import NoInterpreterError, query
from pconc_tui.stacks.command import output_of
from pconc_tui.stop_signal import stop_signal_blocked
from tests.support import eventually

STOPS = 40
SPAWNS = """
import os, signal, subprocess, threading, time
from pconc_tui.stop_signal import stop_signal_blocked
def spawn():
    while True:
        with stop_signal_blocked():
            subprocess.run(["true"])
threading.Thread(target=spawn, daemon=True).start()
while True:
    time.sleep(0.003 + time.time_ns() % 7 / 1000)
    os.kill(0, signal.SIGTSTP)
"""
"""Starts one process after another in a thread, and stops its process group again and again, at different moments."""


@pytest.fixture
def shows_blocked(tmp_path: Path) -> Path:
    """A program that prints, into a file too, which signals are blocked in it."""
    program = tmp_path / "python3.14"
    program.write_text(f"#!/bin/sh\nexec grep SigBlk /proc/self/status | tee {tmp_path}/found\n")
    program.chmod(0o755)
    return program


def is_blocked(line: str) -> bool:
    """Whether SIGTSTP is blocked, by this line of the system's status of a process."""
    return int(line.split()[1], 16) >> (signal.SIGTSTP - 1) & 1 == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_threads_of_the_app_start_is_not_stopped_before_it_runs(shows_blocked: Path) -> None:
    assert is_blocked(output_of([str(shows_blocked)]).decode())
    with pytest.raises(NoInterpreterError):
        query(str(shows_blocked))
    assert is_blocked((shows_blocked.parent / "found").read_text())


def test_the_signal_is_blocked_no_longer_than_that() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with stop_signal_blocked():
        assert signal.SIGTSTP in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_a_process_whose_thread_starts_others_stops_whenever_it_is_asked_to() -> None:
    with subprocess.Popen([sys.executable, "-c", SPAWNS], process_group=0) as process:

        def has_stopped() -> bool:
            pid, status = os.waitpid(process.pid, os.WUNTRACED | os.WNOHANG)
            return pid != 0 and os.WIFSTOPPED(status)

        try:
            for _ in range(STOPS):
                eventually(has_stopped)
                os.killpg(process.pid, signal.SIGCONT)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
