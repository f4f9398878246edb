"""The two lines at the top for a program that is watched: what it is, and what is limited or has happened."""

from __future__ import annotations

from pconc_tui.snapshot import Snapshot
from pconc_tui.text.headline_values import plural
from pconc_tui.text.numbers import UNKNOWN
from pconc_tui.text.printable import printable
from pconc_tui.text.table import cut_command
from pconc_tui.text.watch_headline import why_none_runs
from pconc_tui.ui.drawing.lines import BLANK, Line, fit, text, width_of
from pconc_tui.ui.drawing.palette import ALERT, BRIGHT, DIM, TEXT
from pconc_tui.watched_program import WatchedProgram


def parts(program: WatchedProgram, width: int) -> list[Line]:
    """Its id, interpreters, the source of the lanes, and as much of its command line as there is room for."""
    alive = [each for each in program.processes if each.doing != "ended"]
    python = sorted({each.python for each in alive or program.processes if each.python})
    found: list[Line] = [
        (("watching ", DIM), (f"PID {program.pid}", BRIGHT)),
        text(f"CPython {', '.join(python) or UNKNOWN}", TEXT),
        *([text(plural(len(alive), "process"), TEXT)] if len(alive) > 1 else []),
        (("lanes: ", DIM), (program.source or UNKNOWN, TEXT)),
    ]
    room = width - sum(width_of(part) + 3 for part in found) - 32
    if room >= 12:
        found.insert(1, text(cut_command(printable(program.command), room), TEXT))
    return found


def note_line(snapshot: Snapshot, width: int, headline: str = "") -> Line:
    """The most urgent of: it has ended or is stopped, functions are unknown, why there are no better lanes.

    `headline`: what that says of the program's end or stop, which is not said twice.
    """
    program = snapshot.program
    assert program is not None
    if why := why_none_runs(program):
        return BLANK if why == headline else fit(text(f" {why}", ALERT), width)
    halted = next((each for each in program.processes if each.halted), None)
    if halted is not None:
        return fit(text(f" Process {halted.pid} is {halted.halted}: none of its threads runs.", ALERT), width)
    notes = [f"functions are unknown: {program.functions_problem}"] if program.functions_problem else []
    notes += [f"lanes are {program.source}: {program.source_problem}"] if program.source_problem else []
    notes += [f"{plural(program.not_shown, 'thread')} not shown"] if program.not_shown else []
    return fit(text(f" {printable(' · '.join(notes))}", DIM), width)
