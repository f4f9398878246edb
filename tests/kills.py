"""Ends one process of the program at a random moment, then the program as a user would, and finds what that left."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.children import CODE, MARK, SHARED_MEMORY, marked
from tests.process_roles import APP, CHILD, NONE, OTHER, ROLES, TRACKER, WORKER, processes
from tests.support import interpreters
from tests.terminal import PROGRAM, Terminal

CONTINUED, STOPPED, CLOSED = "SIGSTOP, SIGCONT", "SIGSTOP", "closed terminal"
SIGNALS = {each.name: each for each in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
ENDS = (*SIGNALS, CONTINUED, STOPPED, CLOSED)


class Limits(NamedTuple):
    """How long everything may take."""

    left_s: float
    """What the program has started may live so long after it."""
    hang_up_s: float
    """The program may live so long after its terminal was closed."""
    end_s: float
    """The program may take so long to start a worker, and to end when a user has ended it."""


LIMITS = Limits(3, 2, 20)
AGAIN_S = 2.0
"""A user who sees no effect presses the key again after this time."""
CTRL_C, CTRL_Q = "\x03", "\x11"
_DASHBOARDS = ("tt", "pp", "ttpp", "ddaa", "dddaa", "ddddaa", "dddddaa", "5tp", "8t", "8p", "2m", "dm", "pm", "r\r")
"""What is typed into the dashboard."""
_MODELS = ("threads", "processes", "thread-pool", "process-pool", "asyncio")
_KINDS = ("popen_session", "pool_fork", "pool_spawn", "executor", "daemonize", "ignores_signals", "shared_memory")
"""Functions with children of their own."""


class Trial(NamedTuple):
    """What is done in one trial: the same for the same seed, except for what happens to be running then."""

    seed: int
    arguments: tuple[str, ...]
    typed: str
    """Into the dashboard, once it is ready; empty for other commands. `r` and Enter start a comparison."""
    starting: bool
    """Whether the moment is soon after the start, before anything is typed."""
    delay_s: float
    """From there, or from the first worker on, to the signal."""
    end: str
    later_s: float
    """From there to the end by the user, or to SIGCONT."""
    key: str
    """What the user presses."""
    role: float
    """Which of the roles found is chosen, from 0 to 1."""
    process: float
    """Which of its processes."""

    @property
    def shown(self) -> str:
        typed = "" if self.starting or not self.typed else f" < {self.typed!r}"
        return f"{' '.join(self.arguments).replace(str(CODE), CODE.name)}{typed}"


class Result(NamedTuple):
    """What a trial left."""

    trial: Trial
    role: str
    """Of the process that received the signal."""
    problems: list[str]
    ended_s: float
    """From the last thing that was done to the end of the program."""
    left_s: float
    """From there to the end of all that it had started."""


def planned(seed: int) -> Trial:
    """The trial with this seed."""
    chosen = random.Random(seed)
    kind = f"{CODE}:{chosen.choice(_KINDS)}"
    method = chosen.choice(("fork", "spawn", "forkserver"))
    python = chosen.choice(list(interpreters().values()))
    model = chosen.choice(_MODELS)
    typed = ""
    match chosen.choice(("dashboard", "dashboard", "function", "run", "run function", "compare")):
        case "dashboard":
            arguments: tuple[str, ...] = ("dashboard",)
            typed = {"fork": "", "spawn": "f", "forkserver": "ff"}[method] + chosen.choice(_DASHBOARDS)
        case "function":
            arguments, typed = (kind,), chosen.choice("tp")
        case "run":
            scale = chosen.choice(("0.2", "20"))
            arguments = ("run", "cpu-bound", "--model", model, "--scale", scale, "--python", python)
            arguments += ("--start-method", method) if model.startswith("process") else ()
        case "run function":
            arguments = ("run", kind, "--model", chosen.choice(("threads", "processes")), "--python", python)
        case _:
            arguments = ("compare", "cpu-bound", "--workers", "2", "--repeat", "1", "--python", python)
    starting = chosen.random() < 0.2
    return Trial(
        seed,
        arguments,
        typed,
        starting,
        chosen.uniform(0, 1.0 if starting else 1.5),
        chosen.choice(ENDS),
        chosen.uniform(0.05, 1.0),
        # In the comparison's screen, q cancels the comparison, then closes the screen.
        chosen.choice(("q", CTRL_C, CTRL_Q)[typed.endswith("r\r") :]) if typed else CTRL_C,
        chosen.random(),
        chosen.random(),
    )


def run(trial: Trial, limits: Limits = LIMITS) -> Result:
    """Carry it out."""
    with tempfile.TemporaryDirectory(prefix="kills-", dir="/tmp") as folder:
        marks, temporary, home = (Path(folder) / name for name in ("marks", "tmp", "home"))
        for each in (marks, temporary, home):
            each.mkdir()
        mark = str(marks)
        terminal = Terminal(
            PROGRAM, *trial.arguments, columns=100, lines=30,
            **{MARK: mark, "CHILDREN_WAIT": "1", "TMPDIR": str(temporary), "HOME": str(home)},
        )  # fmt: skip
        closed = False
        try:
            _until_moment(terminal, trial, limits)
            used = _Used(mark, temporary)
            role, closed, since_s = _disturb(terminal, trial)
            problems, ended_s, presses = _end(terminal, trial, closed, since_s, limits)
            start = time.monotonic()
            while (left := _left(mark, temporary, used)) and time.monotonic() - start < limits.left_s:
                time.sleep(0.02)
            left_s = time.monotonic() - start
            problems += left
            if not closed:
                problems += _terminal_problems(terminal, limits)
            problems += _status_problems(trial, role, closed, presses, terminal.status)
            if role not in (WORKER, CHILD) and b"Traceback (most recent call last)" in terminal.raw:
                problems.append(f"traceback: {terminal.raw[-600:]!r}")
        finally:
            terminal.close()
            for process in marked(mark):
                with suppress(psutil.Error):
                    process.kill()
    return Result(trial, role, problems, ended_s, left_s)


def _until_moment(terminal: Terminal, trial: Trial, limits: Limits) -> None:
    if not trial.starting:
        if trial.typed:
            terminal.until("GIL o")
        deadline = time.monotonic() + limits.end_s
        next_s = 0.0
        while WORKER not in processes(terminal.pid) and time.monotonic() < deadline and _alive(terminal):
            if time.monotonic() >= next_s:
                # Again after a while: a comparison starts only when all interpreters have been found.
                terminal.send(trial.typed)
                next_s = time.monotonic() + AGAIN_S
            terminal.read()
    _read(terminal, trial.delay_s)


def _disturb(terminal: Terminal, trial: Trial) -> tuple[str, bool, float]:
    """Do what the trial does to one process: its role, whether the terminal is closed, and the time of that."""
    if trial.end == CLOSED:
        _close(terminal)
        return NONE, True, time.monotonic()
    found = processes(terminal.pid)
    # If a function's own tracker is killed, its shared memory stays, as in plain Python.
    roles = sorted(found.keys() - {TRACKER}, key=ROLES.index)
    if not roles:
        return NONE, False, time.monotonic()
    role = roles[int(trial.role * len(roles))]
    process = found[role][int(trial.process * len(found[role]))]
    since_s = time.monotonic()
    with suppress(psutil.NoSuchProcess):
        process.send_signal(SIGNALS.get(trial.end, signal.SIGSTOP))
        if trial.end == CONTINUED or (trial.end == STOPPED and role in (APP, OTHER)):
            _read(terminal, trial.later_s)
            since_s = time.monotonic()
            process.send_signal(signal.SIGCONT)
    return role, False, since_s


def _end(
    terminal: Terminal, trial: Trial, closed: bool, since_s: float, limits: Limits
) -> tuple[list[str], float, int]:
    """End the program unless it ends by itself: what was wrong, how long it took, and how often a key was pressed."""
    if not closed:
        _read(terminal, trial.later_s)
    ends_itself = closed or not _alive(terminal)
    presses = 0
    problems = []
    next_s = time.monotonic()
    if not ends_itself:
        since_s = next_s
    while _alive(terminal):
        now_s = time.monotonic()
        if now_s - since_s > limits.end_s:
            problems.append(f"still running after {limits.end_s:g} s: {_stacks(terminal.pid)}")
            break
        if not closed and now_s >= next_s:
            with suppress(OSError):
                terminal.send(trial.key)
            presses += 1
            next_s = now_s + AGAIN_S
        if closed:
            time.sleep(0.01)
        else:
            terminal.read(0.01)
    ended_s = time.monotonic() - since_s
    if closed and ended_s > limits.hang_up_s:
        problems.append(f"ended {ended_s:.1f} s after its terminal was closed")
    return problems, ended_s, presses


def _read(terminal: Terminal, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and terminal.read(left):
        pass


def _close(terminal: Terminal) -> None:
    os.close(terminal.fd)
    terminal.fd = os.open(os.devnull, os.O_RDONLY)


def _alive(terminal: Terminal) -> bool:
    if terminal.status is None:
        pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        if pid:
            terminal.status = os.waitstatus_to_exitcode(status)
    return terminal.status is None


class _Used:
    """What belongs to one program in a folder that all share: the shared memory that its processes have mapped."""

    def __init__(self, mark: str, temporary: Path) -> None:
        self._labs = [path.name for path in temporary.iterdir()]
        self._mapped = set()
        """Inodes: the names that a semaphore is mapped by and found by differ."""
        for process in marked(mark):
            with suppress(OSError):
                for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines():
                    if f" {SHARED_MEMORY}/" in line:
                        self._mapped.add(int(line.split()[4]))

    def shared_memory(self) -> list[str]:
        """Of that, and of the named semaphores of its labs, what is there now."""
        found = SHARED_MEMORY.iterdir() if SHARED_MEMORY.exists() else ()
        return [path.name for path in found if self._is_own(path)]

    def _is_own(self, path: Path) -> bool:
        with suppress(FileNotFoundError):
            return path.stat().st_ino in self._mapped or any(lab in path.name for lab in self._labs)
        return False


def _left(mark: str, temporary: Path, used: _Used) -> list[str]:
    """What lives on: processes, temporary files, shared memory and named semaphores."""
    found = []
    for process in marked(mark):
        with suppress(psutil.NoSuchProcess):
            found.append(f"process {process.pid} {' '.join(process.cmdline())[-80:]}")
    found += [f"file {path.relative_to(temporary)}" for path in temporary.rglob("*")]
    return found + [f"shared memory {name}" for name in used.shared_memory()]


def _terminal_problems(terminal: Terminal, limits: Limits) -> Iterator[str]:
    deadline = time.monotonic() + limits.left_s
    while time.monotonic() < deadline and not _restored(terminal):
        time.sleep(0.01)
    if termios.tcgetattr(terminal.fd) != terminal.attributes:
        yield "the terminal's settings are not restored"
    if not _restored(terminal):
        yield f"the terminal's modes are not reset: {terminal.raw[-200:]!r}"


def _restored(terminal: Terminal) -> bool:
    terminal.drain()
    if b"\x1b[?1049h" in terminal.raw:
        return terminal.restored()
    return termios.tcgetattr(terminal.fd) == terminal.attributes


def _status_problems(trial: Trial, role: str, closed: bool, presses: int, status: int | None) -> Iterator[str]:
    """An exit status that a shell's user would not expect. None: it still runs, which has been reported."""
    dashboard = trial.arguments[0] not in ("run", "compare")
    # Before a handler is installed, the system ends it.
    by_signal = {name: {-number, 128 + number} for name, number in SIGNALS.items()}
    expected = {0} if dashboard else {0, 1, 130, -signal.SIGINT}
    if closed:
        expected = by_signal["SIGHUP"] | (set() if dashboard else {0, 1})
    elif role == APP and trial.end in SIGNALS:
        expected = by_signal[trial.end] | (set() if dashboard else {0})
    elif role == OTHER and not dashboard:
        # Such as an interpreter that is asked what it is.
        expected |= {2}
    early = dashboard and trial.starting
    late = presses > 1 or (role == APP and trial.end in SIGNALS)
    if trial.key == CTRL_C and presses and (early or late):
        # It has not changed the terminal's settings yet, or no longer does.
        expected |= by_signal["SIGINT"]
    if status is not None and status not in expected:
        yield f"exit status {status}, not one of {sorted(expected)}"


def _stacks(pid: int) -> str:
    waits = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            waits.append(f"{(task / 'comm').read_text().strip()} in {(task / 'wchan').read_text()}")
    return ", ".join(waits)
