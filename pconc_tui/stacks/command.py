"""Runs a tool that prints what it has read, and ends."""

from __future__ import annotations

import subprocess

from pconc_tui.stacks.thread_stacks import NoStacksError
from pconc_tui.stop_signal import stop_signal_blocked

TIMEOUT_S = 5


def output_of(command: list[str]) -> bytes:
    """What the command prints. Raises NoStacksError with the first line of what it complains about."""
    try:
        with stop_signal_blocked():
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise NoStacksError(f"{command[0]} took more than {TIMEOUT_S} s") from None
    except OSError as error:
        raise NoStacksError(f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").splitlines()
        raise NoStacksError(next(iter(lines), f"exit status {done.returncode}").removeprefix("Error: "))
    return done.stdout
