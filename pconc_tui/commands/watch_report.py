"""What `pconc-tui watch` prints at the end: a summary as text or JSON, spans, and long holds of the GIL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pconc_tui.commands.run_json import span_line
from pconc_tui.measurement import LockShares
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text import table, watch_headline
from pconc_tui.text.headline_values import plural
from pconc_tui.text.hold_text import held_for, length
from pconc_tui.text.numbers import UNKNOWN, percent, seconds
from pconc_tui.text.printable import printable
from pconc_tui.text.table import Column
from pconc_tui.timeline.spans import TIMED, Times
from pconc_tui.watched_program import Place, WatchedProgram

if TYPE_CHECKING:
    from pconc_tui.monitor.thread_holds import LongHold

PASSING, MOST_PASSING = 0.2, 8
"""A thread that lived for less of the time has no row of its own, where there are more than so many of these."""
STATES = ("running", "released", "gil_wait", "core_wait", "io", "blocked_with_gil", "lock_wait", "unknown")


BLOCKED = "≈GIL%"
"""The share of time in which a thread was blocked without releasing the GIL; a column where any was."""


def as_text(snapshot: Snapshot, width: int | None) -> str:
    """The program, the headline, and a row for each thread."""
    program = snapshot.program
    assert program is not None
    watched_s = program.watched_s(snapshot.now_ns)
    versions = ", ".join(sorted({each.python for each in program.processes if each.python})) or UNKNOWN
    lines = [
        f"Process {program.pid} {program.ended}" if program.ended else f"Process {program.pid}",
        printable(program.command),
        f"CPython {versions} · lanes: {program.source or UNKNOWN} · watched for {watched_s:.1f} s",
        "",
        watch_headline.summary(snapshot).sentences[0],
    ]
    lines = [line for text in lines for line in table.wrapped(text, width)] + [""]
    several = len({thread.pid for thread in snapshot.workers}) > 1
    left_out = {
        *(() if several else ("PID",)),
        *(() if any(thread.total.blocked_with_gil for thread in snapshot.workers) else (BLOCKED,)),
    }
    shown = [column for column in COLUMNS if column.title not in left_out]
    shown = [*(table.fitting(shown, width, 2) if width else shown)]
    threads, native = python_threads(snapshot)
    lines.append(table.header(shown, 2))
    passing = [thread for thread in threads if not thread.alive and thread.total.wall < PASSING * watched_s]
    passing = passing if len(passing) > MOST_PASSING else []
    lines += [table.row(shown, thread, 2) for thread in threads if thread not in passing]
    if passing:
        ran_s = sum(thread.total.running for thread in passing)
        lines.append(f"{plural(len(passing), 'thread')} that ended soon: {seconds(ran_s)} of running time")
    for found, what in (
        ([thread for thread in native if not is_unknown(thread)], "without Python code"),
        ([thread for thread in native if is_unknown(thread)], "that ended before it was known whether they run Python"),
    ):
        if found:
            cpu_s = sum(thread.cpu_s or 0.0 for thread in found)
            lines.append(f"{plural(len(found), 'thread')} {what}: {seconds(cpu_s)} of CPU time")
    notes = [
        program.source_problem,
        program.functions_problem and f"functions are unknown: {program.functions_problem}",
    ]
    if program.not_shown:
        notes.append(f"{program.not_shown} threads are not shown: there are too many")
    lines += [line for note in notes if note for line in ("", *table.wrapped(note, width))]
    return "\n".join(lines)


def is_unknown(thread: Worker) -> bool:
    """Whether it ended before it was known whether it runs Python code."""
    return thread.thread is not None and thread.thread.python is None


def python_threads(snapshot: Snapshot) -> tuple[list[Worker], list[Worker]]:
    """The threads that run Python code, and the others."""
    python = [each for each in snapshot.workers if each.thread and each.thread.python]
    others = [each for each in snapshot.workers if each not in python]
    return python, others


def _share(part: str) -> Any:
    def value(thread: Worker) -> str:
        total = thread.total
        return percent(getattr(total, part) / total.wall) if total.wall else UNKNOWN

    return value


def _longest(thread: Worker) -> str:
    longest = thread.thread and thread.thread.longest
    if not longest:
        return UNKNOWN
    return f"{length(longest)}{f' in {longest.place}' if longest.place else ''}"


def _now(thread: Worker) -> str:
    if not thread.alive:
        return thread.ending or ""
    if thread.thread and thread.thread.halted:
        return thread.thread.halted
    return str(thread.thread.place) if thread.thread and thread.thread.place else UNKNOWN


COLUMNS: tuple[Column[Worker], ...] = (
    Column("thread", 20, 1, lambda thread: table.cut_name(thread.name, 20), left=True),
    Column("PID", 7, 1, lambda thread: str(thread.pid)),
    Column("run%", 4, 1, _share("running")),
    Column("GIL%", 4, 1, _share("gil_wait")),
    Column("core%", 5, 3, _share("core_wait")),
    Column("I/O%", 4, 2, _share("io_without_gil")),
    Column(BLOCKED, 5, 1, _share("blocked_with_gil")),
    Column("lock%", 5, 2, _share("lock_wait")),
    Column("CPU s", 6, 5, lambda thread: UNKNOWN if thread.cpu_s is None else f"{thread.cpu_s:.2f}"),
    Column("longest hold of the GIL", 34, 4, _longest, left=True),
    Column("now", 28, 4, _now, left=True),
)


def hold_lines(hold: LongHold, since_ns: int) -> Iterator[str]:
    """A long hold, and the functions that the thread was in."""
    at_s = (hold.hold.start_ns - since_ns) / 1e9
    where = f", in {hold.hold.place}" if hold.hold.place else ""
    if not where and hold.mostly:
        where = f"; its stack was not read meanwhile, mostly it is in {hold.mostly} then"
    thread = f"{hold.name} (PID {hold.pid}, TID {hold.tid})"
    yield f"{at_s:8.3f} s  {thread} {held_for(hold.hold)}{where}"
    for place in hold.hold.stack:
        yield f"{'':12}{place.function} {place.file}:{place.line}"


def as_spans(snapshot: Snapshot) -> Iterator[str]:
    """A JSON line for each span of each thread."""
    for thread in snapshot.workers:
        for piece in thread.history:
            for span in piece:
                if span.state in TIMED:
                    yield span_line(thread, span)


def as_json(snapshot: Snapshot, holds: list[LongHold]) -> dict[str, Any]:
    """The summary as an object; `json_fields.WATCH_FIELDS` describes its fields."""
    program = snapshot.program
    assert program is not None
    headline = watch_headline.summary(snapshot)
    return {
        "pid": program.pid,
        "command": program.command,
        "ended": program.ended or None,
        "seconds": program.watched_s(snapshot.now_ns),
        "source": program.source,
        "source_problem": program.source_problem or None,
        "functions_problem": program.functions_problem or None,
        "headline": headline.sentences[0],
        "cores": snapshot.core_count,
        "cores_busy": snapshot.cores_busy,
        "handoffs_per_s": snapshot.handoffs_per_s,
        "switches_per_s": snapshot.switches_per_s,
        "not_shown": program.not_shown,
        **LockShares.fields(program.all_locks),
        "processes": [each.__dict__ for each in program.processes],
        "threads": [_thread(each, program) for each in snapshot.workers],
        "holds": [
            {
                "name": each.name,
                "pid": each.pid,
                "native_id": each.tid,
                **_hold(each.hold, program.since_ns),
                "holds_in": _place(each.mostly),
            }
            for each in holds
        ],
    }


def _thread(thread: Worker, program: WatchedProgram) -> dict[str, Any]:
    watched = thread.thread
    assert watched is not None
    return {
        "name": thread.name,
        "pid": thread.pid,
        "native_id": thread.native_id,
        "python": watched.python,
        "alive": thread.alive,
        "seconds": _seconds(thread.total),
        "cpu_s": thread.cpu_s,
        "handoffs": thread.handoffs,
        "longest_hold": _hold(watched.longest, program.since_ns) if watched.longest else None,
        "holds_in": _place(watched.holds_in),
        "place": _place(watched.place),
        "waits_for": watched.waits_for or None,
        "lost_transitions": thread.lost_transitions,
    }


def _seconds(times: Times) -> dict[str, float]:
    return {state: getattr(times, state) for state in STATES}


def _hold(hold: Any, since_ns: int) -> dict[str, Any]:
    return {
        "at_s": (hold.start_ns - since_ns) / 1e9,
        "seconds": hold.seconds,
        "waited_s": hold.waited_s,
        "is_cut": hold.is_cut,
        "goes_on": hold.goes_on,
        "place": _place(hold.place),
        "stack": [_place(each) for each in hold.stack],
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else place._asdict()
