"""The processes of a program that is watched, a line each. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.numbers import UNKNOWN
from pconc_tui.text.printable import printable
from pconc_tui.text.table import cut, cut_command
from pconc_tui.ui.drawing.lines import Line, text, wrap_text
from pconc_tui.ui.drawing.palette import BRIGHT, DIM, TEXT
from pconc_tui.watched_program import WatchedProcess

_GIL = {True: "on", False: "off", None: UNKNOWN}


def process_lines(snapshot: Snapshot, width: int) -> list[Line]:
    """Those that live, in the order in which they came."""
    program = snapshot.program
    assert program is not None
    threads = Counter(each.pid for each in snapshot.workers if each.alive)
    alive = [each for each in program.processes if each.doing != "ended"]
    found = [text(_row("PID", "parent", "CPython", "GIL", "threads", "state", "command"), DIM)]
    for each in alive:
        found += _process(each, threads[each.pid], width)
    return found


def _process(process: WatchedProcess, threads: int, width: int) -> Iterator[Line]:
    values = _row(
        *(str(process.pid), str(process.parent or UNKNOWN), process.python or UNKNOWN),
        *(_GIL[process.gil_enabled], str(threads), process.doing, ""),
    )
    values += cut_command(printable(process.command), max(1, width - len(values)))
    yield text(cut(values, width), BRIGHT if process.halted else TEXT)
    if process.problem:
        yield from wrap_text(printable(process.problem), width, DIM)


def _row(pid: str, parent: str, python: str, gil: str, threads: str, state: str, command: str) -> str:
    return f"{pid:>8}  {parent:>8}  {python:<8}  {gil:<4}  {threads:>7}  {state:<8}  {command}"
