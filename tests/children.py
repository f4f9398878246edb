"""Processes that functions leave: starts a function, ends the program or a process of it, and finds what lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.process_roles import LAB, SUPERVISOR, WORKER, processes
from tests.support import LONG_S, eventually
from tests.terminal import PROGRAM, Terminal

CODE = Path(__file__).with_name("own_code") / "children.py"
KINDS = tuple(
    line.partition("def ")[2].partition("(")[0] for line in CODE.read_text().splitlines() if line.endswith("(index):")
)
"""The functions, each of which leaves processes of another kind."""
SIGNALS = {"interrupted": signal.SIGINT, "terminated": signal.SIGTERM, "killed": signal.SIGKILL}
KILLED = {"supervisor killed": SUPERVISOR, "controller killed": LAB, "host killed": WORKER}
"""Which process of the program is killed."""
ENDS = ("returned", *SIGNALS, "quit", *KILLED)
"""How a function, the program or a process of it ends."""
LIMIT_S = 2.0
MARK = "CHILDREN_READY"
SHARED_MEMORY = Path("/dev/shm")


def left(
    folder: Path, kind: str, end: str, model: str, python: str = sys.executable, limit_s: float = LIMIT_S
) -> tuple[list[str], str]:
    """What lives on so long after this end, and what the program printed. The folder is used once."""
    ready, complete = folder / "ready", folder / "ready.complete"
    ready.mkdir()
    environment = {MARK: str(ready), "CHILDREN_WAIT": "" if end == "returned" else "1"}
    before = _shared_memory()
    command = [PROGRAM, "run", f"{CODE}:{kind}", "--model", model, "--python", python, "--workers", "1"]
    hung: list[str] = []
    printed = ""
    if end == "quit":
        terminal = Terminal(PROGRAM, f"{CODE}:{kind}", **environment)  # type: ignore[arg-type]
        try:
            terminal.until("GIL o")
            terminal.send({"threads": "t", "processes": "p"}[model])
            terminal.until(lambda _: complete.exists())
            terminal.send("qq")
            terminal.wait()
        finally:
            terminal.close()
    else:
        with subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as program:
            try:
                if end != "returned":
                    eventually(complete.exists)
                    _end(program, end)
                printed, _ = program.communicate(timeout=LONG_S)
            except subprocess.TimeoutExpired:
                hung.append(f"the program, which runs on after {LONG_S} s")
            finally:
                program.kill()
    deadline = time.monotonic() + limit_s
    while (alive := marked(str(ready))) and time.monotonic() < deadline:
        time.sleep(0.02)
    found = hung
    for each in alive:
        try:
            found.append(" ".join(each.cmdline())[:100])
            each.kill()
        except psutil.NoSuchProcess:
            continue
    return found + sorted(_shared_memory() - before), printed


def _end(program: subprocess.Popen[str], end: str) -> None:
    if end in SIGNALS:
        program.send_signal(SIGNALS[end])
        return
    processes(program.pid)[KILLED[end]][0].kill()


def marked(mark: str) -> list[psutil.Process]:
    """The living processes that have inherited this mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _shared_memory() -> set[str]:
    return {f"/dev/shm/{path.name}" for path in SHARED_MEMORY.glob("psm_*")}
