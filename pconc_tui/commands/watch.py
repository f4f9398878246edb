"""`pconc-tui watch`: watches a running program, or one that it starts, on the dashboard or for some seconds."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from contextlib import ExitStack, closing
from typing import IO, TYPE_CHECKING, Any

from pconc_tui.commands.arguments import (
    EXIT_INTERRUPTED,
    CommandError,
    add_record_option,
    check_system,
    complain,
    filled,
    number,
    output_width,
    usage_error,
    writing,
)
from pconc_tui.commands.json_fields import WATCH_FIELDS, field_table
from pconc_tui.text.printable import printable_lines

if TYPE_CHECKING:
    from pconc_tui.commands.headless import EarlyEnd
    from pconc_tui.monitor.started_program import StartedProgram
    from pconc_tui.monitor.thread_holds import LongHold
    from pconc_tui.monitor.watch import Watch
    from pconc_tui.recording.recorder import Recorder

FRAME_S = 0.05
"""The time between two polls."""
LAG_NS = 500_000_000
"""What happens, and the stack at a moment, are known so much later at most."""
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(us|µs|ms|s|)")
_UNITS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "": 1.0}


def duration_ns(text: str) -> int:
    """A duration such as `100ms`, `0.1s` or `0.1`, in ns."""
    match = _DURATION.fullmatch(text)
    if match is None or not (seconds := float(match[1]) * _UNITS[match[2]]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration, such as 100ms or 0.5s")
    return round(seconds * 1e9)


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "watch",
        help="watch a running Python program: which thread holds the GIL, and which ones wait",
        usage="%(prog)s [-h] [--seconds S] [--json] [--spans FILE] [--longer-than TIME] [--record FILE]\n"
        "                       (PID | -- COMMAND [ARG ...])",
        description="Watch a running program and all processes below it, or start one and watch it. Nothing in it is "
        "stopped, written to or injected. In a terminal it opens the dashboard; with --seconds, --json, --spans or "
        "--longer-than it prints a summary at the end. A program that was started here ends with this one.",
        epilog=f"fields of --json:\n{field_table(WATCH_FIELDS)}\n\n"
        "exit status: 0 done, that of COMMAND where it has ended, 2 usage error, 130 interrupted by Ctrl+C",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "target", nargs="*", metavar="PID | -- COMMAND", help="a process id, or a command line after --"
    )
    parser.add_argument(
        "--seconds",
        metavar="S",
        type=number(float, 0.1, 1_000_000),
        help="watch for S seconds, then print the summary (default: until the program ends, or Ctrl+C)",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    parser.add_argument(
        "--spans", metavar="FILE", type=filled, help="write the spans of all threads to FILE as JSON lines"
    )
    parser.add_argument(
        "--longer-than",
        metavar="TIME",
        type=duration_ns,
        help="print each time that a thread held the GIL for longer than TIME, such as 100ms, with its stack",
    )
    add_record_option(parser)
    parser.set_defaults(command=_watch)


def _watch(arguments: argparse.Namespace) -> int:
    from pconc_tui.commands.terminal_app import has_terminal

    check_system()
    if sys.platform != "linux":
        raise CommandError("only Linux lets another process be watched")
    target = arguments.target
    if not target:
        return usage_error("watch needs a process id, or a command after --")
    pid = int(target[0]) if len(target) == 1 and target[0].isdecimal() else None
    headless = arguments.seconds or arguments.json or arguments.spans or arguments.longer_than
    if not headless and has_terminal():
        return _dashboard(pid, target, arguments.record)
    return _headless(pid, target, arguments)


def _dashboard(pid: int | None, command: list[str], record: str | None) -> int:
    from pconc_tui.commands.dashboard import open_dashboard
    from pconc_tui.monitor.started_program import StartedProgram
    from pconc_tui.monitor.watch import Watch, not_watched_yet
    from pconc_tui.monitor.watchable import require_watchable
    from pconc_tui.requests import RequestError

    with ExitStack() as stack:
        try:
            program = None
            if pid is None:
                program = StartedProgram(command)
                stack.callback(program.end)
            else:
                require_watchable(pid)
        except RequestError as error:
            return usage_error(str(error))
        return open_dashboard(
            record=record,
            open_controller=lambda: Watch(program.pid if program else pid or 0, program=program),
            before=not_watched_yet(program.pid if program else pid or 0, program is not None),
        )


def _headless(pid: int | None, command: list[str], arguments: argparse.Namespace) -> int:
    from pconc_tui.commands.headless import EarlyEnd
    from pconc_tui.commands.open_recorder import open_recorder
    from pconc_tui.monitor.started_program import StartedProgram
    from pconc_tui.monitor.watch import LONG_HOLD_NS, Watch
    from pconc_tui.requests import RequestError

    recorder = open_recorder(arguments.record)
    with ExitStack() as stack:
        try:
            spans = stack.enter_context(open(arguments.spans, "w", encoding="utf-8")) if arguments.spans else None
        except OSError as error:
            return usage_error(f"can't write {arguments.spans}: {error.strerror}")
        program: StartedProgram | None = None
        try:
            if pid is None:
                # Standard output has the summary only.
                program = StartedProgram(command, sys.stderr)
                stack.callback(program.end)
            watch = Watch(
                program.pid if program else pid or 0,
                history_pieces=None,
                long_hold_ns=arguments.longer_than or LONG_HOLD_NS,
                keep_ended_ns=None,
                program=program,
            )
        except RequestError as error:
            return usage_error(str(error))
        stack.enter_context(closing(watch))
        status = _run(watch, EarlyEnd(None), arguments, spans, recorder)
    recorder.close()
    if recorder.problem:
        complain(recorder.problem)
    return status


def _run(
    watch: Watch, early: EarlyEnd, arguments: argparse.Namespace, spans: IO[str] | None, recorder: Recorder
) -> int:
    from pconc_tui.commands import watch_report

    holds: list[LongHold] = []

    def add_holds(found: list[LongHold]) -> None:
        assert snapshot.program is not None
        for hold in found if arguments.longer_than else ():
            holds.append(hold)
            if not arguments.json:
                print(printable_lines("\n".join(watch_report.hold_lines(hold, snapshot.program.since_ns))), flush=True)

    over_ns: int | None = None
    while True:
        snapshot = watch.poll()
        recorder.add(snapshot)
        assert snapshot.program is not None
        add_holds(watch.take_long_holds(snapshot.now_ns - LAG_NS))
        if arguments.seconds and watch.began_ns is not None:
            over_ns = over_ns or watch.began_ns + round(arguments.seconds * 1e9)
        if snapshot.program.ended:
            over_ns = min(over_ns or snapshot.now_ns + LAG_NS, snapshot.now_ns + LAG_NS)
        if early.problem or (over_ns is not None and snapshot.now_ns >= over_ns):
            break
        time.sleep(FRAME_S)
    add_holds(watch.take_long_holds())
    add_holds(watch.present_long_holds())
    if arguments.json:
        print(json.dumps(watch_report.as_json(snapshot, holds), indent=2))
    else:
        print(printable_lines(watch_report.as_text(snapshot, output_width())), flush=True)
    if spans is not None:
        with writing(spans.name, spans):
            spans.writelines(line + "\n" for line in watch_report.as_spans(snapshot))
    return EXIT_INTERRUPTED if early.interrupted else watch.exit_status
