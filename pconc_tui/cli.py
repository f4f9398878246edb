"""The command line. Each command imports what it needs when it runs, and only the dashboard imports Textual."""

from __future__ import annotations

import argparse
import errno
import sys
from typing import Any, NoReturn

from pconc_tui import __version__
from pconc_tui.commands import compare, dashboard, doctor, export, listing, notes, replay, run, streams, tour, watch
from pconc_tui.commands.arguments import (
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    CommandError,
    add_record_option,
    complain,
)
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.text.printable import printable


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with status 0 (done), 1 (it failed), 2 (usage error) or 130 (Ctrl+C)."""
    streams.prepare()
    try:
        try:
            status = _run(sys.argv[1:] if argv is None else argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        streams.discard_output()
        status = EXIT_FAILURE
    except (OSError, CommandError) as error:
        streams.discard_output()
        complain(_reason(error))
        status = EXIT_FAILURE
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
    sys.exit(status)


def _run(argv: list[str]) -> int:
    names_one = bool(argv) and names_function(argv[0]) and not argv[0].startswith("-")
    if names_one or (argv and argv[0].partition("=")[0] == "--record"):
        argv = ["dashboard", *argv]
    arguments = _parser().parse_args(argv)
    return int(arguments.command(arguments))


def _reason(error: OSError | CommandError) -> str:
    if isinstance(error, CommandError):
        return str(error)
    if error.errno in (errno.ENOSPC, errno.EBADF, errno.EIO, errno.EFBIG) and error.filename is None:
        return f"can't write to standard output: {error.strerror}"
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)


class _Parser(argparse.ArgumentParser):
    """Reports a usage error in one line, and output that can't be written, which argparse ignores."""

    def _print_message(self, message: str, file: Any = None) -> None:
        (file or sys.stderr).write(message)

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, printable(f"{self.prog}: {message} (see {self.prog} --help)") + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pconc-tui",
        description="Watch the GIL serialize CPU work. Without a command, opens the dashboard; with a function of "
        "yours, module:function or path/to/file.py:function, opens the dashboard with that function chosen.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    add_record_option(parser)  # For its help: `_run` passes it on to the dashboard.
    parser.set_defaults(command=dashboard.dashboard, function=None)
    commands = parser.add_subparsers(metavar="COMMAND")
    for command in (listing, run, compare, watch, tour, notes, replay, export, doctor, dashboard):
        command.add(commands)
    return parser
